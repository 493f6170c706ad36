"""``U_I I`` of the photos that were asked about last: a tap does not project its photo again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.cnn_rnn import CnnRnn

MOST = 1024
"""Photos that are remembered, some 8 kB each."""


class Projections:
    """Remembers by the features themselves; what falls out is projected again."""

    def __init__(self, model: CnnRnn) -> None:
        self._model = model
        self._known: OrderedDict[bytes, Tensor] = OrderedDict()

    def of(self, photos: Sequence[NDArray[np.float32]]) -> Tensor:
        """(F,) float32 each → (B, D)."""
        keys = [one.tobytes() for one in photos]
        found = {key: self._known.pop(key, None) for key in keys}
        new = {key: one for key, one in zip(keys, photos, strict=True) if found[key] is None}
        if new:
            terms = self._model.project(torch.from_numpy(np.stack(list(new.values()))))
            found.update(zip(new, terms, strict=True))
        projected = {key: term for key, term in found.items() if term is not None}
        self._known.update(projected)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return torch.stack([projected[key] for key in keys])
