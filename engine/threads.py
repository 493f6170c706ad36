"""Worker threads for work that blocks, so that the event loop never waits for it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
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


async def aside(work: Callable[[], Result]) -> Result:
    """Call something that may never return, in a thread that nobody waits for.

    Asyncio's own threads keep the process until they end. This one is left behind when its caller
    is cancelled, and goes with the process; not before, as Linux ends with a thread the processes
    that it has started, if they wish so (Ray's do).

    Raises:
        Exception: what the work raised.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result] = loop.create_future()

    def tell(tells: Callable[[], None]) -> None:
        if not answer.done():
            tells()

    def run() -> None:
        try:
            tells = partial(answer.set_result, _guarded(lambda _: work(), None))
        except Exception as error:
            tells = partial(answer.set_exception, error)
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, tells)
        threading.Event().wait()

    threading.Thread(target=run, name="aside", daemon=True).start()
    return await answer


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
