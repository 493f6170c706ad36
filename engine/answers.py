"""Jobs through the engine, several at a time, answered in the order in which they came.

Between the command line (`engine.suggest`) and the engine's door.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from engine.door import (
    EngineError,
    ImageEmbedding,
    ImageTooLarge,
    NotAnImage,
    Recommender,
    Suggestions,
)
from engine.jobs import Job

WINDOW = 16
"""Jobs under way at a time: enough to keep the device busy, and no more photos in memory."""

MAX_FILE = 512 << 20
"""Bytes that a photo's file may have."""


@dataclass(frozen=True)
class Answer:
    """A job with its suggestions, or with what went wrong."""

    job: Job
    suggestions: Suggestions | None = None
    error: str | None = None


async def answer_all(
    engine: Recommender, jobs: AsyncIterator[Job], k: int
) -> AsyncGenerator[Answer]:
    """Yield an answer for each job, in order, as soon as it and those before it are done.

    A photo is looked at once, however many jobs name it.

    Raises:
        OSError: the jobs cannot be read to their end.
    """
    album = _Album(engine)
    room = asyncio.Semaphore(WINDOW)
    started: asyncio.Queue[asyncio.Task[Answer] | None] = asyncio.Queue()

    async def start() -> None:
        try:
            async for job in jobs:
                await room.acquire()
                started.put_nowait(asyncio.create_task(album.answer(job, k)))
        finally:
            started.put_nowait(None)

    starting = asyncio.create_task(start())
    try:
        while (task := await started.get()) is not None:
            yield await task
            room.release()
        await starting
    finally:
        starting.cancel()


class _Album:
    """The photos that jobs have named so far, each looked at once."""

    def __init__(self, engine: Recommender) -> None:
        self._engine = engine
        self._looks: dict[str, asyncio.Task[ImageEmbedding]] = {}

    async def answer(self, job: Job, k: int) -> Answer:
        """Answer one job; whatever fails becomes the answer's error."""
        if job.error is not None:
            return Answer(job, error=job.error)
        try:
            place = _place(job.photo)
            if place not in self._looks:
                self._looks[place] = asyncio.create_task(self._look(job.photo))
            image = await self._looks[place]
            return Answer(job, await self._engine.suggest(image, job.prefix, k=k))
        except Exception as error:  # one job must not end the others
            return Answer(job, error=reason(error))

    async def _look(self, photo: str) -> ImageEmbedding:
        return await self._engine.look(await asyncio.to_thread(read_photo, photo))


def _place(photo: str) -> str:
    """One name for a file, however its path is written.

    Raises:
        NotAnImage: no file can have such a name.
    """
    try:
        return os.path.realpath(photo)
    except ValueError as error:
        raise NotAnImage("this cannot be the path of a file") from error


def read_photo(photo: str) -> bytes:
    """Read a photo's file.

    Raises:
        ImageTooLarge: it has more than `MAX_FILE` bytes.
        OSError: it cannot be read.
    """
    with Path(photo).open("rb") as file:
        content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise ImageTooLarge(f"this file has more than {MAX_FILE >> 20} MB")
    return content


def reason(error: Exception) -> str:
    """Say in a sentence why a job failed."""
    if isinstance(error, EngineError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return f"{type(error).__name__}: {error}"
