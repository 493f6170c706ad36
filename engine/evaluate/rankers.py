"""Whatever fills a page: the ranking that people get, and the baselines that are held against it.

A ranker turns queries into pages of tags. The parts of the protocol know rankers alone, so that
each figure of ours has the same figure of every baseline beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from engine.decoder import Query, TagDecoder
from engine.evaluate.figures import pages
from engine.train.items import bayes, conditional, ease, incidence, log_given, log_popularity

Scores = NDArray[np.float32]

Ranker = Callable[[Sequence[Query]], list[tuple[str, ...]]]
"""Queries → a page of tags each."""

Scorer = Callable[[Sequence[Query], Sequence[list[int]]], Scores]
"""Queries and the rows that their prefixes are read as → scores (B, V)."""

PART = 256


def page_ranker(decoder: TagDecoder) -> Ranker:
    """The ranking that people get."""
    return lambda queries: pages(decoder, queries)


def name_ranker(decoder: TagDecoder) -> Ranker:
    """The surest names of what is in a photo, whatever else people post with it."""

    def rank(queries: Sequence[Query]) -> list[tuple[str, ...]]:
        sights = decoder.scorer.look([query.features for query in queries])
        shown: list[tuple[str, ...]] = []
        for query, sight in zip(queries, sights, strict=True):
            impression = sight.impression if sight else None
            sure = impression.names.certainty if impression else np.zeros(0)
            best = np.argsort(-sure, kind="stable")[: query.k]
            shown.append(tuple(decoder.vocabulary.tags[row] for row in best if sure[row] > 0))
        return shown

    return rank


def score_ranker(decoder: TagDecoder, scorer: Scorer) -> Ranker:
    """Best scores first, without any rule but that chosen and excluded tags are left out."""
    vocabulary = decoder.vocabulary

    def rank(queries: Sequence[Query]) -> list[tuple[str, ...]]:
        shown: list[tuple[str, ...]] = []
        for start in range(0, len(queries), PART):
            part = queries[start : start + PART]
            readings = [decoder.prefixes.read(query.prefix) for query in part]
            scores = scorer(part, [list(reading.rows) for reading in readings]).copy()
            for own, query, reading in zip(scores, part, readings, strict=True):
                own[vocabulary.rows([*reading.tags, *query.exclude])] = -np.inf
                most = min(query.k, len(own))
                best = np.argpartition(-own, most - 1)[:most]
                best = best[np.argsort(-own[best], kind="stable")]
                shown.append(tuple(vocabulary.tags[i] for i in best if np.isfinite(own[i])))
        return shown

    return rank


def unread(ranker: Ranker) -> Ranker:
    """The same, but chosen tags are only left out, not read: the photo alone."""
    return lambda queries: ranker(
        [
            replace(query, prefix=(), exclude=query.exclude | frozenset(query.prefix))
            for query in queries
        ]
    )


def blind(ranker: Ranker) -> Ranker:
    """The same without the photo: tags alone."""
    return lambda queries: ranker([replace(query, features=None) for query in queries])


def model_scorer(decoder: TagDecoder) -> Scorer:
    """Log probabilities of the head, END left out."""

    def score(queries: Sequence[Query], _: Sequence[list[int]]) -> Scores:
        readings = [decoder.prefixes.read(query.prefix) for query in queries]
        sights = decoder.scorer.look([query.features for query in queries])
        logits = decoder.scorer.scores(sights, readings)
        chances = torch.log_softmax(logits[:, : decoder.vocabulary.end], dim=1)
        result: Scores = chances.numpy()
        return result

    return score


def photo_scorer(decoder: TagDecoder) -> Scorer:
    """Log probabilities of the head before any tag is chosen."""
    score = model_scorer(decoder)
    return lambda queries, rows: score([replace(query, prefix=()) for query in queries], rows)


def table_scorer(table: Scores, start: Scores, mean: bool = False, always: bool = False) -> Scorer:
    """Sum of a table's rows over the prefix.

    Args:
        start: (V,) scores where there is no prefix.
        mean: Take the mean of the rows.
        always: Add ``start`` to the sum as well.
    """

    def score(_: Sequence[Query], prefixes: Sequence[list[int]]) -> Scores:
        result = np.tile(start, (len(prefixes), 1))
        for own, prefix in zip(result, prefixes, strict=True):
            if prefix:
                term = table[prefix].mean(0) if mean else table[prefix].sum(0)
                own[:] = own + term if always else term
        return result

    return score


def sum_scorer(first: Scorer, table: Scores, weight: float) -> Scorer:
    """A scorer and, times a weight, the mean of a table's rows over the prefix."""
    second = table_scorer(table, np.zeros(table.shape[1], dtype=np.float32), mean=True)
    return lambda queries, rows: first(queries, rows) + weight * second(queries, rows)


def closed_forms(posts: Sequence[Sequence[int]], size: int) -> Mapping[str, Scorer]:
    """Baselines that posts give in closed form, without a photo.

    Args:
        posts: Known rows of posts that training may see.
        size: V.
    """
    counts = incidence(posts, size)
    popularity = log_popularity(counts)
    nothing = np.zeros((size, size), dtype=np.float32)
    return {
        "popularity": table_scorer(nothing, popularity, always=True),
        "ΣP(j|i)": table_scorer(conditional(counts), popularity),
        "EASE": table_scorer(ease(counts), popularity),
        "naive Bayes": table_scorer(bayes(counts), popularity, always=True),
        "mean log co-occurrence": table_scorer(log_given(counts), popularity, mean=True),
    }
