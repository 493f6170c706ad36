"""Everything that lasts: the inbox of updates, chats, sessions and picks, in a database.

The bot talks to one `Storage`; values go in and out, and errors are types of this package.
"""

from __future__ import annotations

from storage.errors import (
    DriverMissing,
    NewerDatabase,
    NoSuchChat,
    NoSuchSession,
    StorageBusy,
    StorageClosed,
    StorageError,
    StorageUnavailable,
    UnsupportedUrl,
)
from storage.store import Storage
from storage.values import (
    Chat,
    InboxRow,
    NewSession,
    Pick,
    PickKind,
    Session,
    SessionChanges,
    SessionState,
)

__all__ = [
    "Chat",
    "DriverMissing",
    "InboxRow",
    "NewSession",
    "NewerDatabase",
    "NoSuchChat",
    "NoSuchSession",
    "Pick",
    "PickKind",
    "Session",
    "SessionChanges",
    "SessionState",
    "Storage",
    "StorageBusy",
    "StorageClosed",
    "StorageError",
    "StorageUnavailable",
    "UnsupportedUrl",
]
