"""The playground's memory: one small SQLite file beside the folder of files.

Everything that the real Telegram would still know after a stop lies here (chats, messages, updates
that the bot has not confirmed, events of the page, files), so the server can be stopped and started
without anybody noticing. All calls come from the server's event loop, one after the other.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Clock = Callable[[], float]

VERSION = 1
SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE users (user_id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE chats (
    chat_id INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    next_message_id INTEGER NOT NULL DEFAULT 1,
    blocked INTEGER NOT NULL DEFAULT 0,
    bot_is_admin INTEGER NOT NULL DEFAULT 0,
    migrated_to INTEGER
);
CREATE TABLE members (
    joined INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    UNIQUE (chat_id, user_id)
);
CREATE TABLE messages (
    chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, reply_to INTEGER, body TEXT NOT NULL,
    PRIMARY KEY (chat_id, message_id)
) WITHOUT ROWID;
CREATE TABLE updates (
    update_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, created REAL NOT NULL
);
CREATE INDEX updates_by_state ON updates (state, update_id);
CREATE TABLE queries (
    query_id TEXT PRIMARY KEY, chat_id INTEGER NOT NULL, created REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE events (
    event_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL, kind TEXT NOT NULL,
    message_id INTEGER, body TEXT NOT NULL, created REAL NOT NULL
);
CREATE INDEX events_by_chat ON events (chat_id, event_id);
CREATE TABLE files (
    file_id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL, mime TEXT NOT NULL,
    size INTEGER NOT NULL, media TEXT NOT NULL, created REAL NOT NULL,
    link_until REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""


class OtherVersionError(Exception):
    """The folder was written by a version of the playground with other tables."""


class Store:
    """The SQLite file: rows in and out, and transactions that may be nested.

    Args:
        folder: Created when missing, readable by its owner only.

    Raises:
        OtherVersionError: There is a file, but with other tables.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(folder / "playground.db", isolation_level=None)
        self._depth = 0
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA busy_timeout = 5000")
        self._db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        if self.one("SELECT 1 FROM sqlite_master") is None:
            self._db.executescript(f"{SCHEMA} PRAGMA user_version = {VERSION};")
        elif self.one("PRAGMA user_version") != (VERSION,):
            self._db.close()
            raise OtherVersionError(
                f"{folder} holds chats of another version of the playground; move it away."
            )

    def close(self) -> None:
        """Write everything back and let go of the file."""
        self._db.close()

    def scrub(self) -> None:
        """Take what was deleted out of the file, where copies of rows that moved may be left, and
        out of the write-ahead log."""
        self._db.execute("VACUUM")
        self.empty_log()

    def empty_log(self) -> None:
        """Take what was deleted out of the write-ahead log."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; the outermost of nested ones commits. Never await inside."""
        if self._depth == 0:
            self._db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._db.execute("COMMIT")

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """Execute a statement.

        Returns:
            The row id of an insert.
        """
        return int(self._db.execute(sql, values).lastrowid or 0)

    def change(self, sql: str, values: Sequence[object] = ()) -> int:
        """Execute an update or a delete.

        Returns:
            How many rows it touched.
        """
        return self._db.execute(sql, values).rowcount

    def one(self, sql: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or ``None``."""
        row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        return self._db.execute(sql, values).fetchall()

    def remembered(self, name: str, default: Any = None) -> Any:
        """A value that was kept with :meth:`remember`."""
        row = self.one("SELECT value FROM meta WHERE name = ?", (name,))
        return default if row is None else json.loads(row[0])

    def remember(self, name: str, value: Any) -> None:
        """Keep a small JSON value under a name."""
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, dump(value)))


def strict_json(text: str | bytes) -> Any:
    """Parse JSON from outside; unlike the standard library's, without infinity and NaN.

    Raises:
        ValueError: It is no JSON.
    """
    return json.loads(text, parse_constant=_finite, parse_float=_finite)


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is no number in JSON")
    return value


def dump(value: Any) -> str:
    """JSON as it is stored: compact, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
