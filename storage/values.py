"""What passes through the storage's door: frozen values, never rows of a library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypedDict


class SessionState(StrEnum):
    """How far a photo's caption has come."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class PickKind(StrEnum):
    """What a person did.

    `OWN` is a typed tag, `TEXT` carries typed words that are none, `MORE` the tags passed over,
    `LIKE` asks for more like a tag, `SURPRISE` for less obvious ones, `RESTART` starts the caption
    over.
    """

    ADD = "add"
    REMOVE = "remove"
    OWN = "own"
    TEXT = "text"
    MORE = "more"
    LIKE = "like"
    SURPRISE = "surprise"
    RESTART = "restart"
    UNDO = "undo"
    DONE = "done"
    EDIT = "edit"
    CANCEL = "cancel"


@dataclass(frozen=True)
class InboxRow:
    """An update that has arrived and is not finished yet.

    Attributes:
        attempts: How often its handling has begun; not when a process stopped before its end.
    """

    update_id: int
    body: str
    attempts: int


@dataclass(frozen=True)
class Chat:
    """A chat that the bot knows.

    Attributes:
        language: As the client last told it.
        settings: The chat's own, as a JSON object; only the bot knows what it means.
    """

    id: int
    kind: str
    language: str | None
    created_at: datetime
    settings: str = "{}"


@dataclass(frozen=True)
class NewSession:
    """A photo about to become a session; ``album`` is the media group that it belongs to."""

    bot_id: int
    chat_id: int
    owner_id: int
    thread_id: int | None
    photo_message_id: int
    photo_file_id: str
    text: str
    language: str | None
    album: str | None = None


@dataclass(frozen=True)
class Session:
    """One photo on its way to a caption.

    Attributes:
        photo_message_id: None after its group became a supergroup: message ids begin anew
            there, so the old ones (the panel's and the caption's too) are dropped.
        text: The words of the photo's own caption, without the tags.
        embedding: The engine's packed embedding, None until the photo has been looked at.
        panel_message_id: The message with the keyboard.
        caption_message_id: The message with the finished caption.
        updated_at: The time of the last change or pick.
        album: The media group of its photo, None for a single photo.
    """

    id: int
    bot_id: int
    chat_id: int
    owner_id: int
    thread_id: int | None
    photo_message_id: int | None
    photo_file_id: str
    text: str
    language: str | None
    embedding: bytes | None = field(repr=False)
    panel_message_id: int | None
    caption_message_id: int | None
    state: SessionState
    created_at: datetime
    updated_at: datetime
    album: str | None = None


class SessionChanges(TypedDict, total=False):
    """The columns of a session that may change; a key left out stays as it is."""

    embedding: bytes | None
    panel_message_id: int | None
    caption_message_id: int | None
    text: str
    state: SessionState


@dataclass(frozen=True)
class SessionPhoto:
    """A further photo of a session: of an album, or one that joined it.

    Attributes:
        position: Counts from 1; the session's own photo is number 0.
        message_id: None after its group became a supergroup.
        embedding: The engine's packed embedding, None until the photo has been looked at.
    """

    session_id: int
    position: int
    message_id: int | None
    file_id: str
    embedding: bytes | None = field(repr=False)


@dataclass(frozen=True)
class TagSet:
    """Tags that a chat has saved under a name."""

    id: int
    chat_id: int
    name: str
    tags: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True)
class Question:
    """A message of the bot that asks one person something.

    Attributes:
        kind: What is asked, in the bot's own words.
        argument: What the answer is for (the number of a set, of a session).
    """

    bot_id: int
    chat_id: int
    message_id: int
    user_id: int
    kind: str
    argument: str = ""


@dataclass(frozen=True)
class Pick:
    """One step of a person in a session.

    Attributes:
        tag: Without ``#``; for `PickKind.MORE` the tags passed over, separated by spaces, for
            `PickKind.TEXT` the words; None for steps that have no tag.
        key: Names the event that it came from.
    """

    id: int
    session_id: int
    kind: PickKind
    tag: str | None
    key: str
    created_at: datetime


@dataclass(frozen=True)
class Scene:
    """All that is drawn of a session, as of one moment.

    Attributes:
        picks: Its steps, in order.
        photos: Its further photos, in the order in which they came.
        settings: Of its chat, as a JSON object.
        recent: The newest steps of its chat, newest first, as many as were asked for.
    """

    session: Session
    picks: tuple[Pick, ...]
    photos: tuple[SessionPhoto, ...]
    settings: str
    recent: tuple[Pick, ...] = ()


@dataclass(frozen=True)
class Stepping:
    """A step that follows from the scene before it.

    Attributes:
        session_id: Whose scene.
        choose: Called with the scene, inside of the transaction: the step's kind and tag, or None
            where nothing follows.
        key: Names the event that it comes from, once per bot: a second time the scene is told as
            it is, and nothing chosen.
        recent: How many of its chat's newest steps belong to the scene.
    """

    session_id: int
    choose: Callable[[Scene], tuple[PickKind, str | None] | None]
    key: str
    recent: int = 0


@dataclass(frozen=True)
class Begun:
    """An update whose handling begins now.

    Attributes:
        settings: Of its chat, as a JSON object.
        more: Whether further ones of the chat wait.
        scene: After the step that was to be written down with it; None where none was, or there
            is no such session.
    """

    update: InboxRow
    settings: str
    more: bool
    scene: Scene | None = None


@dataclass(frozen=True)
class PastCaption:
    """A finished caption among a person's others in a chat.

    Attributes:
        picks: The session's steps, in order.
        newer: The session of the next newer one, if there is one.
        older: The session of the next older one, if there is one.
        position: Counts from 1, the newest.
        total: How many there are.
        photos: How many photos it is for.
    """

    session: Session
    picks: tuple[Pick, ...]
    newer: int | None
    older: int | None
    position: int
    total: int
    photos: int
