"""From the inbox to the desk: a chat's updates in the order of their arrival, one by one.

Where several processes share the inbox, whoever has claimed a chat handles its updates, also
those that came in elsewhere, and keeps it until its answers have arrived, so that no older answer
comes after a newer one. The others tell it when they have something for it, and take over what a
process that was killed has left.

What is handled is marked as finished when its answers have left, or together with the next update's
beginning: a person waits for the answer and not for the mark, and what is handled twice because a
kill came before the mark changes nothing the second time.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError

from bot.outbox import Outbox
from bot.processor import ChatLanes
from storage import Begun, Claim, Claims, Storage, StorageClosed, StorageError

_LOG = logging.getLogger(__name__)
_CHATS = 512
_WATCH_S = 2.0
_MARK_S = 0.25  # an answer that Telegram takes its time for does not keep an update unfinished

Handle = Callable[[Update, int, str], Awaitable[bool]]
"""Handles an update that has been begun so often, in a chat with these settings; False where it is
not done and shall be tried at another time."""


class Turns:
    """Hands out the updates of the inbox.

    Args:
        bot: Whose updates.
        bot_id: Its id.
        storage: Holds the inbox.
        claims: Which chats are this process's.
        lanes: Run one update of a chat at a time.
        outbox: Says when a chat's answers have arrived.
        handle: The desk.
    """

    def __init__(
        self,
        bot: Bot,
        bot_id: int,
        storage: Storage,
        claims: Claims,
        lanes: ChatLanes,
        outbox: Outbox,
        handle: Handle,
    ) -> None:
        self._bot = bot
        self._bot_id = bot_id
        self._storage = storage
        self._claims = claims
        self._lanes = lanes
        self._outbox = outbox
        self._handle = handle
        self._bells: dict[int | None, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # Begun here and not done: for another process, or for the next start.
        self._left: set[int] = set()
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
        number = update.update_id
        if self._stopped or chat_id in self._bells or not self._claims.alone:
            if await self._storage.receive(self._bot_id, number, body, chat_id):
                self.ring(chat_id)
            return
        # Nobody else works on the chat: it is begun as it is written down.
        bell = self._bells[chat_id] = asyncio.Event()
        begun = None
        try:
            begun = await self._storage.admit(self._bot_id, number, body, chat_id, self._left)
        finally:
            if begun is not None or bell.is_set():
                known = update if begun and begun.update.update_id == number else None
                self._start(self._serve(chat_id, bell, begun, known))
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
                for chat_id in await self._storage.waiting_chats(self._bot_id, room, self._left):
                    self.ring(chat_id)
            except StorageClosed:
                return
            except StorageError as error:
                _LOG.warning("the inbox cannot be read: %s", error)
            await asyncio.sleep(_WATCH_S)

    def stop(self) -> None:
        """Begin no further update."""
        self._stopped = True

    async def close(self) -> None:
        """Let go of every chat."""
        self.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._claims.close()

    def _start(self, serving: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(serving)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(
        self,
        chat_id: int | None,
        bell: asyncio.Event,
        begun: Begun | None = None,
        known: Update | None = None,
    ) -> None:
        """Handle what waits of a chat, if this process can have it.

        Args:
            chat_id: The chat.
            bell: Rings when more of it comes.
            begun: What has been begun already.
            known: The same, where it need not be read any more.
        """
        try:
            while (begun is not None or bell.is_set()) and not self._stopped:
                if begun is None:
                    bell.clear()
                claim = await self._claims.claim(chat_id)
                if claim is None:
                    await self._claims.call(chat_id)
                    continue
                try:
                    await self._work(chat_id, bell, claim, begun, known)
                finally:
                    begun = known = None
                    await self._claims.release(claim)
                # Whoever came a moment ago with something new found the chat taken.
                if not self._claims.alone and await self._waits(chat_id):
                    bell.set()
        except StorageError as error:
            _LOG.warning("the inbox cannot be read, trying again: %s", error)
        finally:
            del self._bells[chat_id]

    async def _work(
        self,
        chat_id: int | None,
        bell: asyncio.Event,
        claim: Claim,
        begun: Begun | None,
        known: Update | None,
    ) -> None:
        """Handle what waits of a chat, and in company what comes before its answers arrive."""
        done: list[int] = []
        try:
            while not self._stopped and self._claims.holds(claim):
                if begun is None:
                    bell.clear()
                    begun = await self._storage.begin(self._bot_id, chat_id, self._left, done)
                    self._forget(done)
                more = begun is not None and begun.more
                if begun is not None and self._claims.holds(claim):
                    await self._lanes.take(chat_id or 0, self._run(begun, known, done))
                begun = known = None
                if more or bell.is_set() or await self._called_back(chat_id, bell, _MARK_S):
                    continue
                await self._finish(done)
                if self._claims.alone or not await self._called_back(chat_id, bell):
                    return
        finally:
            await self._finish(done)

    async def _finish(self, done: list[int]) -> None:
        """Mark what is done as finished."""
        if done:
            await self._storage.finish(self._bot_id, *done)
            self._forget(done)

    def _forget(self, done: list[int]) -> None:
        self._left.difference_update(done)
        done.clear()

    async def _waits(self, chat_id: int | None) -> bool:
        return bool(await self._storage.next_updates(self._bot_id, chat_id, 1, self._left))

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

    async def _run(self, begun: Begun, update: Update | None, done: list[int]) -> None:
        """Handle one update."""
        row = begun.update
        self._left.add(row.update_id)
        try:
            update = update or Update.de_json(json.loads(row.body), self._bot)
        except (ValueError, KeyError, TypeError, TelegramError):
            _LOG.error("update %d in the inbox cannot be read, giving it up", row.update_id)
            done.append(row.update_id)
            return
        try:
            if await self._handle(update, row.attempts, begun.settings):
                done.append(row.update_id)
        except Exception:
            _LOG.exception("update %d is kept for the next start", row.update_id)
