"""What runs when: what is done in a chat one after the other, in different chats at once.

An update that waits for its chat's turn holds none of the places to run in, so a chat that floods
the bot delays no other. What looks at photos has places of its own: it waits for files and for the
engine, and nobody's tap waits with it. Of those few at a time get ready, so that a flood of photos
leaves the database and this thread to the taps between them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from storage import Claims, StorageClosed, StorageError

_LOG = logging.getLogger(__name__)
_RUNNING = 64
_LOOKING = 256  # more than an engine takes in, so that it is the engine that says it is full
_READYING = 8
_CLAIM_PAUSE_S = 0.25


@dataclass(eq=False)
class _Hand:
    """Held by what looks at photos, until its first one is being fetched."""

    hands: asyncio.Semaphore
    held: bool = True

    def put_down(self) -> None:
        if self.held:
            self.held = False
            self.hands.release()


_HAND: ContextVar[_Hand | None] = ContextVar("hand", default=None)


def waits() -> None:
    """From here on what runs waits for a photo: the next one may get ready."""
    hand = _HAND.get()
    if hand is not None:
        hand.put_down()


@dataclass(eq=False)
class _Lane:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class ChatLanes:
    """One lane per chat; lanes without updates are dropped.

    Args:
        claims: Where other processes work on the same chats: one at a time does.
    """

    def __init__(self, claims: Claims | None = None) -> None:
        self._claims = claims
        self._lanes: dict[int, _Lane] = {}
        self._places = asyncio.Semaphore(_RUNNING)
        self._looking = asyncio.Semaphore(_LOOKING)
        self._hands = asyncio.Semaphore(_READYING)
        self._running: set[asyncio.Task[Any]] = set()
        self._waited_for: set[asyncio.Task[Any]] = set()
        self._stopping = False

    async def take(self, key: int, coroutine: Awaitable[Any], *, looks: bool = False) -> None:
        """Run something of a chat when its chat's earlier ones are through.

        Args:
            key: The chat.
            coroutine: What to run.
            looks: Whether it looks at photos.
        """
        lane = self._lanes.setdefault(key, _Lane())
        lane.users += 1
        try:
            async with lane.turn, self._claimed(key), self._place(looks):
                await self._run(coroutine)
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # one that never ran would complain
            lane.users -= 1
            if not lane.users:
                del self._lanes[key]

    def busy(self, key: int) -> bool:
        """Whether something of a chat runs, or waits for its turn."""
        return key in self._lanes

    async def lull(self, seconds: float) -> bool:
        """Wait until what has begun to run since the last time has ended, or for so long.

        Returns:
            Whether there was anything.
        """
        new = self._running - self._waited_for
        self._waited_for = set(self._running)
        if new:
            await asyncio.wait(new, timeout=seconds)
        return bool(new)

    async def drain(self, seconds: float) -> None:
        """Begin no update any more, and give those that run some time to end.

        What did not begin or end is still in the inbox.
        """
        self._stopping = True
        if self._running:
            _, late = await asyncio.wait(tuple(self._running), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    @asynccontextmanager
    async def _claimed(self, key: int) -> AsyncIterator[None]:
        """Hold a chat against other processes, as soon as they let go of it."""
        if self._claims is None or self._claims.alone:
            yield
            return
        claim = None
        while claim is None and not self._stopping:
            try:
                claim = await self._claims.claim(key or None)
            except StorageClosed:
                raise
            except StorageError as error:
                _LOG.warning("a chat cannot be claimed, trying again: %s", error)
            if claim is None:
                await asyncio.sleep(_CLAIM_PAUSE_S)
        try:
            yield
        finally:
            if claim is not None:
                await self._claims.release(claim)

    @asynccontextmanager
    async def _place(self, looks: bool) -> AsyncIterator[None]:
        """Hold a place to run in."""
        if not looks:
            async with self._places:
                yield
            return
        async with self._looking:
            await self._hands.acquire()
            hand = _Hand(self._hands)
            before = _HAND.set(hand)
            try:
                yield
            finally:
                _HAND.reset(before)
                hand.put_down()

    async def _run(self, coroutine: Awaitable[Any]) -> None:
        if self._stopping:
            return
        # A task of its own: cancelling it ends the update, and not the library's bookkeeping.
        task = asyncio.ensure_future(coroutine)
        self._running.add(task)
        try:
            await asyncio.wait({task})
            if not task.cancelled():
                task.result()
        except asyncio.CancelledError:  # nobody waits for it any more
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise
        finally:
            self._running.discard(task)
