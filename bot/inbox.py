"""The queue between polling and the handlers: an update is written down before it is confirmed.

python-telegram-bot awaits `put` for every update before it asks Telegram for the next ones, which
is what confirms them. So an update that is in the queue is in the database, and a kill loses none.
"""

from __future__ import annotations

import asyncio
import json
import logging

from telegram import Bot, Update
from telegram.error import NetworkError, TelegramError

from storage import Storage, StorageError

_LOG = logging.getLogger(__name__)
_ROOM = 1_000


class InboxQueue(asyncio.Queue[object]):
    """An update queue for `telegram.ext.ApplicationBuilder.update_queue`."""

    def __init__(self, storage: Storage, bot_id: int) -> None:
        super().__init__()
        self._storage = storage
        self._bot_id = bot_id
        self._held = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    async def put(self, item: object) -> None:
        """Write an update down, then queue it; one that is known already is skipped.

        While many wait in memory, this waits too: they are safe at Telegram for the time being.

        Raises:
            NetworkError: it cannot be written down. Polling takes that as a failed poll and
                asks for the same update again.
        """
        if not isinstance(item, Update):
            await super().put(item)
            return
        await self._has_room.wait()
        try:
            new = await self._storage.receive(self._bot_id, item.update_id, item.to_json())
        except StorageError as error:
            _LOG.error("an update cannot be written down: %s", error)
            raise NetworkError("the inbox is out of order") from error
        if new:
            await self._hold(item)

    async def replay(self, bot: Bot) -> int:
        """Queue what an earlier run received and did not finish; return how many."""
        rows = await self._storage.unfinished(self._bot_id)
        for row in rows:
            try:
                update = Update.de_json(json.loads(row.body), bot)
            except (ValueError, KeyError, TypeError, TelegramError):
                _LOG.error("update %d in the inbox cannot be read, giving it up", row.update_id)
                await self._storage.finish(self._bot_id, row.update_id)
            else:
                await self._hold(update)
        return len(rows)

    def task_done(self) -> None:
        """One has been handled."""
        super().task_done()
        self._held = max(0, self._held - 1)
        if self._held < _ROOM:
            self._has_room.set()

    async def _hold(self, update: Update) -> None:
        self._held += 1
        if self._held >= _ROOM:
            self._has_room.clear()
        await super().put(update)
