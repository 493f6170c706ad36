"""In which order tags are asked for: as a set, in a random order, or frequent-first.

Used by `engine.train.sampler`, where a photo's tags are cut into a prefix and what comes next.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ORDERS = ("set", "permutation", "frequency")
"""``set``: any order may have led to the prefix, and all that is left is right. ``permutation``:
the same, but one tag is asked for. ``frequency``: the paper's, most frequent tag first."""


def cut(
    order: str,
    known: NDArray[np.int64],
    amount: NDArray[np.float64],
    length: int,
    random: np.random.Generator,
) -> NDArray[np.int64]:
    """Choose a prefix.

    Args:
        known: Rows of the tags, in any order.
        amount: Weight of each.
        length: Of the prefix.

    Returns:
        Places in ``known``, in the order of reading.
    """
    if not length:
        return np.zeros(0, dtype=np.int64)
    if order == "frequency":  # rows of the vocabulary stand most frequent first
        return np.argsort(known)[:length]
    return random.choice(len(known), length, replace=False, p=amount / amount.sum())


def asked(
    order: str,
    known: NDArray[np.int64],
    amount: NDArray[np.float64],
    rest: NDArray[np.bool_],
    random: np.random.Generator,
) -> NDArray[np.bool_]:
    """Which of the remaining tags the next step asks for.

    Args:
        rest: Those that the prefix does not hold; at least one.

    Returns:
        A part of ``rest``, as a mask of the same shape.
    """
    if order == "set":
        return rest
    left = np.flatnonzero(rest)
    if order == "frequency":
        chosen = left[np.argmin(known[left])]
    else:
        chosen = random.choice(left, p=amount[left] / amount[left].sum())
    mask = np.zeros_like(rest)
    mask[chosen] = True
    return mask
