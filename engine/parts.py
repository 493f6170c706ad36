"""Tensors of a part among those of the whole: under names that begin with the part's."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def put(tensors: Mapping[str, Tensor], beginning: str) -> dict[str, Tensor]:
    """All tensors of a part, under names with its beginning."""
    return {beginning + name: value for name, value in tensors.items()}


def taken(tensors: dict[str, Tensor], beginning: str) -> dict[str, Tensor]:
    """Take tensors out whose names begin so, without that beginning."""
    names = [name for name in tensors if name.startswith(beginning)]
    return {name.removeprefix(beginning): tensors.pop(name) for name in names}
