"""Everything of one chat: told, deleted for good, or let go of when nobody has used it for long.

Both go over all tables of the schema, so that a table that is added later is told and deleted too.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
)

from storage.export import finished_sessions
from storage.schema import chats, inbox, metadata, questions, secrets, sessions, sets
from storage.shelf import Shelf, now

Portrait = dict[str, list[dict[str, Any]]]

_JSON = frozenset({"settings", "body"})
_QUESTION_LIFE = timedelta(days=7)
_TABLES = [table for table in metadata.sorted_tables if table is not secrets]


class Privacy(Shelf):
    """What a chat may ask about itself, and what happens to what is old."""

    async def portrait(self, chat_id: int) -> Portrait:
        """All that is stored about a chat: its rows by table, as values that JSON knows.

        What is JSON itself is unfolded, bytes are base64, times are ISO 8601 in UTC.
        """
        return await self._database.read(_portrait, chat_id)

    async def captions(self, chat_id: int) -> list[dict[str, Any]]:
        """A chat's finished captions, oldest first, as the lines of `storage.export`."""
        finished = finished_sessions(self._database, chat_id=chat_id)
        return [one.to_row() async for one in finished]

    async def forget_chat(self, chat_id: int) -> bool:
        """Delete a chat with everything that belongs to it, on SQLite from the files too.

        Returns:
            False where copies may be left in SQLite's files: see `Database.scrub`. The next
            `expire` tries again.
        """
        await self._database.write(_forget, chat_id)
        self._database.stale = True
        return await self._database.scrub()

    async def expire(self, before: datetime | None) -> int:
        """Delete sessions, and then whole chats, that nobody has used since a time.

        Questions that were never answered go after a week in any case.

        Args:
            before: With its zone; None keeps sessions and chats for ever.

        Returns:
            How many sessions and chats went.
        """
        gone, others = await self._database.write(_expire, before)
        self._database.stale |= gone + others > 0
        await self._database.scrub()
        return gone


_begun = or_(inbox.c.attempts > 0, inbox.c.done_at.is_not(None))


def _of_chat(table: Table, chat_id: int) -> ColumnElement[bool]:
    """Which rows of a table belong to a chat."""
    if table is chats:
        return chats.c.id == chat_id
    if "chat_id" in table.c:
        return table.c.chat_id == chat_id
    return table.c.session_id.in_(select(sessions.c.id).where(sessions.c.chat_id == chat_id))


def _portrait(connection: Connection, chat_id: int) -> Portrait:
    return {
        table.name: [
            _plain(row)
            for row in connection.execute(
                select(table).where(_of_chat(table, chat_id)).order_by(*table.primary_key)
            )
        ]
        for table in _TABLES
    }


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {name: _plain_value(name, value) for name, value in row._mapping.items()}


def _plain_value(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    if name in _JSON and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _forget(connection: Connection, chat_id: int) -> None:
    for table in reversed(_TABLES):  # what refers goes before what it refers to
        theirs = delete(table).where(_of_chat(table, chat_id))
        # What has been sent since and waits for its turn is no part of what was to be forgotten.
        connection.execute(theirs.where(_begun) if table is inbox else theirs)


def _expire(connection: Connection, before: datetime | None) -> tuple[int, int]:
    """Sessions and chats that went, and rows that do not count."""
    late = questions.c.created_at < now() - _QUESTION_LIFE
    others = connection.execute(delete(questions).where(late)).rowcount
    if before is None:
        return 0, others
    old = connection.execute(delete(sessions).where(sessions.c.updated_at < before)).rowcount
    others += connection.execute(delete(inbox).where(inbox.c.received_at < before)).rowcount
    in_use = or_(
        exists().where(sessions.c.chat_id == chats.c.id),
        exists().where(and_(sets.c.chat_id == chats.c.id, sets.c.created_at >= before)),
    )
    idle = func.coalesce(chats.c.used_at, chats.c.created_at) < before
    return old + connection.execute(delete(chats).where(idle, not_(in_use))).rowcount, others
