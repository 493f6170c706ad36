"""The way in for updates: one is written down before Telegram is told that it arrived.

python-telegram-bot awaits `put` for every update before it asks Telegram for the next ones, which
is what confirms them; a webhook awaits it before it answers. So an update that Telegram thinks we
have is in the database, and a kill loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram import Update
from telegram.error import NetworkError

from storage import StorageError

_LOG = logging.getLogger(__name__)


class Inbox(asyncio.Queue[object]):
    """What `telegram.ext.Updater` takes for a queue.

    Args:
        arrived: Writes an update of a chat (or a person) down as JSON, and has it handled.
        body: What an update that was asked for says, as JSON.
    """

    def __init__(
        self,
        arrived: Callable[[Update, str, int | None], Awaitable[None]],
        body: Callable[[Update], str],
    ) -> None:
        super().__init__()
        self._arrived = arrived
        self._body = body

    async def put(self, item: object) -> None:
        """Write an update down, then have it handled; one that is known already is skipped.

        Raises:
            NetworkError: it cannot be written down. Polling takes that as a failed poll and
                asks for the same update again.
        """
        assert isinstance(item, Update)  # the updater has nothing else
        await self.take(item, self._body(item))

    async def take(self, update: Update, body: str) -> None:
        """`put` an update that says this.

        Raises:
            NetworkError: it cannot be written down.
        """
        try:
            await self._arrived(update, body, owner(update))
        except StorageError as error:
            _LOG.error("an update cannot be written down: %s", error)
            raise NetworkError("the inbox is out of order") from error
        except Exception as error:  # anything else would end polling for good
            _LOG.exception("an update cannot be taken in")
            raise NetworkError("the inbox is out of order") from error


def owner(update: Update) -> int | None:
    """Whose update it is: the chat, or the person where it comes from no chat."""
    chat, user = update.effective_chat, update.effective_user
    return chat.id if chat else user.id if user else None
