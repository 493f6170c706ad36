"""The figures of the field: per class, overall, mAP, and those of HARRISON's paper.

Pure: what is true and what was scored or shown in, figures out, for any manifest with labels or
tags.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.figures import Figure, any_of, mean, recall

DRAWS = 100
"""Samples of photos, drawn with replacement, that standard errors are taken over."""

Table = NDArray[np.float64]


def label_figures(true: Table, scores: Table, k: int, seed: int = 0) -> dict[str, Figure]:
    """C-P, C-R, C-F1, O-P, O-R, O-F1 of the first k labels, mAP and mAP@10.

    Means over classes are over those that occur; F1 is made of the mean precision and recall; a
    class that is never said has a precision of zero.

    Args:
        true: (N, L) 1 where a label is true of a photo.
        scores: (N, L).
        k: Labels said of every photo.
    """
    photos = len(true)
    said = best(scores, k)
    random = np.random.default_rng([seed, 15])
    drawn = random.multinomial(photos, np.full(photos, 1 / photos), DRAWS).astype(np.float64)
    weights = np.concatenate([np.ones((1, photos)), drawn])  # the first row is the figure
    found = {**_rates(weights, true, said), "map": _mean_average_precision(weights, true, scores)}
    figures = {
        name: Figure(float(values[0]), float(values[1:].std(ddof=1)), photos)
        for name, values in found.items()
    }
    return {**figures, "map@10": mean(photo_precision(true, scores, 10))}


def best(scores: Table, k: int) -> Table:
    """1 at the k best labels of each photo."""
    said = np.zeros_like(scores)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    np.put_along_axis(said, order, 1, axis=1)
    return said


def _rates(weights: Table, true: Table, said: Table) -> dict[str, Table]:
    """Precision, recall and F1 over classes and over all, for each row of photos' weights."""
    hits, shown, owned = weights @ (true * said), weights @ said, weights @ true  # (S, L)
    occur = owned > 0
    classes = np.maximum(occur.sum(1), 1)
    c_p = np.where(occur, hits / np.maximum(shown, 1), 0).sum(1) / classes
    c_r = np.where(occur, hits / np.maximum(owned, 1), 0).sum(1) / classes
    o_p = hits.sum(1) / np.maximum(shown.sum(1), 1)
    o_r = hits.sum(1) / np.maximum(owned.sum(1), 1)
    return {
        "c_p": c_p, "c_r": c_r, "c_f1": _harmonic(c_p, c_r),
        "o_p": o_p, "o_r": o_r, "o_f1": _harmonic(o_p, o_r),
    }  # fmt: skip


def _harmonic(one: Table, other: Table) -> Table:
    total = one + other
    result: Table = np.where(total > 0, 2 * one * other / np.where(total > 0, total, 1), 0)
    return result


def _mean_average_precision(weights: Table, true: Table, scores: Table) -> Table:
    """Average precision of each class over the photos, then the mean: (S,)."""
    total, classes = np.zeros(len(weights)), np.zeros(len(weights))
    for label in range(true.shape[1]):
        order = np.argsort(-scores[:, label], kind="stable")
        right = weights[:, order] * true[order, label]  # (S, N)
        own = right.sum(1)
        precision = right.cumsum(1) / np.maximum(weights[:, order].cumsum(1), 1)
        total += (right * precision).sum(1) / np.maximum(own, 1)
        classes += own > 0
    result: Table = total / np.maximum(classes, 1)
    return result


def photo_precision(true: Table, scores: Table, places: int) -> list[float]:
    """AP@N of each photo with a true label: precision at each hit, over the hits that can be."""
    found = []
    order = np.argsort(-scores, axis=1, kind="stable")[:, :places]
    for own, ranked in zip(true, order, strict=True):
        if own.any():
            hits = own[ranked]
            precision = hits.cumsum() / np.arange(1, len(hits) + 1)
            found.append(float((precision * hits).sum() / min(own.sum(), places)))
    return found


def tag_figures(
    true: Sequence[Collection[str]], shown: Sequence[Sequence[str]]
) -> dict[str, Figure]:
    """P@1, R@5 and A@5 as HARRISON reports them: the first right, recall, and any right in five."""
    both = [(own, page) for own, page in zip(true, shown, strict=True) if own]
    return {
        "p@1": mean(any_of(page, own, 1) for own, page in both),
        "r@5": mean(recall(page, own, 5) for own, page in both),
        "a@5": mean(any_of(page, own, 5) for own, page in both),
    }
