"""Messages with a file: a photo by Telegram's id, with words and buttons below, and documents.

A photo may have been sent as a file, and it may be gone by now; then words alone have to do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from telegram import (
    Bot,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.outbox import Outbox
from bot.sender import MessageGone, Place, View, refusal

_LOG = logging.getLogger(__name__)
_SAME = "message is not modified"
_NO_PHOTO = "use file of type"
_NO_FILE = ("wrong file", "wrong remote file", "file reference", "wrong type of the web page")
_NO_TEXT = "no text in the message"

_Media = type[InputMediaPhoto] | type[InputMediaDocument]


class Gallery:
    """Sends files, and turns from one photo to the next within a message."""

    def __init__(self, bot: Bot, outbox: Outbox) -> None:
        self._bot = bot
        self._outbox = outbox

    async def show(self, place: Place, file_id: str, view: View, instead: int | None = None) -> int:
        """Show a photo.

        Args:
            place: Where.
            file_id: Telegram's.
            view: The words and buttons below it: all there is where the photo is gone.
            instead: The message of ours that turns to it; None sends a new one.

        Returns:
            The message that shows it: another one where ``instead`` could not be turned.

        Raises:
            ChatGone: the chat cannot be written to.
        """

        async def call() -> int:
            for kind in (InputMediaPhoto, InputMediaDocument):
                try:
                    return await self._photo(place, kind, file_id, view, instead)
                except BadRequest as error:
                    if not _is(error, _NO_PHOTO, *_NO_FILE):
                        raise
            return await self._words(place, view, instead)

        try:
            return int(await self._posted(place, call, instead))
        except MessageGone:
            if instead is None:
                raise
            return await self.show(place, file_id, view)

    async def close(self, place: Place, view: View, message_id: int) -> None:
        """Let words take a photo's place.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        with suppress(MessageGone):
            await self._posted(place, lambda: self._words(place, view, message_id), message_id)

    async def picture(
        self, place: Place, content: bytes, words: str, reply_to: int | None = None
    ) -> Message:
        """Send a picture of our own; what it replies to may be gone.

        Returns:
            The message.

        Raises:
            ChatGone: the chat cannot be written to.
        """

        async def call() -> Message:
            return await self._bot.send_photo(
                place.chat_id,
                content,
                caption=words,
                reply_parameters=(
                    ReplyParameters(reply_to, allow_sending_without_reply=True)
                    if reply_to
                    else None
                ),
                message_thread_id=place.thread_id,
            )

        message: Message = await self._posted(place, call, None)
        return message

    async def document(self, place: Place, name: str, content: bytes, words: str) -> None:
        """Send a file.

        Raises:
            ChatGone: the chat cannot be written to.
        """

        async def call() -> int:
            message = await self._bot.send_document(
                place.chat_id,
                InputFile(content, filename=name),
                caption=words or None,
                message_thread_id=place.thread_id,
                disable_content_type_detection=True,
            )
            return message.message_id

        await self._posted(place, call, None)

    async def _posted(
        self, place: Place, call: Callable[[], Awaitable[Any]], message_id: int | None
    ) -> Any:
        try:
            return await asyncio.shield(self._outbox.post(place.chat_id, call, key=message_id))
        except (Forbidden, ChatMigrated, BadRequest) as error:
            raise refusal(error) from error

    async def _photo(
        self, place: Place, kind: _Media, file_id: str, view: View, instead: int | None
    ) -> int:
        if instead is not None:
            try:
                await self._bot.edit_message_media(
                    kind(file_id, caption=view.text),
                    place.chat_id,
                    instead,
                    reply_markup=view.keyboard,
                )
            except BadRequest as error:
                if not _is(error, _SAME):
                    raise
            return instead
        send: Callable[..., Awaitable[Message]] = (
            self._bot.send_photo if kind is InputMediaPhoto else self._bot.send_document
        )
        message = await send(
            place.chat_id,
            file_id,
            caption=view.text,
            reply_markup=view.keyboard,
            message_thread_id=place.thread_id,
        )
        return message.message_id

    async def _words(self, place: Place, view: View, instead: int | None) -> int:
        """Words without a photo; a message that has one cannot lose it, so it goes."""
        if instead is not None:
            try:
                await self._bot.edit_message_text(
                    view.text, place.chat_id, instead, reply_markup=view.keyboard
                )
                return instead
            except BadRequest as error:
                if _is(error, _SAME):
                    return instead
                if not _is(error, _NO_TEXT):
                    raise
        message = await self._bot.send_message(
            place.chat_id,
            view.text,
            reply_markup=view.keyboard,
            message_thread_id=place.thread_id,
        )
        if instead is not None:
            with suppress(BadRequest):  # Telegram deletes nothing that is older than two days
                await self._bot.delete_message(place.chat_id, instead)
        return message.message_id


def _is(error: BadRequest, *reasons: str) -> bool:
    return any(reason in error.message.lower() for reason in reasons)
