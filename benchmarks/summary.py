"""Many measurements as the few numbers that are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Summary:
    """Seconds, measured ``count`` times."""

    count: int
    median: float
    p95: float
    slowest: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Summary:
        """Summarise measurements.

        Raises:
            ValueError: there are none.
        """
        if not seconds:
            raise ValueError("nothing was measured")
        return cls(
            len(seconds),
            float(np.median(seconds)),
            float(np.percentile(seconds, 95)),
            max(seconds),
        )
