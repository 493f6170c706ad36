"""Threads that decode photos: many small ones at a time, of the heavy ones one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from engine import pixels
from engine.door import Observer, Unobserved
from engine.memory import release_freed
from engine.pixels import Geometry
from engine.threads import BEHIND_TAPS, Threads

Picture = TypeVar("Picture")


class Darkroom:
    """Where photos are decoded.

    Args:
        geometry: How the encoder wants them.
        cores: Photos at a time.
        observer: Told how long each took; None for nobody.
    """

    def __init__(self, geometry: Geometry, cores: int, observer: Observer | None = None) -> None:
        self._geometry = geometry
        self._threads = Threads(cores, "decode", BEHIND_TAPS)
        self._observer = observer or Unobserved()
        self._heavy = asyncio.Lock()

    async def develop(self, photo: bytes, decode: Callable[[bytes, Geometry], Picture]) -> Picture:
        """Decode a photo once its header was judged.

        Raises:
            NotAnImage: not a picture (`ImageTooLarge`: too many pixels to decode).
        """
        header = await self._threads.run(partial(pixels.inspect, geometry=self._geometry), photo)
        if not header.heavy:
            return await self._run(decode, photo)
        async with self._heavy:  # one at a time: two would need the memory twice
            return await self._run(partial(_and_forget, decode), photo)

    def close(self) -> None:
        """Take no more photos; what is being decoded ends by itself."""
        self._threads.close()

    async def _run(self, decode: Callable[[bytes, Geometry], Picture], photo: bytes) -> Picture:
        picture, seconds = await self._threads.run(partial(_timed, decode, self._geometry), photo)
        self._observer.worked("decode", 1, seconds)
        return picture


def _timed(
    decode: Callable[[bytes, Geometry], Picture], geometry: Geometry, photo: bytes
) -> tuple[Picture, float]:
    """What decoding gives, and how long it took."""
    began = time.perf_counter()
    picture = decode(photo, geometry)
    return picture, time.perf_counter() - began


def _and_forget(
    decode: Callable[[bytes, Geometry], Picture], photo: bytes, geometry: Geometry
) -> Picture:
    """Decode a heavy picture, and do not keep its memory for a next one."""
    try:
        return decode(photo, geometry)
    finally:
        release_freed()
