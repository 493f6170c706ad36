"""The first contact: a photo of the bot's own, so that one tap shows how it goes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot import keyboard, texts
from bot.events import ButtonTapped, Origin
from bot.gallery import Gallery
from bot.panels import Panels
from bot.sender import Sender, View
from storage import NewSession, Storage

PHOTO = Path(__file__).parent / "assets" / "example.jpg"


class Example:
    """Says hello, and shows an example."""

    def __init__(
        self, bot_id: int, storage: Storage, panels: Panels, gallery: Gallery, sender: Sender
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._panels = panels
        self._gallery = gallery
        self._sender = sender

    async def hello(self, origin: Origin) -> None:
        """Say hello, with the button that shows an example.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        language = origin.language
        view = View(texts.say(language, "hello"), keyboard.example(language))
        reply_to = None if origin.private else origin.message_id
        await self._sender.send(origin, view, reply_to=reply_to)

    async def show(self, tap: ButtonTapped) -> None:
        """Send the photo and its panel: a session like any other, of whoever tapped.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        origin = tap.origin
        self._sender.answer(tap.query_id)
        self._sender.typing(origin, photo=True)
        await self._storage.remember_chat(
            origin.chat_id, kind=origin.kind, language=origin.client or origin.language
        )
        content = await asyncio.to_thread(PHOTO.read_bytes)
        words = texts.say(origin.language, "example")
        message = await self._gallery.picture(origin, content, words)
        session, _ = await self._storage.open_session(
            NewSession(
                bot_id=self._bot_id,
                chat_id=origin.chat_id,
                owner_id=origin.user_id,
                thread_id=origin.thread_id,
                photo_message_id=message.message_id,
                photo_file_id=max(message.photo, key=lambda size: size.width).file_id,
                text="",
                language=origin.language,
            )
        )
        await self._panels.open(session)
