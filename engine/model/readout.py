"""The scores ``U_lᵀ x`` with the units that speak of few tags kept sparse, for serving.

Linear probes each lead to a handful of tags: a third of the tag embedding is nearly empty.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

_SPARSE = 0.05  # a unit that speaks of a smaller share of the tags is kept sparse


class Readout:
    """``U_l`` split in two, the same product."""

    def __init__(self, embedding: Tensor) -> None:
        """Split an embedding that does not change any more: (V + 1, D)."""
        spoken = (embedding != 0).float().mean(0)
        self._units = (spoken > _SPARSE).nonzero().flatten()
        self._dense = embedding[:, self._units].contiguous()
        few = embedding * (spoken <= _SPARSE)
        self._tags, self._from = few.nonzero(as_tuple=True)
        self._weights = few[self._tags, self._from]

    def __call__(self, joint: Tensor) -> Tensor:
        """(B, D) → (B, V + 1)."""
        scores = functional.linear(joint[:, self._units], self._dense)
        return scores.index_add_(1, self._tags, joint[:, self._from] * self._weights)
