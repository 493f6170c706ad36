"""What was worked out for the photos that were asked about last: a tap does not do it again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MOST = 1024
"""Photos that are remembered, some 36 kB each."""

T = TypeVar("T")


class Remembered(Generic[T]):
    """Remembers by the features themselves; what falls out is worked out again."""

    def __init__(self, work: Callable[[Tensor], Sequence[T]]) -> None:
        """Take what works it out: (B, F) float32 → one each."""
        self._work = work
        self._known: OrderedDict[bytes, T] = OrderedDict()

    def of(self, photos: Sequence[NDArray[np.float32]]) -> list[T]:
        """(F,) float32 each → one each."""
        keys = [one.tobytes() for one in photos]
        new = {key: one for key, one in zip(keys, photos, strict=True) if key not in self._known}
        if new:
            found = self._work(torch.from_numpy(np.stack(list(new.values()))))
            self._known.update(zip(new, found, strict=True))
        result = [self._known[key] for key in keys]
        for key in keys:
            self._known.move_to_end(key)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return result
