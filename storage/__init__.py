"""Everything that lasts: the inbox of updates, chats, sessions and picks, in a database.

The bot talks to one `Storage`; values go in and out, and errors are types of this package.
"""

from __future__ import annotations

from storage.address import file_address
from storage.claims import Claim, Claims
from storage.errors import (
    DriverMissing,
    NameTaken,
    NewerDatabase,
    NoSuchChat,
    NoSuchSession,
    StorageBusy,
    StorageClosed,
    StorageError,
    StorageUnavailable,
    UnsupportedUrl,
)
from storage.questions import ANSWERED
from storage.store import Storage
from storage.values import (
    Begun,
    Chat,
    InboxRow,
    NewSession,
    PastCaption,
    Pick,
    PickKind,
    Question,
    Scene,
    Session,
    SessionChanges,
    SessionPhoto,
    SessionState,
    Stepping,
    TagSet,
)

__all__ = [
    "ANSWERED",
    "Begun",
    "Chat",
    "Claim",
    "Claims",
    "DriverMissing",
    "InboxRow",
    "NameTaken",
    "NewSession",
    "NewerDatabase",
    "NoSuchChat",
    "NoSuchSession",
    "PastCaption",
    "Pick",
    "PickKind",
    "Question",
    "Scene",
    "Session",
    "SessionChanges",
    "SessionPhoto",
    "SessionState",
    "Stepping",
    "Storage",
    "StorageBusy",
    "StorageClosed",
    "StorageError",
    "StorageUnavailable",
    "TagSet",
    "UnsupportedUrl",
    "file_address",
]
