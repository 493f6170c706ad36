"""The statements and transactions of the inbox."""

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
from storage.scenes import take_step
from storage.schema import inbox
from storage.shelf import now
from storage.values import Begun, InboxRow, Stepping

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
_COUNT_BACK = _CHANGE.where(inbox.c.done_at.is_(None), inbox.c.attempts > 0).values(
    attempts=inbox.c.attempts - 1
)
_FINISH = _CHANGE.values(done_at=bindparam("moment"))


def receive(
    connection: Connection,
    bot_id: int,
    update_id: int,
    body: str,
    chat_id: int | None,
    attempts: int = 0,
) -> bool:
    """Keep an update, begun so often; False where it is known already."""
    new = {"bot_id": bot_id, "update_id": update_id, "body": body, "chat_id": chat_id}
    counted = new | {"attempts": attempts} | _moment(connection)
    return connection.execute(_keep(connection.dialect.name), counted).first() is not None


def admit(
    connection: Connection,
    bot_id: int,
    update_id: int,
    body: str,
    chat_id: int | None,
    without: Collection[int],
    stepping: Stepping | None,
) -> Begun | None:
    """Keep an update and begin with the oldest of its chat; if it is that, with its step."""
    if following(connection, bot_id, chat_id, 1, without):
        receive(connection, bot_id, update_id, body, chat_id)
        return begin(connection, bot_id, chat_id, without)
    if not receive(connection, bot_id, update_id, body, chat_id, attempts=1):
        return None
    scene = take_step(connection, stepping) if stepping else None
    if scene is not None and scene.session.chat_id == chat_id:
        settings = scene.settings
    else:
        settings = read_settings(connection, chat_id)
    return Begun(InboxRow(update_id, body, 1), settings, more=False, scene=scene)


def unfinished(connection: Connection, bot_id: int) -> list[InboxRow]:
    """All that are not finished, oldest first."""
    rows = connection.execute(
        select(inbox.c.update_id, inbox.c.body, inbox.c.attempts)
        .where(inbox.c.bot_id == bot_id, inbox.c.done_at.is_(None))
        # By arrival, not by id: Telegram starts from a random id after a quiet week.
        .order_by(inbox.c.received_at, inbox.c.update_id)
    )
    return [InboxRow(row.update_id, row.body, row.attempts) for row in rows]


def following(
    connection: Connection,
    bot_id: int,
    chat_id: int | None,
    limit: int,
    without: Collection[int],
) -> list[InboxRow]:
    """Those of a chat that come next."""
    left = _OF_NOBODY if chat_id is None else _OF_CHAT
    if without:
        left = left.where(inbox.c.update_id.not_in(without))
    rows = connection.execute(left, {"bot": bot_id, "chat": chat_id, "limit": limit})
    return [InboxRow(row.update_id, row.body, row.attempts) for row in rows]


def waiting_chats(
    connection: Connection, bot_id: int, limit: int, without: Collection[int]
) -> list[int | None]:
    """Whose updates are not finished, the longest waiting first."""
    rows = connection.execute(
        select(inbox.c.chat_id)
        .where(*_left(bot_id, without))
        .group_by(inbox.c.chat_id)
        .order_by(func.min(inbox.c.received_at))
        .limit(limit)
    )
    return [row.chat_id for row in rows]


def depth(connection: Connection, bot_id: int) -> int:
    """How many are not finished."""
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


def begin(
    connection: Connection,
    bot_id: int,
    chat_id: int | None,
    without: Collection[int],
    finished: Collection[int] = (),
) -> Begun | None:
    """Mark some as finished, then begin with a chat's oldest that is not."""
    finish(connection, bot_id, finished)
    rows = following(connection, bot_id, chat_id, 2, without)
    if not rows:
        return None
    first = replace(rows[0], attempts=rows[0].attempts + 1)
    connection.execute(_COUNT, {"bot": bot_id, "update": first.update_id})
    return Begun(first, read_settings(connection, chat_id), len(rows) > 1)


def finish(connection: Connection, bot_id: int, handled: Collection[int]) -> None:
    """Mark updates as finished."""
    for update_id in handled:
        connection.execute(_FINISH, {"bot": bot_id, "update": update_id, "moment": now()})


def put_back(connection: Connection, bot_id: int, begun: Collection[int]) -> None:
    """Take a beginning of some updates back; what is finished stays as it is."""
    for update_id in begun:
        connection.execute(_COUNT_BACK, {"bot": bot_id, "update": update_id})


def sweep(connection: Connection, done_before: datetime) -> int:
    """Delete what was finished before a time; how many rows went."""
    return connection.execute(delete(inbox).where(inbox.c.done_at < done_before)).rowcount
