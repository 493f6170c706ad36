"""Tags alone, without a photo: the model beside EASE, ΣP(j|i) and popularity on held-back posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.decoder import Query, TagDecoder
from engine.evaluate.figures import Figure, mean, pages
from engine.evaluate.report import Line, Section
from engine.evaluate.world import World
from engine.train.items import conditional, ease, incidence, log_popularity
from engine.vocabulary import Vocabulary

Scorer = Callable[[list[list[int]]], NDArray[np.float32]]
"""Prefixes as rows → scores (B, V)."""


def cohort(
    posts: Sequence[Sequence[int]], number: int, seed: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Split each post at random into ``number`` accepted rows and the rest."""
    random = np.random.default_rng([seed, number])
    accepted, rest = [], []
    for post in posts:
        order = random.permutation(len(post))
        accepted.append([post[i] for i in order[:number]])
        rest.append([post[i] for i in order[number:]])
    return accepted, rest


def recall_of_scores(
    scorer: Scorer, posts: Sequence[Sequence[int]], taps: Sequence[int], places: int, seed: int = 0
) -> Mapping[int, Figure]:
    """RR@N(k) of a scorer that is ranked by its scores alone."""
    result = {}
    for number in taps:
        accepted, rest = cohort(posts, number, seed)
        found = []
        for start in range(0, len(posts), 256):
            part = accepted[start : start + 256]
            scores = scorer(part).copy()
            for row, prefix in enumerate(part):
                scores[row, prefix] = -np.inf
            best = np.argpartition(-scores, places, axis=1)[:, :places]
            for row, true in zip(best, rest[start : start + 256], strict=True):
                found.append(len(set(row.tolist()) & set(true)) / len(true))
        result[number] = mean(found)
    return result


def recall_of_pages(
    decoder: TagDecoder,
    posts: Sequence[Sequence[int]],
    taps: Sequence[int],
    places: int,
    seed: int = 0,
) -> Mapping[int, Figure]:
    """RR@N(k) of the ranking that people get."""
    vocabulary: Vocabulary = decoder.vocabulary
    result = {}
    for number in taps:
        accepted, rest = cohort(posts, number, seed)
        shown = pages(
            decoder,
            [Query(None, tuple(vocabulary.tags[i] for i in one), places) for one in accepted],
        )
        result[number] = mean(
            len({vocabulary.index[tag] for tag in page} & set(true)) / len(true)
            for page, true in zip(shown, rest, strict=True)
        )
    return result


def model_scorer(decoder: TagDecoder) -> Scorer:
    """The head's logits without any policy."""

    def score(prefixes: list[list[int]]) -> NDArray[np.float32]:
        tags = decoder.vocabulary.tags
        readings = [decoder.read_prefix([tags[i] for i in prefix]) for prefix in prefixes]
        logits = decoder.logits([None] * len(readings), readings)
        result: NDArray[np.float32] = logits[:, : len(tags)].numpy()
        return result

    return score


def sum_scorer(table: NDArray[np.float32], start: NDArray[np.float32]) -> Scorer:
    """Sum of a table's rows over the prefix; ``start`` where there is none."""

    def score(prefixes: list[list[int]]) -> NDArray[np.float32]:
        rows = [table[prefix].sum(0) if prefix else start for prefix in prefixes]
        return np.stack(rows).astype(np.float32)

    return score


def sections(world: World) -> list[Section]:
    """HARRISON's posts."""
    if "harrison" not in world.posts:
        return []
    posts = world.sample([post for post in world.unseen("harrison") if len(post) >= 6])
    counts = incidence(world.learned("harrison"), len(world.decoder.vocabulary))
    popularity = log_popularity(counts)
    taps = (0, 1, 2, 3, 4, 5)
    scorers = {
        "model, scores alone": model_scorer(world.decoder),
        "popularity": lambda prefixes: np.tile(popularity, (len(prefixes), 1)),
        "ΣP(j|i)": sum_scorer(conditional(counts), popularity),
        "EASE": sum_scorer(ease(counts), popularity),
    }
    rows = {"page": recall_of_pages(world.decoder, posts, taps, 10, world.seed)}
    for name, scorer in scorers.items():
        rows[name] = recall_of_scores(scorer, posts, taps, 10, world.seed)
    lines = [
        Line(name, {f"rr@10({k})": figure for k, figure in found.items()})
        for name, found in rows.items()
    ]
    return [Section("words", "Tags alone: HARRISON's posts", lines)]
