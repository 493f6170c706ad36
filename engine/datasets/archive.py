"""``features.npz``: a manifest's features in a byte each, row i for its line i."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.encoder import EncoderCard


def write_features(
    path: Path, vectors: Sequence[NDArray[np.floating] | None], card: EncoderCard
) -> None:
    """Write ``low + scale × codes``, and who made it.

    Args:
        vectors: (F,) for each line of the manifest; None where there is nothing to see.
            `engine.train.data.read_missing` names those rows, and reading leaves them out.
        card: Of the encoder.
    """
    missing = np.array([vector is None for vector in vectors], dtype=bool)
    seen = [vector for vector in vectors if vector is not None]
    table = np.stack(seen).astype(np.float32) if seen else np.zeros((1, card.features), np.float32)
    low, high = table.min(0), table.max(0)
    scale = (high - low) / 255
    codes = np.zeros((len(vectors), card.features), dtype=np.uint8)
    steps = (table - low) / np.where(scale > 0, scale, 1)
    codes[~missing] = steps.round().clip(0, 255)[: len(seen)]
    arrays = {
        "codes": codes,
        "low": low,
        "scale": scale,
        "missing": missing,
        "encoder": np.array(card.name),
        "version": np.array(card.version),
    }
    _save(path, arrays)


def copy_features(source: Path, rows: Sequence[int], path: Path) -> None:
    """Write these rows of another such file, bit by bit."""
    with np.load(source) as stored:
        arrays = {name: stored[name] for name in stored.files}
    for name in ("codes", "missing"):
        if name in arrays:
            arrays[name] = arrays[name][rows]
    _save(path, arrays)


def _save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """An old file stays until the new one is whole."""
    fresh = path.with_suffix(".new.npz")
    np.savez(fresh, **arrays)  # type: ignore[arg-type]  # it takes each for `allow_pickle`, too
    fresh.replace(path)
