"""Which updates run when: those of a chat one after the other, those of different chats at once.

An update that waits for its chat's turn holds none of the places to run in, so a chat that floods
the bot delays no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

_WAITING = 100_000  # the inbox lets far fewer in
_RUNNING = 64


@dataclass(eq=False)
class _Lane:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class ChatLanes(BaseUpdateProcessor):
    """One lane per chat; lanes without updates are dropped."""

    def __init__(self) -> None:
        super().__init__(_WAITING)
        self._lanes: dict[int, _Lane] = {}
        self._places = asyncio.Semaphore(_RUNNING)
        self._running: set[asyncio.Task[Any]] = set()
        self._stopping = False

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to free."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Run an update when its chat's earlier ones are through."""
        chat = update.effective_chat if isinstance(update, Update) else None
        user = update.effective_user if isinstance(update, Update) else None
        await self.take(chat.id if chat else user.id if user else 0, coroutine)

    async def take(self, key: int, coroutine: Awaitable[Any]) -> None:
        """Run something of a chat when its chat's earlier ones are through."""
        lane = self._lanes.setdefault(key, _Lane())
        lane.users += 1
        try:
            async with lane.turn, self._places:
                await self._run(coroutine)
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # one that never ran would complain
            lane.users -= 1
            if not lane.users:
                del self._lanes[key]

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
