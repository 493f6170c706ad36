"""The inbox: every update is kept here from before Telegram is told of its arrival until it is
handled, so that a kill in between loses nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage.chats import read_settings
from storage.schema import inbox
from storage.shelf import Shelf, now
from storage.values import Begun, InboxRow

# Built once: to build a statement takes as long as to run it.
_LEFT = (
    select(inbox.c.update_id, inbox.c.body, inbox.c.attempts)
    .where(inbox.c.bot_id == bindparam("bot"), inbox.c.done_at.is_(None))
    .order_by(inbox.c.received_at, inbox.c.update_id)
    .limit(bindparam("limit"))
)
_OF_CHAT = _LEFT.where(inbox.c.chat_id == bindparam("chat"))
_OF_NOBODY = _LEFT.where(inbox.c.chat_id.is_(None))
_CHANGE = update(inbox).where(
    inbox.c.bot_id == bindparam("bot"), inbox.c.update_id == bindparam("update")
)
_COUNT = _CHANGE.values(attempts=inbox.c.attempts + 1)
_FINISH = _CHANGE.values(done_at=bindparam("moment"))


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

    async def admit(
        self,
        bot_id: int,
        update_id: int,
        body: str,
        chat_id: int | None,
        without: Collection[int] = (),
    ) -> Begun | None:
        """`receive` an update and `begin` with the oldest of its chat, in one transaction.

        Args:
            bot_id: Who received it.
            update_id: Telegram's number.
            body: What it says.
            chat_id: Whose it is: a chat, or the person where it comes from no chat.
            without: Updates that are not begun.

        Returns:
            Usually the update itself; None where it is known already and no other waits.
        """
        return await self._database.write(_admit, bot_id, update_id, body, chat_id, without)

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

    async def begin(
        self,
        bot_id: int,
        chat_id: int | None,
        without: Collection[int] = (),
        finished: Collection[int] = (),
    ) -> Begun | None:
        """Begin with a chat's oldest update that is not finished, and count that.

        Args:
            bot_id: Who received it.
            chat_id: The chat's, or the person's.
            without: Updates that are left out.
            finished: Updates to `finish` before that, in the same transaction.

        Returns:
            None where there is none.
        """
        return await self._database.write(_begin, bot_id, chat_id, without, finished)

    async def finish(self, bot_id: int, *updates: int) -> None:
        """Mark updates as handled: they are not replayed any more, and still known."""
        await self._database.write(_finish, bot_id, updates)

    async def sweep(self, done_before: datetime) -> int:
        """Delete what was finished before that time; how many rows went.

        Raises:
            ValueError: the time has no zone.
        """
        if done_before.tzinfo is None:
            raise ValueError("done_before needs its time zone")
        return await self._database.write(_sweep, done_before)


def _receive(
    connection: Connection,
    bot_id: int,
    update_id: int,
    body: str,
    chat_id: int | None,
    attempts: int = 0,
) -> bool:
    new = {"bot_id": bot_id, "update_id": update_id, "body": body, "chat_id": chat_id}
    counted = new | {"attempts": attempts} | _moment(connection)
    return connection.execute(_keep(connection.dialect.name), counted).first() is not None


def _admit(
    connection: Connection,
    bot_id: int,
    update_id: int,
    body: str,
    chat_id: int | None,
    without: Collection[int],
) -> Begun | None:
    if _next(connection, bot_id, chat_id, 1, without):
        _receive(connection, bot_id, update_id, body, chat_id)
        return _begin(connection, bot_id, chat_id, without)
    if not _receive(connection, bot_id, update_id, body, chat_id, attempts=1):
        return None
    return Begun(InboxRow(update_id, body, 1), read_settings(connection, chat_id), more=False)


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
    following = _OF_NOBODY if chat_id is None else _OF_CHAT
    if without:
        following = following.where(inbox.c.update_id.not_in(without))
    rows = connection.execute(following, {"bot": bot_id, "chat": chat_id, "limit": limit})
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


@cache
def _keep(dialect: str) -> Executable:
    if dialect == "sqlite":
        new = sqlite.insert(inbox).values(received_at=bindparam("moment"))
        return new.on_conflict_do_nothing().returning(inbox.c.update_id)
    # One clock for all processes that share the database.
    shared = postgresql.insert(inbox).values(received_at=func.clock_timestamp())
    return shared.on_conflict_do_nothing().returning(inbox.c.update_id)


def _moment(connection: Connection) -> dict[str, Any]:
    return {"moment": now()} if connection.dialect.name == "sqlite" else {}


def _begin(
    connection: Connection,
    bot_id: int,
    chat_id: int | None,
    without: Collection[int],
    finished: Collection[int] = (),
) -> Begun | None:
    _finish(connection, bot_id, finished)
    rows = _next(connection, bot_id, chat_id, 2, without)
    if not rows:
        return None
    first = replace(rows[0], attempts=rows[0].attempts + 1)
    connection.execute(_COUNT, {"bot": bot_id, "update": first.update_id})
    return Begun(first, read_settings(connection, chat_id), len(rows) > 1)


def _finish(connection: Connection, bot_id: int, updates: Collection[int]) -> None:
    for update_id in updates:
        connection.execute(_FINISH, {"bot": bot_id, "update": update_id, "moment": now()})


def _sweep(connection: Connection, done_before: datetime) -> int:
    return connection.execute(delete(inbox).where(inbox.c.done_at < done_before)).rowcount
