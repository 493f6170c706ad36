"""Recall after taps: a photo or none, true tags, and the share of the rest that a page brings.

The measure RR@N(k) of the protocol, for every ranker alike, photo by photo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.decoder import Query
from engine.evaluate.figures import Figure, differences, mean, recall
from engine.evaluate.rankers import Ranker
from engine.train.corpus import read_variants
from engine.train.data import PhotoSet

Recalls = Mapping[int, Sequence[float]]
"""Number of taps → recall of each photo that has a tag left after them."""


@dataclass(frozen=True)
class Pair:
    """A photo, or none, and the tags that are true for it, in the spelling that is counted."""

    features: NDArray[np.float32] | None
    tags: tuple[str, ...]


def content_spelling(folder: Path) -> Callable[[str], str]:
    """The one spelling of a Flickr tag: variants first, then a plural's singular."""
    content = _content(folder)
    variants = read_variants(folder.parent)

    def spell(tag: str) -> str:
        tag = variants.get(tag, tag)
        if tag not in content and tag.endswith("s") and tag[:-1] in content:
            return tag[:-1]
        return tag

    return spell


def _content(folder: Path) -> set[str]:
    return set((folder / "content_tags.txt").read_text(encoding="utf-8").split())


def real_pairs(
    photo_set: PhotoSet, least: int = 4, most: int | None = None
) -> tuple[list[Pair], Callable[[str], str]]:
    """Held-back Flickr photos with ``least`` or more content tags, and no more than ``most``."""
    content = _content(photo_set.folder)
    spell = content_spelling(photo_set.folder)
    found = []
    for row in np.flatnonzero(photo_set.held_back).tolist():
        tags = tuple(
            dict.fromkeys(tag for tag in map(spell, photo_set.photos[row].tags) if tag in content)
        )
        if len(tags) >= least and (most is None or len(tags) <= most):
            found.append(Pair(photo_set.features[row].astype(np.float32), tags))
    return found, spell


def recalls(
    ranker: Ranker,
    pairs: Sequence[Pair],
    spell: Callable[[str], str],
    taps: Sequence[int],
    places: int = 10,
    seed: int = 0,
    wrong: bool = False,
) -> dict[int, list[float]]:
    """Share of the remaining true tags in the first places after k random true ones.

    The same tags are accepted whatever the ranker.

    Args:
        wrong: Read another photo's tags in place of the accepted ones, which are left out.
    """
    result = {}
    for number in taps:
        random, other = np.random.default_rng([seed, number]), np.random.default_rng([seed, 99])
        queries, remaining = [], []
        for place, pair in enumerate(pairs):
            order = random.permutation(len(pair.tags))
            accepted = tuple(pair.tags[i] for i in order[:number])
            rest = tuple(pair.tags[i] for i in order[number:])
            if not rest:
                continue
            prefix = _foreign(pairs, place, number, other) if wrong else accepted
            queries.append(Query(pair.features, prefix, places, frozenset(accepted)))
            remaining.append(rest)
        shown = ranker(queries)
        result[number] = [
            recall(page, rest, places, spell) for page, rest in zip(shown, remaining, strict=True)
        ]
    return result


def _foreign(
    pairs: Sequence[Pair], place: int, number: int, random: np.random.Generator
) -> tuple[str, ...]:
    """As many tags of another photo, none of which is true for this one."""
    step = 1 + int(random.integers(max(1, len(pairs) - 1)))
    other = pairs[(place + step) % len(pairs)].tags
    return tuple(tag for tag in other if tag not in pairs[place].tags)[:number]


def columns(found: Recalls) -> dict[str, Figure]:
    """Means under their keys."""
    return {f"rr@10({number})": mean(values) for number, values in found.items()}


def above(found: Recalls, other: Recalls, least: int = 1) -> dict[str, Figure]:
    """Differences, photo by photo, from a number of taps on."""
    return {
        f"rr@10({number})": differences(values, other[number])
        for number, values in found.items()
        if number >= least
    }


def best_of(baselines: Sequence[Recalls]) -> dict[int, Sequence[float]]:
    """The baseline that is best on average, chosen for every number of taps anew."""
    return {
        number: max((one[number] for one in baselines), key=lambda values: mean(values).value)
        for number in baselines[0]
    }
