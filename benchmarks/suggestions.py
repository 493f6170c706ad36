"""``python -m benchmarks.suggestions``: what a page costs of a core, its photo known.

The tag decoder alone, in one thread: without queue, database and Telegram. Photos were asked about
before, as they were when people tap; the tags that they have chosen are those that it suggested.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks.machine import narrow
from benchmarks.pictures import photos
from benchmarks.table import milliseconds, table
from engine import open_recommender
from engine.decoder import Query, TagDecoder
from engine.embeddings import unpack
from engine.encoder import Encoder

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"
_TIMES = 200


async def _looked_at() -> list[np.ndarray]:
    card = Encoder.load(WEIGHTS).card
    engine = await open_recommender()
    try:
        images = [await engine.look(photo) for photo in photos()]
    finally:
        await engine.close()
    return [unpack(image, card).astype(np.float32) for image in images]


def _batches(
    decoder: TagDecoder, features: list[np.ndarray], size: int, taps: int
) -> list[list[Query]]:
    random = np.random.default_rng(0)
    pages = [
        [one.tag for one in page.items] for page in decoder.suggest(list(map(Query, features)))
    ]
    batches = []
    for _ in range(_TIMES):
        batch = []
        for place in random.integers(len(features), size=size).tolist():
            chosen = random.permutation(pages[place])[:taps].tolist()
            batch.append(Query(features[place], tuple(chosen)))
        batches.append(batch)
    return batches


def main() -> int:
    """Measure and print.

    Returns:
        The exit status.
    """
    narrow()
    features = asyncio.run(_looked_at())
    decoder = TagDecoder.load(WEIGHTS)
    torch.set_num_threads(1)
    rows = []
    for size in (1, 32):
        for taps in (0, 1, 3):
            times = []
            for batch in _batches(decoder, features, size, taps):
                start = time.perf_counter()
                decoder.suggest(batch)
                times.append((time.perf_counter() - start) / size)
            median, late = np.percentile(times, [50, 95])
            rows.append((str(size), str(taps), milliseconds(median), milliseconds(late)))
    print(f"{len(features)} photos, {_TIMES} batches a row, one thread.\n")
    print(table(("pages at a time", "tags chosen", "a page, median", "p95"), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
