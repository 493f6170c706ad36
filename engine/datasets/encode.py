"""Pictures → features: files are read and decoded ahead, while the encoder works on a batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.datasets.cache import FeatureCache, content_key
from engine.door import NotAnImage
from engine.encoder import Encoder
from engine.pixels import Geometry, decode

DECODERS = 2
"""Threads that decode: two keep up with the CNN on two cores."""


@dataclass(frozen=True)
class Prepared:
    """A picture on its way to the encoder.

    Attributes:
        key: Names its content; None where it could not be read.
        vector: Its features, where they are known already.
        pixels: Else what the encoder is to see.
    """

    key: bytes | None = None
    vector: NDArray[np.float16] | None = None
    pixels: NDArray[np.uint8] | None = None


def encode(
    pictures: Sequence[Path | None],
    encoder: Encoder,
    cache: FeatureCache,
    batch: int,
    done: Callable[[int], None],
) -> tuple[list[NDArray[np.float16] | None], int]:
    """Features of pictures.

    Args:
        pictures: A path for each; None where there is no picture.
        batch: Pictures that the encoder sees at a time.
        done: Called with the number of pictures that have passed.

    Returns:
        (F,) for each, None where there is no picture or a broken one; and how many the encoder
        had to look at, the others being in the cache.
    """
    vectors: list[NDArray[np.float16] | None] = [None] * len(pictures)
    waiting: list[tuple[int, bytes, NDArray[np.uint8]]] = []
    looked = 0

    def look() -> None:
        features = encoder.features(np.stack([pixels for _, _, pixels in waiting]))
        half = features.astype(np.float16)  # (B, F)
        for (place, _, _), vector in zip(waiting, half, strict=True):
            vectors[place] = vector
        cache.put({key: vector for (_, key, _), vector in zip(waiting, half, strict=True)})
        waiting.clear()

    prepare = partial(_prepare, geometry=encoder.card.geometry, cache=cache)
    with ThreadPoolExecutor(DECODERS, thread_name_prefix="decode") as pool:
        for place, one in enumerate(_ahead(pool, prepare, pictures, 2 * batch)):
            vectors[place] = one.vector
            if one.key is not None and one.pixels is not None:
                waiting.append((place, one.key, one.pixels))
                looked += 1
            if len(waiting) == batch:
                look()
            done(place + 1)
        if waiting:
            look()
    return vectors, looked


def _prepare(path: Path | None, geometry: Geometry, cache: FeatureCache) -> Prepared:
    if path is None:
        return Prepared()
    try:
        photo = path.read_bytes()
        key = content_key(photo)
        vector = cache.get(key)
        if vector is not None:
            return Prepared(key, vector)
        return Prepared(key, pixels=decode(photo, geometry))
    except (OSError, ValueError, NotAnImage):  # a name may hold what no file's name can
        return Prepared()


def _ahead(
    pool: ThreadPoolExecutor,
    work: Callable[[Path | None], Prepared],
    items: Iterable[Path | None],
    number: int,
) -> Iterator[Prepared]:
    """Results in order, of which at most so many are computed before they are asked for."""
    left = iter(items)
    running: deque[Future[Prepared]] = deque(pool.submit(work, one) for one in islice(left, number))
    try:
        while running:
            yield running.popleft().result()
            running.extend(pool.submit(work, one) for one in islice(left, 1))
    finally:
        for future in running:
            future.cancel()
