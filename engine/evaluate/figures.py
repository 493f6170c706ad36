"""One measured number with its error, and how pages of suggestions are counted.

Pure helpers of the protocol; the other modules of this package say what is true for a photo.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.decoder import Query, TagDecoder

BATCH = 64


@dataclass(frozen=True)
class Figure:
    """A mean over photos or posts.

    Attributes:
        error: Standard error of the mean.
        number: How many it was taken over.
    """

    value: float
    error: float
    number: int


def mean(values: Iterable[float]) -> Figure:
    """Mean, standard error and number; zero over nothing."""
    array = np.asarray(list(values), dtype=np.float64)
    if not len(array):
        return Figure(0.0, 0.0, 0)
    error = float(array.std(ddof=1) / np.sqrt(len(array))) if len(array) > 1 else 0.0
    return Figure(float(array.mean()), error, len(array))


def differences(values: Iterable[float], others: Iterable[float]) -> Figure:
    """Mean of the differences, photo by photo."""
    return mean(one - other for one, other in zip(values, others, strict=True))


def pages(decoder: TagDecoder, queries: Sequence[Query]) -> list[tuple[str, ...]]:
    """Tags of each page, by the ranking that people get."""
    result: list[tuple[str, ...]] = []
    for start in range(0, len(queries), BATCH):
        answers = decoder.suggest(queries[start : start + BATCH])
        result += [tuple(item.tag for item in answer.items) for answer in answers]
    return result


def any_of(page: Sequence[str], right: Collection[str], places: int) -> float:
    """1 where one of the first places holds a right tag."""
    return float(any(tag in right for tag in page[:places]))


def count_of(page: Sequence[str], tags: Collection[str], places: int) -> float:
    """How many of the first places hold one of these tags."""
    return float(sum(tag in tags for tag in page[:places]))


def recall(
    page: Sequence[str],
    remaining: Collection[str],
    places: int,
    spelling: Callable[[str], str] = str,
) -> float:
    """Share of the remaining true tags among the first places, spellings made one."""
    shown = {spelling(tag) for tag in page[:places]}
    return len(shown & set(remaining)) / len(remaining)
