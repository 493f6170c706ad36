"""The Bot API calls that the bot makes, by ids and texts, through the outbox."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResult,
    InlineQueryResultsButton,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.events import Origin
from bot.outbox import Outbox, asked_pause

_LOG = logging.getLogger(__name__)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_REMEMBERED = 4_096
_SAME = "message is not modified"
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_CLOSED = ("chat not found", "rights", "topic", "thread not found", "write_forbidden")


class MessageGone(Exception):
    """The message to edit is not there any more."""


class ChatGone(Exception):
    """Nothing can be sent to this chat: the bot was blocked, removed or may not write."""


@dataclass(frozen=True)
class View:
    """What a message shows.

    Attributes:
        ask: For a question that is answered by a reply: what the empty field of it says.
    """

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    html: bool = False
    ask: str | None = None


class Place(Protocol):
    """Where to send: a chat, and in a forum the topic."""

    @property
    def chat_id(self) -> int: ...

    @property
    def thread_id(self) -> int | None: ...


class Sender:
    """Sends and edits messages, answers taps.

    Args:
        bot: Makes the requests.
        outbox: Lets them out.
        remembers: Edits to what a message shows already are left out: right where no other
            process edits it in between.
    """

    def __init__(self, bot: Bot, outbox: Outbox, *, remembers: bool = True) -> None:
        self._bot = bot
        self._remembers = remembers
        self._outbox = outbox
        # What the latest edited messages show, as hashes: an edit to the same is not worth a call.
        self._shown: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._unwatched: set[asyncio.Task[None]] = set()

    async def send(self, place: Place, view: View, *, reply_to: int | None = None) -> int:
        """Send a message and return its id; a message replied to may be gone.

        Raises:
            ChatGone: the chat cannot be written to.
        """

        async def call() -> int:
            message = await self._bot.send_message(
                place.chat_id,
                view.text,
                parse_mode=ParseMode.HTML if view.html else None,
                reply_markup=view.keyboard if view.ask is None else _reply_to_this(view.ask),
                reply_parameters=(
                    ReplyParameters(reply_to, allow_sending_without_reply=True)
                    if reply_to
                    else None
                ),
                message_thread_id=place.thread_id,
                link_preview_options=_NO_PREVIEW,
            )
            return message.message_id

        try:
            return int(await asyncio.shield(self._outbox.post(place.chat_id, call)))
        except (Forbidden, ChatMigrated, BadRequest) as error:
            raise refusal(error) from error

    async def reply(self, origin: Origin, text: str) -> None:
        """Send words; in a group they answer the message that they are about.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        reply_to = None if origin.private else origin.message_id
        await self.send(origin, View(text), reply_to=reply_to)

    def edit(self, chat_id: int, message_id: int, view: View) -> asyncio.Future[None]:
        """Edit a message; it arrives by itself, and the latest edit wins.

        Returns:
            Done when it has arrived; `arrival` waits for it with errors of ours.
        """

        place, shown = (chat_id, message_id), _mark(view)

        async def call() -> None:
            if self._shown.pop(place, None) == shown:
                self._note(place, shown)
                return
            try:
                await self._bot.edit_message_text(
                    view.text,
                    chat_id,
                    message_id,
                    parse_mode=ParseMode.HTML if view.html else None,
                    reply_markup=view.keyboard,
                    link_preview_options=_NO_PREVIEW,
                )
            except BadRequest as error:
                if _SAME not in error.message.lower():
                    raise
            self._note(place, shown)

        return self._outbox.post(chat_id, call, key=message_id)

    def answer(self, query_id: str, text: str = "") -> None:
        """Answer a tap, so that its button stops waiting; too late does not matter."""
        self._start(self._answer(query_id, text or None))

    def suggest(
        self,
        query_id: str,
        results: Sequence[InlineQueryResult],
        button: InlineQueryResultsButton,
        *,
        cache_time: int,
    ) -> None:
        """Answer an inline query; too late does not matter, as another letter asks again."""
        self._start(
            self._bot.answer_inline_query(
                query_id, results, cache_time=cache_time, is_personal=True, button=button
            )
        )

    def typing(self, place: Place, *, photo: bool = False) -> None:
        """Show that an answer, or a photo, is on its way."""
        action = ChatAction.UPLOAD_PHOTO if photo else ChatAction.TYPING
        self._start(
            self._bot.send_chat_action(place.chat_id, action, message_thread_id=place.thread_id)
        )

    async def drain(self, seconds: float) -> None:
        """Let what is under way arrive, for some time."""
        await self._outbox.drain(seconds)
        if self._unwatched:
            await asyncio.wait(tuple(self._unwatched), timeout=1)

    def _note(self, place: tuple[int, int], shown: int) -> None:
        """Remember what a message shows."""
        if not self._remembers:
            return
        self._shown[place] = shown
        if len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)

    async def _answer(self, query_id: str, text: str | None) -> bool:
        """Answer a tap, twice where the first time got lost on the way."""
        try:
            return await self._bot.answer_callback_query(query_id, text)
        except BadRequest:
            raise
        except NetworkError:
            return await self._bot.answer_callback_query(query_id, text)

    def _start(self, request: Coroutine[Any, Any, bool]) -> None:
        task = asyncio.create_task(self._politely(request))
        self._unwatched.add(task)
        task.add_done_callback(self._unwatched.discard)

    async def _politely(self, request: Coroutine[Any, Any, bool]) -> None:
        try:
            await request
        except RetryAfter as error:
            self._outbox.halt(asked_pause(error))
        except TelegramError as error:
            _LOG.debug("a courtesy was refused: %s", type(error).__name__)


async def arrival(edit: asyncio.Future[None]) -> None:
    """Wait until an edit has arrived.

    Raises:
        MessageGone: its message is not there any more.
        ChatGone: the chat cannot be written to.
    """
    try:
        await asyncio.shield(edit)
    except (Forbidden, ChatMigrated, BadRequest) as error:
        raise refusal(error) from error


def _reply_to_this(field: str) -> ForceReply:
    """Opens the reply field; in a group only that of the person who is mentioned."""
    return ForceReply(selective=True, input_field_placeholder=field)


def _mark(view: View) -> int:
    """A number that differs where what is seen differs (buttons compare without what they copy)."""
    keys = view.keyboard and tuple(_looks(row) for row in view.keyboard.inline_keyboard)
    return hash((view.text, view.html, keys))


def _looks(row: Sequence[InlineKeyboardButton]) -> tuple[object, ...]:
    return tuple(
        (one.text, one.callback_data, one.copy_text and one.copy_text.text, one.style)
        for one in row
    )


def refusal(error: TelegramError) -> Exception:
    """What a refusal means; one that we do not expect stays what it is."""
    if not isinstance(error, BadRequest):
        return ChatGone(error.message)
    reason = error.message.lower()
    if any(gone in reason for gone in _GONE):
        return MessageGone(error.message)
    if any(closed in reason for closed in _CLOSED):
        return ChatGone(error.message)
    return error
