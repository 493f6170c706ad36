"""The way in for updates: one is written down before Telegram is told that it arrived.

python-telegram-bot awaits `put` for every update before it asks Telegram for the next ones, which
is what confirms them; a webhook awaits it before it answers. So an update that Telegram thinks we
have is in the database, and a kill loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from telegram import Update
from telegram.error import NetworkError

from storage import Storage, StorageError

_LOG = logging.getLogger(__name__)


class Inbox(asyncio.Queue[object]):
    """What `telegram.ext.Updater` takes for a queue.

    Args:
        storage: Keeps the updates.
        bot_id: Whose they are.
        ring: Told the chat (or the person) of which an update has arrived.
    """

    def __init__(self, storage: Storage, bot_id: int, ring: Callable[[int | None], None]) -> None:
        super().__init__()
        self._storage = storage
        self._bot_id = bot_id
        self._ring = ring

    async def put(self, item: object) -> None:
        """Write an update down, then have it handled; one that is known already is skipped.

        Raises:
            NetworkError: it cannot be written down. Polling takes that as a failed poll and
                asks for the same update again.
        """
        assert isinstance(item, Update)  # the updater has nothing else
        owner = _owner(item)
        try:
            new = await self._storage.receive(self._bot_id, item.update_id, item.to_json(), owner)
        except StorageError as error:
            _LOG.error("an update cannot be written down: %s", error)
            raise NetworkError("the inbox is out of order") from error
        if new:
            self._ring(owner)


def _owner(update: Update) -> int | None:
    """Whose update it is: the chat, or the person where it comes from no chat."""
    chat, user = update.effective_chat, update.effective_user
    return chat.id if chat else user.id if user else None
