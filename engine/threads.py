"""Worker threads for work that blocks, so that the event loop never waits for it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

BEHIND_TAPS = 5
"""Niceness of threads that work on photos: on a busy machine a tap, which takes a tenth of the
time, is not to wait for its share of the cores behind them."""


class Threads:
    """A fixed number of threads: one in front of a device, several for decoding.

    Args:
        count: How many.
        name: What they are called.
        nice: How far they step back for the other threads of this process, 0–19.
    """

    def __init__(self, count: int, name: str, nice: int = 0) -> None:
        self._pool = ThreadPoolExecutor(count, name, _step_back, (nice,))

    async def run(self, work: Callable[[Item], Result], item: Item) -> Result:
        """Call ``work(item)`` in a thread.

        Raises:
            Exception: what the work raised. What asyncio's futures refuse to carry
                (StopIteration) or would end the event loop (SystemExit) comes as RuntimeError.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _guarded, work, item)

    def close(self) -> None:
        """Take no more work; what is running ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _step_back(nice: int) -> None:
    """Lower this thread's priority, where threads have one of their own."""
    if nice and sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)


def _guarded(work: Callable[[Item], Result], item: Item) -> Result:
    try:
        return work(item)
    except BaseException as error:
        if isinstance(error, Exception) and not isinstance(error, StopIteration):
            raise
        raise RuntimeError(f"the work was stopped by {error!r}") from error
