"""From the inbox to the desk: a chat's updates in the order of their arrival, one by one.

Where several processes share the inbox, whoever has claimed a chat handles its updates, also
those that came in elsewhere, and keeps it until its answers have arrived, so that no older answer
comes after a newer one. The others tell it when they have something for it, and take over what a
process that was killed has left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from telegram import Update

from bot.albums import Albums
from bot.desk import Desk, Outcome
from bot.ledger import Ledger, Started
from bot.outbox import Outbox
from bot.processor import ChatLanes
from storage import Claim, Claims, StorageClosed, StorageError

_LOG = logging.getLogger(__name__)
_CHATS = 512
_WATCH_S = 2.0
_AGAIN_S = 2.0  # after the database refused; longer each time
_MARK_S = 0.25  # an answer that Telegram takes its time for does not keep an update unfinished


class Turns:
    """Hands out the updates of the inbox.

    Args:
        ledger: The inbox.
        claims: Which chats are this process's.
        lanes: Run one update of a chat at a time.
        outbox: Says when a chat's answers have arrived.
        desk: Handles them.
        albums: What has been handled, and is shown later.
    """

    def __init__(
        self,
        ledger: Ledger,
        claims: Claims,
        lanes: ChatLanes,
        outbox: Outbox,
        desk: Desk,
        albums: Albums,
    ) -> None:
        self._ledger = ledger
        self._claims = claims
        self._lanes = lanes
        self._outbox = outbox
        self._desk = desk
        self._albums = albums
        self._bells: dict[int | None, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False

    async def arrived(self, update: Update, body: str, chat_id: int | None) -> None:
        """Write an update down, and have it handled.

        Args:
            update: As it has been read.
            body: What it says, as JSON.
            chat_id: Whose it is: a chat, or the person where it comes from no chat.

        Raises:
            StorageError: it cannot be written down.
        """
        if self._stopped or chat_id in self._bells or not self._claims.alone:
            if await self._ledger.receive(update, body, chat_id):
                self.ring(chat_id)
            return
        # Nobody else works on the chat: it is begun as it is written down.
        bell = self._bells[chat_id] = asyncio.Event()
        first = None
        try:
            # What else runs in the chat may change what a step's scene holds.
            asked = None if self._lanes.busy(chat_id or 0) else self._desk.asked(update)
            first = await self._ledger.admit(update, body, chat_id, asked)
        finally:
            if first is not None or bell.is_set():
                self._start(self._serve(chat_id, bell, first))
            else:
                del self._bells[chat_id]

    def ring(self, chat_id: int | None) -> None:
        """There is something of this chat (or person) in the inbox."""
        if self._stopped:
            return
        bell = self._bells.get(chat_id)
        if bell is None:
            bell = self._bells[chat_id] = asyncio.Event()
            self._start(self._serve(chat_id, bell))
        bell.set()

    async def watch(self) -> None:
        """Look every few seconds for what an earlier run, or a killed process, has not finished."""
        while True:
            try:
                room = max(0, _CHATS - len(self._bells))
                for chat_id in await self._ledger.chats(room):
                    self.ring(chat_id)
                await self._ledger.finish([])  # what could not be marked when it was done
                await self._albums.show_left()
            except StorageClosed:
                return
            except StorageError as error:
                _LOG.warning("the inbox cannot be read: %s", error)
            await asyncio.sleep(_WATCH_S)

    def stop(self) -> None:
        """Begin no further update."""
        self._stopped = True

    async def close(self) -> None:
        """Put back what was begun and not finished, and let go of every chat."""
        self.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._ledger.put_back()
        except StorageError as error:
            _LOG.warning("what was begun counts as begun: %s", error)
        await self._claims.close()

    def _start(self, serving: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(serving)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(
        self, chat_id: int | None, bell: asyncio.Event, first: Started | None = None
    ) -> None:
        """Handle what waits of a chat, if this process can have it.

        Args:
            chat_id: The chat.
            bell: Rings when more of it comes.
            first: What has been begun already.
        """
        try:
            while (first is not None or bell.is_set()) and not self._stopped:
                if first is None:
                    bell.clear()
                claim = await self._claims.claim(chat_id)
                if claim is None:
                    await self._claims.call(chat_id)
                    continue
                try:
                    await self._work(chat_id, bell, claim, first)
                finally:
                    first = None
                    await self._claims.release(claim)
                # Whoever came a moment ago with something new found the chat taken.
                if not self._claims.alone and await self._ledger.waits(chat_id):
                    bell.set()
        except StorageError as error:
            _LOG.warning("the inbox is out of order, trying again: %s", error)
        finally:
            del self._bells[chat_id]

    async def _work(
        self, chat_id: int | None, bell: asyncio.Event, claim: Claim, started: Started | None
    ) -> None:
        """Handle what waits of a chat, and in company what comes before its answers arrive."""
        done: list[int] = []
        try:
            while not self._stopped and self._claims.holds(claim):
                if started is None:
                    bell.clear()
                    started = await self._ledger.begin(chat_id, done)
                more = started is not None and started.begun.more
                if started is not None and self._claims.holds(claim):
                    looks = self._desk.looks(started)
                    if self._lanes.busy(chat_id or 0):
                        started = replace(started, event=None)
                    await self._lanes.take(chat_id or 0, self._run(started, done), looks=looks)
                    if not self._ledger.kept(started):  # nothing of its chat goes before it
                        await asyncio.sleep(_AGAIN_S * started.begun.update.attempts)
                        more = True
                started = None
                if more or bell.is_set() or await self._called_back(chat_id, bell, _MARK_S):
                    continue
                await self._ledger.finish(done)
                if self._claims.alone or not await self._called_back(chat_id, bell):
                    return
        finally:
            await self._ledger.finish(done)

    async def _called_back(
        self, chat_id: int | None, bell: asyncio.Event, seconds: float | None = None
    ) -> bool:
        """Wait until all answers have arrived, or for so long; True where there is new work
        before that."""
        arrived = asyncio.create_task(self._outbox.settled(chat_id or 0))
        rung = asyncio.create_task(bell.wait())
        try:
            await asyncio.wait(
                {arrived, rung}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            arrived.cancel()
            rung.cancel()
        return bell.is_set()

    async def _run(self, started: Started, done: list[int]) -> None:
        """Handle one update."""
        number = started.begun.update.update_id
        self._ledger.keep(started)
        try:
            match await self._desk.handle(started):
                case Outcome.DONE:
                    done.append(number)
                case Outcome.AGAIN:
                    self._ledger.let_go(started)
        except Exception:
            _LOG.exception("update %d is kept for the next start", number)
