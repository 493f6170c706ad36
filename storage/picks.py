"""The picks: what people did, step by step, never changed and counted once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.errors import NoSuchSession
from storage.schema import picks
from storage.sessions import read_session, touch_session
from storage.shelf import Shelf, now
from storage.values import Pick, PickKind, Session, SessionChanges

_PICK = select(
    picks.c.id, picks.c.session_id, picks.c.kind, picks.c.tag, picks.c.key, picks.c.created_at
)
# Built once: to build a statement takes as long as to run it.
_OF_SESSION = _PICK.where(
    picks.c.session_id == bindparam("session"), picks.c.id > bindparam("after")
).order_by(picks.c.id)
_OF_CHAT = (
    _PICK.where(picks.c.chat_id == bindparam("chat"))
    .order_by(picks.c.id.desc())
    .limit(bindparam("limit"))
)
# The end of the index of a chat's picks: its captions need not be looked through for the latest.
_NEWEST = (
    select(picks.c.session_id)
    .where(picks.c.chat_id == bindparam("chat"), picks.c.bot_id == bindparam("bot"))
    .order_by(picks.c.id.desc())
    .limit(1)
)


class Picks(Shelf):
    """Picks by session and by chat."""

    async def record(self, session_id: int, kind: PickKind, tag: str | None, *, key: str) -> bool:
        """Append a step; ``key`` names the event that it came from, once per bot.

        Returns:
            False where a step of that key is there already: nothing was added.

        Raises:
            NoSuchSession: there is none of that id.
        """
        stepped = await self._database.write(append, session_id, kind, tag, key)
        if stepped is None:
            raise NoSuchSession(f"there is no session {session_id}")
        return stepped[1]

    async def record_all(self, session_id: int, steps: Sequence[tuple[PickKind, str, str]]) -> None:
        """`record` several steps, each a kind, a tag and a key, in one transaction.

        Raises:
            NoSuchSession: there is none of that id.
        """
        if steps and not await self._database.write(_append_all, session_id, tuple(steps)):
            raise NoSuchSession(f"there is no session {session_id}")

    async def tap(
        self,
        session_id: int,
        kind: PickKind,
        tag: str | None,
        *,
        key: str,
        changes: SessionChanges | None = None,
    ) -> tuple[Session, list[Pick], bool] | None:
        """`record`, and read the session and all its picks, in one transaction.

        Args:
            session_id: Whose step.
            kind: What was done.
            tag: With which tag.
            key: Names the event that it came from, once per bot.
            changes: Of the session, made together with the step: not where it is there already.

        Returns:
            The session, its picks in order, and whether the step was added now; None where
            there is no such session.
        """
        return await self._database.write(_tap, session_id, kind, tag, key, changes)

    async def session_and_picks(self, session_id: int) -> tuple[Session, list[Pick]] | None:
        """A session with its steps, in order; None where there is no such session."""
        return await self._database.read(_session_and_picks, session_id)

    async def session_of_steps(self, chat_id: int, keys: str) -> Session | None:
        """The session of a chat's newest step whose key begins so; None where there is none."""
        return await self._database.read(_session_of_steps, chat_id, keys)

    async def session_of_newest_step(self, bot_id: int, chat_id: int) -> Session | None:
        """The session that a chat's newest step through that bot was a part of."""
        return await self._database.read(_session_of_newest_step, bot_id, chat_id)

    async def picks(self, session_id: int) -> list[Pick]:
        """The steps of a session, in order."""
        return await self._database.read(picks_of, session_id)

    async def chat_picks(self, chat_id: int, limit: int = 500) -> list[Pick]:
        """The steps of all of a chat's sessions, newest first."""
        return await self._database.read(recent_picks, chat_id, limit)


def append(
    connection: Connection, session_id: int, kind: PickKind, tag: str | None, key: str
) -> tuple[Session, bool] | None:
    """Append a step inside a transaction: the session, and whether it is new; None without one."""
    session = touch_session(connection, session_id, SessionChanges())
    if session is None:
        return None
    values = {
        "session_id": session_id,
        "chat_id": session.chat_id,
        "bot_id": session.bot_id,
        "kind": kind,
        "tag": tag,
        "key": key,
        "created_at": now(),
    }
    row = connection.execute(_insert(connection.dialect.name), values).first()
    return session, row is not None


def _append_all(
    connection: Connection, session_id: int, steps: Sequence[tuple[PickKind, str, str]]
) -> bool:
    return all(append(connection, session_id, *step) is not None for step in steps)


def _tap(
    connection: Connection,
    session_id: int,
    kind: PickKind,
    tag: str | None,
    key: str,
    changes: SessionChanges | None,
) -> tuple[Session, list[Pick], bool] | None:
    stepped = append(connection, session_id, kind, tag, key)
    if stepped is None:
        return None
    session, added = stepped
    if added and changes:
        session = touch_session(connection, session_id, changes) or session
    return session, picks_of(connection, session_id), added


def _session_of_steps(connection: Connection, chat_id: int, keys: str) -> Session | None:
    session_id = connection.scalar(
        select(picks.c.session_id)
        .where(picks.c.chat_id == chat_id, picks.c.key.startswith(keys, autoescape=True))
        .order_by(picks.c.id.desc())
        .limit(1)
    )
    return None if session_id is None else read_session(connection, session_id)


def _session_of_newest_step(connection: Connection, bot_id: int, chat_id: int) -> Session | None:
    session_id = connection.scalar(_NEWEST, {"chat": chat_id, "bot": bot_id})
    return None if session_id is None else read_session(connection, session_id)


def _session_and_picks(
    connection: Connection, session_id: int
) -> tuple[Session, list[Pick]] | None:
    session = read_session(connection, session_id)
    return None if session is None else (session, picks_of(connection, session_id))


def picks_of(connection: Connection, session_id: int, after: int = 0) -> list[Pick]:
    """The steps of a session inside a transaction, in order; those after a step of that id."""
    return _read(connection.execute(_OF_SESSION, {"session": session_id, "after": after}))


def recent_picks(connection: Connection, chat_id: int, limit: int) -> list[Pick]:
    """The newest steps of a chat inside a transaction, newest first."""
    return _read(connection.execute(_OF_CHAT, {"chat": chat_id, "limit": limit}))


def _read(rows: Iterable[Any]) -> list[Pick]:
    return [
        Pick(id, session, PickKind(kind), tag, key, at) for id, session, kind, tag, key, at in rows
    ]


@cache
def _insert(dialect: str) -> Executable:
    new = sqlite.insert(picks) if dialect == "sqlite" else postgresql.insert(picks)
    return new.on_conflict_do_nothing().returning(picks.c.id)
