"""What passes through the storage's door: frozen values, never rows of a library."""

from __future__ import annotations

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
    """What a person did; `OWN` is a typed tag, `MORE` carries the tags passed over."""

    ADD = "add"
    REMOVE = "remove"
    OWN = "own"
    MORE = "more"
    UNDO = "undo"
    DONE = "done"
    EDIT = "edit"
    CANCEL = "cancel"


@dataclass(frozen=True)
class InboxRow:
    """An update that has arrived and is not finished yet.

    Attributes:
        attempts: How often its handling has begun.
    """

    update_id: int
    body: str
    attempts: int


@dataclass(frozen=True)
class Chat:
    """A chat that the bot knows; ``language`` is as the client last told it."""

    id: int
    kind: str
    language: str | None
    created_at: datetime


@dataclass(frozen=True)
class NewSession:
    """A photo about to become a session."""

    bot_id: int
    chat_id: int
    owner_id: int
    thread_id: int | None
    photo_message_id: int
    photo_file_id: str
    text: str
    language: str | None


@dataclass(frozen=True)
class Session:
    """One photo on its way to a caption.

    Attributes:
        photo_message_id: None after its group became a supergroup: message ids begin anew
            there, so the old ones (the panel's and the caption's too) are dropped.
        text: The caption's own words, without the tags.
        embedding: The engine's packed embedding, None until the photo has been looked at.
        panel_message_id: The message with the keyboard.
        caption_message_id: The message with the finished caption.
        updated_at: The time of the last change or pick.
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


class SessionChanges(TypedDict, total=False):
    """The columns of a session that may change; a key left out stays as it is."""

    embedding: bytes | None
    panel_message_id: int | None
    caption_message_id: int | None
    text: str
    state: SessionState


@dataclass(frozen=True)
class Pick:
    """One step of a person in a session.

    Attributes:
        tag: Without ``#``; for `PickKind.MORE` the tags passed over, separated by spaces;
            None for steps that have no tag.
        key: Names the event that it came from.
    """

    id: int
    session_id: int
    kind: PickKind
    tag: str | None
    key: str
    created_at: datetime
