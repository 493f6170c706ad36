"""``python -m benchmarks.suggestions``: what a page costs of a core, its photo known.

The tag decoder alone, in one thread: without queue, database and Telegram. Photos were asked about
before, as they were when people tap; the tags that they have chosen are those that it suggested.
"""

from __future__ import annotations

import asyncio
import sys
import time

import numpy as np
import torch

from benchmarks.machine import narrow
from benchmarks.pictures import photos
from benchmarks.table import milliseconds, table
from engine import open_recommender
from engine.decoder import Query, TagDecoder
from engine.embeddings import unpack
from engine.encoder import CARD_FILE, EncoderCard
from engine.local import SHIPPED_WEIGHTS

_TIMES = 200


async def _looked_at() -> list[np.ndarray]:
    card = EncoderCard.read(SHIPPED_WEIGHTS / CARD_FILE)
    engine = await open_recommender()
    try:
        images = [await engine.look(photo) for photo in photos()]
    finally:
        await engine.close()
    return [unpack(image, card).astype(np.float32) for image in images]


def _batches(
    features: list[np.ndarray], pages: list[list[str]], size: int, taps: int
) -> list[list[Query]]:
    random = np.random.default_rng(0)
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
    decoder = TagDecoder.load(SHIPPED_WEIGHTS)
    torch.set_num_threads(1)
    first = decoder.suggest([Query(one) for one in features])
    pages = [[item.tag for item in page.items] for page in first]
    rows = []
    for size in (1, 32):
        for taps in (0, 1, 3):
            times = []
            for batch in _batches(features, pages, size, taps):
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
