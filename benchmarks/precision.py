"""``python -m benchmarks.precision FOLDER``: whether the CNN suggests the same in half precision.

Looks at pictures below a folder in each runtime and precision, and compares the first ten tags with
those of float32 in OpenVINO.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.engines.bare import median_seconds
from benchmarks.table import milliseconds, table
from engine import pixels
from engine.compiled import Compiled
from engine.decoder import Query, TagDecoder
from engine.encoder import Encoder
from engine.evaluate.figures import pages
from engine.evaluate.words import jaccard
from engine.local import SHIPPED_WEIGHTS
from engine.precision import BFLOAT16, FLOAT16, FLOAT32

Features = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

_KINDS = {".jpg", ".jpeg", ".png", ".webp"}
_SECONDS = 2.0


def _seers() -> dict[str, Features]:
    """All runtimes and precisions, the reference first; each on one core."""
    torch.set_num_threads(1)
    cpu = torch.device("cpu")
    seers: dict[str, Features] = {}
    for precision in (FLOAT32, FLOAT16, BFLOAT16):
        compiled = Compiled(Encoder.load(SHIPPED_WEIGHTS, cpu), 1, precision)
        seers[f"OpenVINO, {compiled.precision}"] = compiled.features
    for precision in (FLOAT32, FLOAT16, BFLOAT16):
        encoder = Encoder.load(SHIPPED_WEIGHTS, cpu)
        encoder.compute_in(precision)
        seers[f"PyTorch, {precision}"] = encoder.features
    return seers


def _pages(
    decoder: TagDecoder, features: NDArray[np.float32], taps: Sequence[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """The first ten tags for each photo after its taps."""
    rounded = features.astype(np.float16).astype(np.float32)  # as embeddings travel
    return pages(decoder, [Query(*one) for one in zip(rounded, taps, strict=True)])


def _likeness(ones: Sequence[tuple[str, ...]], others: Sequence[tuple[str, ...]]) -> str:
    alike = [jaccard(set(one), set(other)) for one, other in zip(ones, others, strict=True)]
    return f"{float(np.mean(alike)):.3f}"


def main() -> int:
    """Look, compare and print.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures below it, in folders of any depth")
    parser.add_argument("--photos", type=int, default=600, help="as many of them, drawn by chance")
    arguments = parser.parse_args()
    files = sorted(f for f in arguments.folder.rglob("*") if f.suffix.lower() in _KINDS)
    random.Random(0).shuffle(files)
    if not files:
        print(f"no picture below {arguments.folder}", file=sys.stderr)
        return 1
    decoder = TagDecoder.load(SHIPPED_WEIGHTS)
    geometry = Encoder.load(SHIPPED_WEIGHTS).card.geometry
    chosen = files[: arguments.photos]
    squares = np.stack([pixels.decode(file.read_bytes(), geometry) for file in chosen])
    alone = [square[None] for square in squares]
    rows, exact = [], None
    for name, features in _seers().items():
        seen = np.concatenate([features(squares[n : n + 2]) for n in range(0, len(squares), 2)])
        before = _pages(decoder, seen, [()] * len(squares))
        if exact is None:
            taps = [(page[0],) for page in before]
            exact = before, _pages(decoder, seen, taps)
        likeness = map(_likeness, exact, (before, _pages(decoder, seen, taps)))
        rows.append((name, *likeness, milliseconds(median_seconds(features, alone, _SECONDS))))
    heads = ("one core", "first ten alike", "after a tap", "a photo")
    print(table(heads, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
