"""What people do, as values of ours: an `Update` becomes one event, or none, at the edge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TypeVar

from telegram import (
    CallbackQuery,
    Document,
    InlineKeyboardMarkup,
    Message,
    MessageEntity,
    Update,
)
from telegram.constants import MessageEntityType

from storage import Scene

_COMMANDS: list[str | None] = [MessageEntityType.BOT_COMMAND]
_PICTURES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heif", ".hif", ".avif"}
    | {".gif", ".bmp", ".tif", ".tiff"}
)
# In this order: an animation comes as a document too.
_OTHER = (
    "animation",
    "video",
    "sticker",
    "voice",
    "document",
    "audio",
    "video_note",
    "contact",
    "location",
    "poll",
    "dice",
    "story",
    "paid_media",
    "checklist",
)
_NAMED = {"video_note": "video", "audio": "voice"}


@dataclass(frozen=True)
class Origin:
    """Where an event comes from, and from whom.

    Attributes:
        language: To speak: the client's, or the one that the chat has set.
        client: The client's language.
    """

    chat_id: int
    private: bool
    kind: str
    thread_id: int | None
    user_id: int
    language: str | None
    message_id: int
    client: str | None = None


@dataclass(frozen=True)
class PhotoSent:
    """A photo, or an image sent as a file.

    Attributes:
        size: In bytes, where Telegram says so.
        album: The media group that it belongs to.
    """

    origin: Origin
    file_id: str
    size: int | None
    caption: str
    album: str | None = None


@dataclass(frozen=True)
class CaptionChanged:
    """The caption of an earlier photo was edited.

    Attributes:
        edition: Tells one edit from the next: the number of its update.
    """

    origin: Origin
    caption: str
    edition: int


@dataclass(frozen=True)
class WordsSaid:
    """A text that is no command.

    Attributes:
        edition: For an edited text the number of its update; 0 for one as it was sent.
        photo: The photo that it replies to, where it mentions the bot.
        inline: Whether it is a result of our own inline mode.
        calls: Whether it mentions the bot, in reply to nothing.
    """

    origin: Origin
    text: str
    reply_to: int | None
    edition: int = 0
    photo: PhotoSent | None = None
    inline: bool = False
    calls: bool = False


@dataclass(frozen=True)
class CommandGiven:
    """A command to this bot, without its slash, in lower case.

    Attributes:
        photo: The photo that it replies to, as if its sender had sent that.
    """

    origin: Origin
    name: str
    reply_to: int | None
    photo: PhotoSent | None = None


@dataclass(frozen=True)
class OtherSent:
    """Something that the bot has no use for.

    Attributes:
        kind: `bot.texts` has a sentence ``no-<kind>`` for it.
        album: The media group that it belongs to.
        to_bot: Whether it answers a message of the bot.
    """

    origin: Origin
    kind: str
    album: str | None
    to_bot: bool


@dataclass(frozen=True)
class ButtonTapped:
    """A button of a message of ours.

    Attributes:
        data: What the button carries.
        keyboard: What all the buttons of that message carried when it was tapped.
    """

    origin: Origin
    query_id: str
    data: str
    keyboard: tuple[str, ...]


@dataclass(frozen=True)
class StepTapped(ButtonTapped):
    """A button whose step was written down together with its update.

    Attributes:
        scene: After it.
        told: The short answer in place of a step; empty where it is one.
    """

    scene: Scene
    told: str


@dataclass(frozen=True)
class InlineAsked:
    """Somebody types ``@bot words`` in some chat."""

    query_id: str
    user_id: int
    language: str | None
    text: str


@dataclass(frozen=True)
class GroupMoved:
    """A group became a supergroup, which has another id."""

    old_id: int
    new_id: int


_OfSomebody = PhotoSent | CaptionChanged | WordsSaid | CommandGiven | OtherSent | ButtonTapped
Event = _OfSomebody | InlineAsked | GroupMoved

Said = TypeVar("Said", bound=_OfSomebody)


def event_of(update: Update, username: str) -> Event | None:
    """What an update tells; None where it is nothing to us.

    Args:
        update: From Telegram.
        username: The bot's, without @: commands and mentions name it.
    """
    if update.callback_query is not None:
        return _tap(update.callback_query)
    if update.inline_query is not None:
        asked = update.inline_query
        who = asked.from_user
        return InlineAsked(asked.id, who.id, who.language_code, asked.query)
    if update.message is not None:
        return _sent(update.message, username)
    if update.edited_message is not None:
        return _edited(update.edited_message, username, update.update_id)
    return None


def spoken(event: Said, language: str) -> Said:
    """An event in the language that its chat has set, if it has."""
    return replace(event, origin=replace(event.origin, language=language)) if language else event


def _tap(query: CallbackQuery) -> ButtonTapped | None:
    message = query.message
    if message is None or query.data is None:
        return None
    whole = message if isinstance(message, Message) else None
    origin = Origin(
        chat_id=message.chat.id,
        private=message.chat.type == "private",
        kind=message.chat.type,
        thread_id=_thread(whole),
        user_id=query.from_user.id,
        language=query.from_user.language_code,
        message_id=message.message_id,
        client=query.from_user.language_code,
    )
    markup = whole.reply_markup if whole else None
    return ButtonTapped(origin, query.id, query.data, _data(markup))


def _sent(message: Message, username: str) -> Event | None:
    if message.migrate_to_chat_id is not None:
        return GroupMoved(message.chat.id, message.migrate_to_chat_id)
    if message.is_automatic_forward:
        return None  # a channel's post in its group: nobody there asked for anything
    origin = _origin(message)
    replied = message.reply_to_message
    reply_to = replied.message_id if replied else None
    to_bot = bool(replied and replied.from_user and replied.from_user.username == username)
    picture = _picture(message)
    if picture is not None:
        caption = _caption(message, username)
        return PhotoSent(origin, *picture, caption, message.media_group_id)
    if message.text is not None:
        words = _without_mention(message.text, username)
        command = _command(message, username)
        if command is not None:
            rest = " ".join(words.split(maxsplit=1)[1:])
            photo = _replied_photo(message, origin, rest, username)
            return CommandGiven(origin, command, reply_to, photo) if command else None
        mentioned = words != message.text.strip()
        photo = _replied_photo(message, origin, words, username) if mentioned else None
        inline = bool(message.via_bot and message.via_bot.username == username)
        calls = mentioned and reply_to in (None, origin.thread_id)  # a topic begins with a message
        return WordsSaid(origin, words, reply_to, photo=photo, inline=inline, calls=calls)
    kind = next((kind for kind in _OTHER if getattr(message, kind, None)), None)
    if kind is None:
        return None  # somebody joined, a message was pinned…
    kind = _NAMED.get(kind, kind)
    known = kind if kind in _OTHER[:5] else "other"
    return OtherSent(origin, known, message.media_group_id, to_bot)


def _replied_photo(message: Message, origin: Origin, words: str, username: str) -> PhotoSent | None:
    """The photo that a message replies to, with its caption and what the message adds to that."""
    replied = message.reply_to_message
    picture = _picture(replied) if replied else None
    if replied is None or picture is None:
        return None
    caption = _caption(replied, username)
    whole = "\n".join(part for part in (caption, words) if part)
    return PhotoSent(replace(origin, message_id=replied.message_id), *picture, whole)


def _edited(message: Message, username: str, edition: int) -> Event | None:
    origin = _origin(message)
    if _picture(message) is not None:
        caption = _caption(message, username)
        return CaptionChanged(origin, caption, edition)
    if message.text is not None and _command(message, username) is None:
        replied = message.reply_to_message
        reply_to = replied.message_id if replied else None
        words = _without_mention(message.text, username)
        return WordsSaid(origin, words, reply_to, edition)
    return None


def _origin(message: Message) -> Origin:
    user = message.from_user
    sender = message.sender_chat
    return Origin(
        chat_id=message.chat.id,
        private=message.chat.type == "private",
        kind=message.chat.type,
        thread_id=_thread(message),
        user_id=user.id if user else sender.id if sender else message.chat.id,
        language=user.language_code if user else None,
        message_id=message.message_id,
        client=user.language_code if user else None,
    )


def _thread(message: Message | None) -> int | None:
    return message.message_thread_id if message and message.is_topic_message else None


def _picture(message: Message) -> tuple[str, int | None] | None:
    """File id and size of the picture that a message holds."""
    if message.photo:
        best = max(message.photo, key=lambda size: size.width * size.height)
        return best.file_id, best.file_size
    document = message.document
    if document is not None and message.animation is None and _is_picture(document):
        return document.file_id, document.file_size
    return None


def _is_picture(document: Document) -> bool:
    mime = (document.mime_type or "").lower()
    return mime.startswith("image/") or (
        PurePath(document.file_name or "").suffix.lower() in _PICTURES
    )


def _command(message: Message, username: str) -> str | None:
    """The command that a text is; empty where it is another bot's, None where it is none."""
    first = _first(message.parse_entities(_COMMANDS))
    if first is None:
        return None
    return first[1:].partition("@")[0].lower() if _is_ours(first, username) else ""


def _first(commands: Mapping[MessageEntity, str]) -> str | None:
    """The command that a message begins with."""
    return next((text for entity, text in commands.items() if not entity.offset), None)


def _is_ours(command: str, username: str) -> bool:
    return command.partition("@")[2].lower() in ("", username.lower())


def _caption(message: Message, username: str) -> str:
    """The words of a photo, without the command or mention that made it reach the bot."""
    words = message.caption or ""
    first = _first(message.parse_caption_entities(_COMMANDS))
    if first is not None and _is_ours(first, username):
        words = words.removeprefix(first)
    return _without_mention(words, username)


def _without_mention(text: str, username: str) -> str:
    """A text without the mention that made a group's message reach the bot."""
    return re.sub(rf"(?i)@{re.escape(username)}\b", "", text).strip()


def _data(markup: InlineKeyboardMarkup | None) -> tuple[str, ...]:
    rows = markup.inline_keyboard if markup else ()
    return tuple(
        button.callback_data
        for row in rows
        for button in row
        if isinstance(button.callback_data, str)
    )
