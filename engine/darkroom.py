"""Threads that decode photos: many small ones at a time, of the heavy ones one."""

from __future__ import annotations

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
        # One at a time, as two would need the memory twice; beside the others, as a small photo
        # is not to wait for it.
        self._heavy = Threads(1, "heavy", BEHIND_TAPS)
        self._observer = observer or Unobserved()

    async def weigh(self, photo: bytes) -> bool:
        """Judge a photo by its header: is it heavy?

        Raises:
            NotAnImage: not a picture (`ImageTooLarge`: too many pixels to decode).
        """
        header = await self._threads.run(partial(pixels.inspect, geometry=self._geometry), photo)
        return header.heavy

    async def develop(
        self, photo: bytes, decode: Callable[[bytes, Geometry], Picture], *, heavy: bool
    ) -> Picture:
        """Decode a photo.

        Args:
            photo: Bytes of a picture file.
            decode: How.
            heavy: What `weigh` said.

        Raises:
            NotAnImage: not a picture (`ImageTooLarge`: too many pixels to decode).
        """
        threads = self._heavy if heavy else self._threads
        work = partial(_and_forget, decode) if heavy else decode
        picture, seconds = await threads.run(partial(_timed, work, self._geometry), photo)
        self._observer.worked("decode", 1, seconds)
        return picture

    def close(self) -> None:
        """Take no more photos; what is being decoded ends by itself."""
        self._threads.close()
        self._heavy.close()


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
