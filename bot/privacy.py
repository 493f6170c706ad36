"""``/privacy``, ``/export`` and ``/forget``: what is stored about a chat, all of it, and none."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Protocol

from telegram import Bot

from bot import pages, texts
from bot.charge import in_charge
from bot.events import ButtonTapped, Origin
from bot.gallery import Gallery
from bot.parcel import parcels
from bot.sender import Sender, View
from storage import Storage

_LOG = logging.getLogger(__name__)

Rows = dict[str, list[dict[str, Any]]]


class Page(Protocol):
    """The chat page's store, where it runs in this process (`bot.playground`)."""

    async def belongings(self, chat_id: int) -> Rows:
        """All that it keeps of a chat."""

    async def forget(self, chat_id: int, file_ids: list[str]) -> None:
        """Delete all that it keeps of a chat, and those files."""


class Privacy:
    """What a chat may ask about itself.

    Args:
        bot: Tells who is in charge of a group.
        storage: Holds what there is.
        gallery: Sends the export.
        sender: Sends the rest.
        page: The chat page, where it is ours.
        days: How long what nobody uses is kept; 0 for ever.
        file_days: How long the chat page keeps files.
    """

    def __init__(
        self,
        bot: Bot,
        storage: Storage,
        gallery: Gallery,
        sender: Sender,
        page: Page | None,
        *,
        days: int,
        file_days: int,
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._gallery = gallery
        self._sender = sender
        self._page = page
        self._days = days
        self._file_days = file_days

    async def explain(self, origin: Origin) -> None:
        """Say what is stored, and for how long.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        language = origin.language
        lasts = "privacy-for-ever" if not self._days else "privacy-days"
        parts = [
            texts.say(language, "privacy-what"),
            texts.say(language, "privacy-not"),
            texts.say(language, lasts, days=self._days),
        ]
        if self._page is not None:
            parts.append(texts.say(language, "privacy-page", days=self._file_days))
        parts.append(texts.say(language, "privacy-do"))
        await self._sender.reply(origin, "\n\n".join(parts))

    async def export(self, origin: Origin) -> None:
        """Send all that is stored about the chat as JSON.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        if not await in_charge(self._bot, origin):
            await self._sender.reply(origin, texts.say(origin.language, "privacy-admins"))
            return
        self._sender.typing(origin)
        parts: dict[str, Rows] = {
            "captions": {"finished": await self._storage.captions(origin.chat_id)},
            "database": await self._storage.portrait(origin.chat_id),
        }
        if self._page is not None:
            parts["page"] = await self._page.belongings(origin.chat_id)
        moment = datetime.now(UTC)
        head = {
            "format": "tagalong-chat",
            "version": 1,
            "chat_id": origin.chat_id,
            "exported_at": moment.isoformat(),
        }
        files = parcels(head, parts)
        words = texts.say(origin.language, "export-done")
        for number, content in enumerate(files, 1):
            which = f"-{number}-of-{len(files)}" if len(files) > 1 else ""
            name = f"tagalong-{moment:%Y-%m-%d}{which}.json"
            await self._gallery.document(origin, name, content, words if number == 1 else "")

    async def ask(self, origin: Origin) -> None:
        """Ask once whether everything should go.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        if await in_charge(self._bot, origin):
            here = self._page is not None
            question = pages.forget(origin.language, origin.user_id, page=here)
            await self._sender.send(origin, question)
        else:
            await self._sender.reply(origin, texts.say(origin.language, "privacy-admins"))

    async def keep(self, tap: ButtonTapped) -> None:
        """Nothing goes."""
        self._sender.answer(tap.query_id)
        kept = pages.words(texts.say(tap.origin.language, "forget-kept"))
        self._sender.edit(tap.origin.chat_id, tap.origin.message_id, kept)

    async def forget(self, tap: ButtonTapped) -> None:
        """Delete everything of the chat, for good.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        origin = tap.origin
        if not await in_charge(self._bot, origin):
            self._sender.answer(tap.query_id, texts.say(origin.language, "privacy-admins"))
            return
        self._sender.answer(tap.query_id)
        if self._page is not None:
            portrait = await self._storage.portrait(origin.chat_id)
            files = [row["photo_file_id"] for row in portrait["sessions"]]
            files += [row["file_id"] for row in portrait["session_photos"]]
            await self._page.forget(origin.chat_id, files)
        if not await self._storage.forget_chat(origin.chat_id):
            _LOG.warning("copies may be left in the database's files: python -m storage scrub")
        done = texts.say(origin.language, "forget-done")
        if self._page is None:
            self._sender.edit(origin.chat_id, origin.message_id, pages.words(done))
        else:  # the question went with the rest
            await self._sender.send(origin, View(done))
