"""What leaves the bot: in order within a chat, as fast as Telegram allows, and until it arrives.

Telegram counts edits like messages. So an edit that still waits when a newer one of the same
message comes is replaced by it: a person who taps fast sees the last state soon. Where all chats
together have more to say than Telegram takes, messages wait for each other and edits for edits:
whoever taps sees what follows while a hundred photos wait for their first answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter

from bot.bucket import Bucket, Rate

_LOG = logging.getLogger(__name__)
_REFUSALS_LIMIT = 8
_LONGEST_PAUSE = 15.0

_CHAT = Rate(per_second=1, burst=8)
_GROUP = Rate(per_second=20 / 60, burst=8)
_OVERALL = Rate(per_second=30, burst=30)

Call = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Limits:
    """How fast messages and edits may leave (Telegram's own limits, with its short bursts)."""

    chat: Rate = field(default=_CHAT)
    group: Rate = field(default=_GROUP)
    overall: Rate = field(default=_OVERALL)


@dataclass(eq=False)
class _Job:
    call: Call
    key: Hashable
    futures: list[asyncio.Future[Any]]
    tries: int = 0


@dataclass(eq=False)
class _Lane:
    bucket: Bucket
    jobs: deque[_Job] = field(default_factory=deque)
    worker: asyncio.Task[None] | None = None


class Outbox:
    """One queue per chat; only messages and edits go through it.

    Args:
        limits: How fast.
        posted: Told of everything that is on its way.
    """

    def __init__(
        self, limits: Limits, posted: Callable[[asyncio.Future[Any]], None] | None = None
    ) -> None:
        self._limits = limits
        self._posted = posted
        self._lanes: dict[int, _Lane] = {}
        self._overall = Bucket(limits.overall, 0.0)
        self._halted_until = 0.0
        self._message = asyncio.Lock()  # one message at a time waits among the edits
        self._leaving = asyncio.Lock()

    def post(self, chat_id: int, call: Call, *, key: Hashable = None) -> asyncio.Future[Any]:
        """Queue a call.

        Args:
            chat_id: Whose queue.
            call: Makes the request; called again when it has to be tried again.
            key: Of an edit: it takes the place of one that waits under the same key.

        Returns:
            Done when the call, or the one that took its place, has arrived. It raises what
            Telegram refused for good.
        """
        lane = self._lane(chat_id)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting = _same(lane, key)
        if waiting is None:
            lane.jobs.append(_Job(call, key, [future]))
        else:
            waiting.call = call
            waiting.futures.append(future)
        if self._posted is not None:
            self._posted(future)
        if lane.worker is None:
            lane.worker = asyncio.create_task(self._work(lane))
        return future

    def halt(self, seconds: float) -> None:
        """Let nothing leave for a while: Telegram asked for it."""
        self._halted_until = max(self._halted_until, _now() + seconds)

    async def settled(self, chat_id: int) -> None:
        """Wait until nothing of a chat is on its way."""
        while (lane := self._lanes.get(chat_id)) is not None and lane.worker is not None:
            await asyncio.wait({lane.worker})

    async def drain(self, seconds: float) -> None:
        """Give what waits some time to leave, then drop the rest."""
        workers = [lane.worker for lane in self._lanes.values() if lane.worker is not None]
        if workers:
            await asyncio.wait(workers, timeout=seconds)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        for lane in self._lanes.values():
            for job in lane.jobs:
                _settle(job, error=asyncio.CancelledError())
        self._lanes.clear()

    def _lane(self, chat_id: int) -> _Lane:
        lane = self._lanes.get(chat_id)
        if lane is None:
            now = _now()
            idle = [
                key for key, one in self._lanes.items() if not one.worker and one.bucket.full(now)
            ]
            for key in idle:
                del self._lanes[key]
            rate = self._limits.chat if chat_id > 0 else self._limits.group
            lane = self._lanes[chat_id] = _Lane(Bucket(rate, now))
        return lane

    async def _work(self, lane: _Lane) -> None:
        try:
            while lane.jobs:
                await self._turn(lane)
                job = lane.jobs.popleft()
                try:
                    await self._try(lane, job)
                except asyncio.CancelledError as error:
                    _settle(job, error=error)
                    raise
        finally:
            lane.worker = None

    async def _turn(self, lane: _Lane) -> None:
        """Wait until the first call of a chat may leave."""
        await _until(lane.bucket.wait)
        if lane.jobs[0].key is not None:
            await self._leave(lane)
            return
        async with self._message:
            await self._leave(lane)

    async def _leave(self, lane: _Lane) -> None:
        async with self._leaving:
            await _until(lambda now: max(self._halted_until - now, self._overall.wait(now)))
            now = _now()
            lane.bucket.take(now)
            self._overall.take(now)

    async def _try(self, lane: _Lane, job: _Job) -> None:
        try:
            _settle(job, result=await job.call())
        except RetryAfter as error:
            self.halt(asked_pause(error))
            _LOG.warning("Telegram asks for a pause of %.0f s", asked_pause(error))
            _put_back(lane, job)
        except (BadRequest, Forbidden, ChatMigrated) as error:
            _settle(job, error=error)
        except NetworkError as error:
            job.tries += 1
            # An API that cannot be reached will be one day; one that refuses may never relent.
            if not isinstance(error.__cause__, httpx.HTTPError) and job.tries >= _REFUSALS_LIMIT:
                _settle(job, error=error)
                return
            _LOG.warning("Telegram cannot be reached (%s), trying again", type(error).__name__)
            _put_back(lane, job)
            await asyncio.sleep(min(_LONGEST_PAUSE, 0.2 * 2**job.tries))
        except Exception as error:
            _settle(job, error=error)


def _same(lane: _Lane, key: Hashable) -> _Job | None:
    return None if key is None else next((job for job in lane.jobs if job.key == key), None)


def _put_back(lane: _Lane, job: _Job) -> None:
    newer = _same(lane, job.key)
    if newer is None:
        lane.jobs.appendleft(job)
    else:
        newer.futures += job.futures


def _settle(job: _Job, *, result: Any = None, error: BaseException | None = None) -> None:
    for future in job.futures:
        if future.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        elif error is not None:
            future.set_exception(error)
            future.exception()  # whoever waits gets it; nobody has to
        else:
            future.set_result(result)


async def _until(wait: Callable[[float], float]) -> None:
    """Sleep until there is nothing to wait for, seconds by the clock."""
    while True:
        pause = wait(_now())
        if pause <= 0:
            return
        await asyncio.sleep(pause)


def asked_pause(error: RetryAfter) -> float:
    """Seconds that Telegram asks to wait."""
    given = error.retry_after
    return float(given if isinstance(given, int | float) else given.total_seconds())


def _now() -> float:
    return asyncio.get_running_loop().time()
