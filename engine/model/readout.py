"""The scores ``U_lᵀ x`` for serving: only what is lit is read.

A ReLU leaves most units of a joint embedding dark, so one photo's scores are the sum of the few
rows of the others. A batch lights nearly all units, but the linear probes, which stand last, lead
to a handful of tags each: their part of the tag embedding is nearly empty.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_SPARSE = 0.05  # a unit that speaks of a smaller share of the tags is kept sparse
_FEW = 2  # photos up to which their units are read one by one


class Readout:
    """``U_l`` by units, the same product."""

    def __init__(self, embedding: Tensor) -> None:
        """Lay out an embedding that does not change any more: (V + 1, D)."""
        self._units = embedding.T.contiguous()  # no copy where it lies so already
        spoken = (embedding != 0).float().mean(0) > _SPARSE
        self._dense = int(spoken.nonzero().max()) + 1 if bool(spoken.any()) else 0
        few = embedding[:, self._dense :]
        spoken_of = (few != 0).any(1)
        self._tags = spoken_of.nonzero().squeeze(1)
        tags, self._from = few[spoken_of].nonzero(as_tuple=True)
        self._weights = few[spoken_of][tags, self._from]
        self._starts = torch.searchsorted(tags, torch.arange(len(self._tags)))

    def __call__(self, joint: Tensor) -> Tensor:
        """(B, D) → (B, V + 1)."""
        if len(joint) <= _FEW:
            return self._lit(joint)
        scores = joint[:, : self._dense] @ self._units[: self._dense]
        if len(self._tags):
            spoken = functional.embedding_bag(
                self._from,
                joint[:, self._dense :].T.contiguous(),
                self._starts,
                mode="sum",
                per_sample_weights=self._weights,
            )
            scores.index_add_(1, self._tags, spoken.T)
        return scores

    def _lit(self, joint: Tensor) -> Tensor:
        photos, units = joint.nonzero(as_tuple=True)
        starts = torch.searchsorted(photos, torch.arange(len(joint)))
        return functional.embedding_bag(
            units, self._units, starts, mode="sum", per_sample_weights=joint[photos, units]
        )
