"""Tables as they are written where half precision is more than they need: int8, a scale a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor

from engine.door import CheckpointError

SCALE = "_scale"
"""End of the name under which the scales of a table's rows stand beside it."""

_STEPS = 127  # of a number, either way


def rounded(tensors: Mapping[str, Tensor], names: Collection[str]) -> dict[str, Tensor]:
    """All tensors, those of these names (R, C) as int8 with their (R,) scales in half precision."""
    found = dict(tensors)
    for name in tensors.keys() & set(names):
        scale = (tensors[name].abs().amax(1) / _STEPS + 1e-8).half()
        rows = (tensors[name] / scale.float()[:, None]).round()
        found[name] = rows.clamp(-_STEPS, _STEPS).to(torch.int8)
        found[name + SCALE] = scale
    return found


def restored(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All tensors in float32, the rounded ones as they are used.

    Raises:
        CheckpointError: a table has not one scale for each row.
    """
    found = {name: value.float() for name, value in tensors.items()}
    for name in [name for name, value in tensors.items() if value.dtype == torch.int8]:
        scale = found.pop(name + SCALE, None)
        if scale is None or scale.shape != found[name].shape[:1] or found[name].ndim != 2:
            scales = None if scale is None else tuple(scale.shape)
            raise CheckpointError(f"{name} is {tuple(found[name].shape)}, and has scales {scales}")
        found[name] = found[name] * scale[:, None]
    return found
