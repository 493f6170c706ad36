"""``python -m benchmarks.precision FOLDER``: whether the CNN suggests the same in half precision.

Looks at pictures below a folder in each runtime and precision, and compares the first ten tags with
those of float32 in OpenVINO.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.table import milliseconds, table
from engine import pixels
from engine.compiled import Compiled
from engine.decoder import Query, TagDecoder
from engine.encoder import Encoder
from engine.local import SHIPPED_WEIGHTS
from engine.precision import BFLOAT16, FLOAT16, FLOAT32

Features = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

_KINDS = {".jpg", ".jpeg", ".png", ".webp"}
_PAGES = 32
_TIMED = 60


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
    decoder: TagDecoder, features: NDArray[np.float32], taps: list[tuple[str, ...]]
) -> list[list[str]]:
    """The first ten tags for each photo after its taps."""
    rounded = features.astype(np.float16).astype(np.float32)  # as embeddings travel
    queries = [Query(one, tapped) for one, tapped in zip(rounded, taps, strict=True)]
    batches = (queries[n : n + _PAGES] for n in range(0, len(queries), _PAGES))
    return [[tag.tag for tag in page.items] for each in batches for page in decoder.suggest(each)]


def _likeness(ones: list[list[str]], others: list[list[str]]) -> str:
    alike = [len({*a} & {*b}) / len({*a} | {*b}) for a, b in zip(ones, others, strict=True)]
    return f"{float(np.mean(alike)):.3f}"


def _time(features: Features, squares: NDArray[np.uint8]) -> str:
    taken = []
    for number in range(_TIMED):
        began = time.perf_counter()
        features(squares[number % len(squares)][None].copy())
        taken.append(time.perf_counter() - began)
    return milliseconds(float(np.median(taken)))


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
    pages: tuple[list[list[str]], list[list[str]]] | None = None
    taps: list[tuple[str, ...]] = [()] * len(squares)
    rows = []
    for name, features in _seers().items():
        seen = np.concatenate([features(squares[n : n + 2]) for n in range(0, len(squares), 2)])
        before = _pages(decoder, seen, [()] * len(squares))
        if pages is None:
            taps = [(page[0],) for page in before]
        after = _pages(decoder, seen, taps)
        pages = pages or (before, after)
        likeness = _likeness(pages[0], before), _likeness(pages[1], after)
        rows.append((name, *likeness, _time(features, squares)))
    heads = ("one core", "first ten alike", "after a tap", "a photo")
    print(table(heads, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
