"""What ``suggest`` is asked, and how its questions are read: photos named on the command line,
or a stream of JSON Lines.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

AHEAD = 64
"""Lines that are read before they are asked for."""


@dataclass(frozen=True)
class Job:
    """A photo to tag.

    Attributes:
        photo: Its path. In a broken job, whatever stood there, to be echoed.
        prefix: Tags chosen so far.
        error: What is wrong with the job itself, if anything.
    """

    photo: Any
    prefix: tuple[str, ...] = ()
    error: str | None = None


def parse_job(line: bytes, prefix: Sequence[str] = ()) -> Job:
    """Read one line, ``{"photo": path, "prefix": ["beach"]}``.

    Args:
        line: UTF-8 JSON.
        prefix: For a job that brings none.

    Returns:
        The job. One that cannot be understood says so in ``error``; nothing is raised.
    """
    try:
        job = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Job(None, error="this job is not UTF-8 text")
    except (ValueError, RecursionError) as error:
        return Job(None, error=f"this job is not JSON: {error}")
    if not isinstance(job, dict):
        return Job(None, error='a job looks like {"photo": "a.jpg", "prefix": ["beach"]}')
    photo, words = job.get("photo"), job.get("prefix", list(prefix))
    if not isinstance(photo, str) or not photo:
        return Job(photo, error='the job\'s "photo" must be the path of a picture')
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return Job(photo, error='the job\'s "prefix" must be a list of words')
    return Job(photo, tuple(words))


async def read_jobs(stream: IO[bytes], prefix: Sequence[str] = ()) -> AsyncIterator[Job]:
    """Yield the jobs of a stream as they arrive; empty lines are skipped.

    The stream is read in a daemon thread: one that waits for a terminal or a pipe must not
    keep the process alive.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | OSError | None] = asyncio.Queue(AHEAD)

    def put(line: bytes | OSError | None) -> None:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    def read() -> None:
        with suppress(RuntimeError):  # the loop is gone: so is the need to read on
            try:
                for line in stream:
                    put(line)
            except OSError as error:
                put(error)
            put(None)

    threading.Thread(target=read, name="jobs", daemon=True).start()
    while (line := await lines.get()) is not None:
        if isinstance(line, OSError):
            raise line
        if line.strip():
            yield parse_job(line, prefix)


async def jobs_of(photos: Sequence[str], prefix: Sequence[str]) -> AsyncIterator[Job]:
    """Yield one job for each photo of the command line."""
    for photo in photos:
        yield Job(photo, tuple(prefix))
