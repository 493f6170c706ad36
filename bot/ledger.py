"""What one process does with the inbox: what it has begun there, and what it has done.

What is handled is marked as finished when its answers have left, or together with the beginning of
the next update of its chat: a person waits for the answer and not for the mark. What is handled
twice because a kill came before the mark counts once; its answer may be sent a second time.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass

from telegram import Bot, Update

from bot.events import Event
from bot.meant import Asked
from storage import Begun, Storage, StorageBusy, StorageClosed

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Started:
    """An update whose handling begins.

    Attributes:
        update: As it has been read; None where it cannot be.
        event: What it tells, where that is known already.
        since: When that was (`time.perf_counter`).
    """

    begun: Begun
    update: Update | None
    since: float
    event: Event | None = None


class Ledger:
    """The inbox of a bot, as this process works through it.

    Args:
        bot: Whose updates.
        bot_id: Its id.
        storage: Holds the inbox.
    """

    def __init__(self, bot: Bot, bot_id: int, storage: Storage) -> None:
        self._bot = bot
        self._bot_id = bot_id
        self._storage = storage
        # Begun here and not finished: no other beginning is theirs before they are let go, or the
        # next start.
        self._left: frozenset[int] = frozenset()
        # Begun here, and counted so.
        self._begun: set[int] = set()
        # Handled, but the database refused to mark them.
        self._owed: set[int] = set()

    async def receive(self, update: Update, body: str, chat_id: int | None) -> bool:
        """Write an update down; False where it is known already."""
        return await self._storage.receive(self._bot_id, update.update_id, body, chat_id)

    async def admit(
        self, update: Update, body: str, chat_id: int | None, asked: Asked | None
    ) -> Started | None:
        """Write an update down and begin with the oldest of its chat: usually the same.

        Args:
            update: As it has been read.
            body: What it says, as JSON.
            chat_id: Whose it is.
            asked: The step that it asks for, to be written down with it.
        """
        since, number = time.perf_counter(), update.update_id
        begun = self._counted(await self._admit(number, body, chat_id, asked))
        if begun is None or begun.update.update_id != number:
            return self._started(begun, since)
        event = asked.event(begun.scene) if asked is not None and begun.scene is not None else None
        return Started(begun, update, since, event)

    async def _admit(
        self, number: int, body: str, chat_id: int | None, asked: Asked | None
    ) -> Begun | None:
        new = (self._bot_id, number, body, chat_id, self._left)
        if asked is not None:
            try:
                return await self._storage.admit(*new, asked.stepping)
            except (StorageBusy, StorageClosed):
                raise
            except Exception as error:  # who handles it will tell the person
                _LOG.warning("update %d comes without its step (%s)", number, error)
        return await self._storage.admit(*new)

    async def begin(self, chat_id: int | None, done: list[int]) -> Started | None:
        """Mark what is done as finished, and begin with a chat's oldest update that is not."""
        since, handled = time.perf_counter(), self._due(done)
        begun = self._counted(await self._storage.begin(self._bot_id, chat_id, self._left, handled))
        self._forget(handled)
        return self._started(begun, since)

    async def finish(self, done: list[int]) -> None:
        """Mark what is done as finished, with what could not be marked before.

        Raises:
            StorageError: the database refuses now; the next time they are marked with the others.
        """
        handled = self._due(done)
        if handled:
            await self._storage.finish(self._bot_id, *handled)
            self._forget(handled)

    async def put_back(self) -> None:
        """Let the beginnings that came to no end not count: this process stops in good order, so
        it was not they that ended it.

        Raises:
            StorageError: the database refuses: they count.
        """
        begun = self._begun - self._owed
        if begun:
            await self._storage.put_back(self._bot_id, *begun)
        self._begun.clear()

    def keep(self, started: Started) -> None:
        """Its handling goes on until it is finished, here or after the next start."""
        self._left |= {started.begun.update.update_id}

    def let_go(self, started: Started) -> None:
        """Its handling came to no end: it may be begun again, here too."""
        self._left -= {started.begun.update.update_id}

    def kept(self, started: Started) -> bool:
        """Whether its handling goes on, or has come to an end."""
        return started.begun.update.update_id in self._left

    async def waits(self, chat_id: int | None) -> bool:
        """Whether an update of a chat waits."""
        return bool(await self._storage.next_updates(self._bot_id, chat_id, 1, self._left))

    async def chats(self, limit: int) -> list[int | None]:
        """Chats (and persons) of which an update waits, the longest waiting first."""
        return await self._storage.waiting_chats(self._bot_id, limit, self._left)

    def _counted(self, begun: Begun | None) -> Begun | None:
        if begun is not None:
            self._begun.add(begun.update.update_id)
        return begun

    def _started(self, begun: Begun | None, since: float) -> Started | None:
        if begun is None:
            return None
        try:
            update = Update.de_json(json.loads(begun.update.body), self._bot)
        except Exception:  # the library raises what it likes for what is no update
            number = begun.update.update_id
            _LOG.error("update %d in the inbox cannot be read, giving it up", number)
            update = None
        return Started(begun, update, since)

    def _due(self, done: list[int]) -> tuple[int, ...]:
        """All that is to be marked; it is remembered until it is."""
        self._owed.update(done)
        done.clear()
        return tuple(self._owed)

    def _forget(self, handled: tuple[int, ...]) -> None:
        self._owed.difference_update(handled)
        self._begun.difference_update(handled)
        self._left -= frozenset(handled)
