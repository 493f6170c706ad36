"""Against the long tail: photos and posts with rare tags are drawn more often.

Asked by `engine.train.recipe` for the weights of its `Sampler`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.train.targets import Example

MOST = 20.0
"""An example is drawn at most so many times as often as one of frequent tags alone."""


def rarity(examples: Sequence[Example], size: int, power: float) -> NDArray[np.float64]:
    """Factor of each example: (median count / count of its rarest tag) ^ power, 1 to `MOST`.

    Args:
        size: V.
        power: 0 leaves all as they are, 0.5 is the usual square root, 1 evens tags out.
    """
    rows = [np.concatenate([one.seen[0], one.written]).astype(np.int64) for one in examples]
    counts = np.bincount(np.concatenate(rows), minlength=size)
    usual = float(np.median(counts[counts > 0]))
    least = np.array([counts[one].min() if len(one) else usual for one in rows])
    return np.clip((usual / least) ** power, 1.0, MOST)
