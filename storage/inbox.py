"""The inbox: every update is kept here from before Telegram is told of its arrival until it is
handled, so that a kill in between loses nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from storage.schema import inbox
from storage.shelf import Shelf, insert, now
from storage.values import InboxRow


class Inbox(Shelf):
    """Updates by bot and update id."""

    async def receive(
        self, bot_id: int, update_id: int, body: str, chat_id: int | None = None
    ) -> bool:
        """Keep an update; False where it is known already (a redelivery).

        Args:
            bot_id: Who received it.
            update_id: Telegram's number.
            body: What it says.
            chat_id: Whose it is: a chat, or the person where it comes from no chat.
        """
        return await self._database.write(_receive, bot_id, update_id, body, chat_id)

    async def unfinished(self, bot_id: int) -> list[InboxRow]:
        """The updates that have arrived and are not finished, oldest first."""
        return await self._database.read(_unfinished, bot_id)

    async def next_updates(
        self, bot_id: int, chat_id: int | None, limit: int, without: Collection[int] = ()
    ) -> list[InboxRow]:
        """The updates of a chat that are to be handled next: the oldest that are not finished.

        Args:
            bot_id: Who received them.
            chat_id: The chat's, or the person's.
            limit: How many at most.
            without: Updates that are left out.
        """
        return await self._database.read(_next, bot_id, chat_id, limit, without)

    async def waiting_chats(
        self, bot_id: int, limit: int, without: Collection[int] = ()
    ) -> list[int | None]:
        """Chats (and persons) of which an update is not finished, the longest waiting first."""
        return await self._database.read(_waiting_chats, bot_id, limit, without)

    async def depth(self, bot_id: int) -> int:
        """How many updates are not finished."""
        return await self._database.read(_depth, bot_id)

    async def attempt(self, bot_id: int, update_id: int) -> int:
        """Count one more beginning of its handling; 0 where the update is not kept."""
        return await self._database.write(_attempt, bot_id, update_id)

    async def finish(self, bot_id: int, update_id: int) -> None:
        """Mark an update as handled: it is not replayed any more, and still known."""
        await self._database.write(_finish, bot_id, update_id)

    async def sweep(self, done_before: datetime) -> int:
        """Delete what was finished before that time; how many rows went.

        Raises:
            ValueError: the time has no zone.
        """
        if done_before.tzinfo is None:
            raise ValueError("done_before needs its time zone")
        return await self._database.write(_sweep, done_before)


def _receive(
    connection: Connection, bot_id: int, update_id: int, body: str, chat_id: int | None
) -> bool:
    row = connection.execute(
        insert(connection, inbox)
        .values(
            bot_id=bot_id,
            update_id=update_id,
            body=body,
            attempts=0,
            received_at=_moment(connection),
            chat_id=chat_id,
        )
        .on_conflict_do_nothing()
        .returning(inbox.c.update_id)
    ).first()
    return row is not None


def _unfinished(connection: Connection, bot_id: int) -> list[InboxRow]:
    rows = connection.execute(
        select(inbox.c.update_id, inbox.c.body, inbox.c.attempts)
        .where(inbox.c.bot_id == bot_id, inbox.c.done_at.is_(None))
        # By arrival, not by id: Telegram starts from a random id after a quiet week.
        .order_by(inbox.c.received_at, inbox.c.update_id)
    )
    return [InboxRow(row.update_id, row.body, row.attempts) for row in rows]


def _next(
    connection: Connection,
    bot_id: int,
    chat_id: int | None,
    limit: int,
    without: Collection[int],
) -> list[InboxRow]:
    rows = connection.execute(
        select(inbox.c.update_id, inbox.c.body, inbox.c.attempts)
        .where(*_left(bot_id, without), inbox.c.chat_id == chat_id)
        .order_by(inbox.c.received_at, inbox.c.update_id)
        .limit(limit)
    )
    return [InboxRow(row.update_id, row.body, row.attempts) for row in rows]


def _waiting_chats(
    connection: Connection, bot_id: int, limit: int, without: Collection[int]
) -> list[int | None]:
    rows = connection.execute(
        select(inbox.c.chat_id)
        .where(*_left(bot_id, without))
        .group_by(inbox.c.chat_id)
        .order_by(func.min(inbox.c.received_at))
        .limit(limit)
    )
    return [row.chat_id for row in rows]


def _depth(connection: Connection, bot_id: int) -> int:
    return connection.scalar(select(func.count()).where(*_left(bot_id, ()))) or 0


def _left(bot_id: int, without: Collection[int]) -> list[ColumnElement[bool]]:
    """Which updates are not finished."""
    left = [inbox.c.bot_id == bot_id, inbox.c.done_at.is_(None)]
    return [*left, inbox.c.update_id.not_in(without)] if without else left


def _moment(connection: Connection) -> Any:
    """When an update arrives, by one clock for all processes that share the database."""
    return now() if connection.dialect.name == "sqlite" else func.clock_timestamp()


def _attempt(connection: Connection, bot_id: int, update_id: int) -> int:
    attempts = connection.scalar(
        update(inbox)
        .where(inbox.c.bot_id == bot_id, inbox.c.update_id == update_id)
        .values(attempts=inbox.c.attempts + 1)
        .returning(inbox.c.attempts)
    )
    return int(attempts or 0)


def _finish(connection: Connection, bot_id: int, update_id: int) -> None:
    connection.execute(
        update(inbox)
        .where(inbox.c.bot_id == bot_id, inbox.c.update_id == update_id)
        .values(done_at=now())
    )


def _sweep(connection: Connection, done_before: datetime) -> int:
    return connection.execute(delete(inbox).where(inbox.c.done_at < done_before)).rowcount
