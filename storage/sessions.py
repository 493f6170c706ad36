"""The sessions: one photo each, from its arrival to its caption."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import ColumnElement, Connection, Row, bindparam, or_, select, text, update

from storage.errors import NoSuchChat, NoSuchSession
from storage.schema import UNSHOWN, chats, session_photos, sessions
from storage.shelf import Shelf, insert, now
from storage.values import NewSession, Session, SessionChanges, SessionState

# Built once: to build a statement takes as long as to run it.
_BY_ID = select(sessions).where(sessions.c.id == bindparam("session"))
_TOUCH = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"))
    .values(updated_at=bindparam("moment"))
    .returning(*sessions.c)
)
_UNSHOWN = (
    select(sessions)
    .where(
        text(UNSHOWN),
        sessions.c.bot_id == bindparam("bot"),
        sessions.c.state == SessionState.OPEN,
        sessions.c.updated_at >= bindparam("since"),
        sessions.c.updated_at < bindparam("before"),
    )
    .order_by(sessions.c.updated_at)
    .limit(bindparam("limit"))
)


class Sessions(Shelf):
    """Sessions by id, by message and by chat."""

    async def open_session(self, new: NewSession) -> tuple[Session, bool]:
        """Begin a session, or find the one that its photo's message has already.

        Returns:
            The session, and whether it was created now.

        Raises:
            NoSuchChat: its chat has not been remembered.
        """
        return await self._database.write(_open, new)

    async def session(self, session_id: int) -> Session | None:
        """The session of that id."""
        return await self._database.read(read_session, session_id)

    async def session_of_message(
        self, chat_id: int, message_id: int, bot_id: int | None = None
    ) -> Session | None:
        """The session one of whose photos, or whose panel or caption, is that message.

        With ``bot_id`` only that bot's: bots that share a database number the messages of a
        private chat each for itself.
        """
        is_message = or_(
            sessions.c.photo_message_id == message_id,
            sessions.c.panel_message_id == message_id,
            sessions.c.caption_message_id == message_id,
            sessions.c.id.in_(
                select(session_photos.c.session_id).where(session_photos.c.message_id == message_id)
            ),
        )
        conditions = [sessions.c.chat_id == chat_id, is_message]
        if bot_id is not None:
            conditions.append(sessions.c.bot_id == bot_id)
        return await self._database.read(_newest, conditions)

    async def newest_open_session(
        self,
        chat_id: int,
        owner_id: int | None = None,
        bot_id: int | None = None,
        before: int | None = None,
    ) -> Session | None:
        """The open session that was begun last in a chat, by that owner, through that bot.

        With ``before`` the last one that was begun before the session of that id.
        """
        conditions = [sessions.c.chat_id == chat_id, sessions.c.state == SessionState.OPEN]
        if owner_id is not None:
            conditions.append(sessions.c.owner_id == owner_id)
        if bot_id is not None:
            conditions.append(sessions.c.bot_id == bot_id)
        if before is not None:
            conditions.append(sessions.c.id < before)
        return await self._database.read(_newest, conditions)

    async def session_of_album(self, bot_id: int, chat_id: int, album: str) -> Session | None:
        """The open session that a media group has in a chat, through that bot."""
        conditions = [
            sessions.c.chat_id == chat_id,
            sessions.c.album == album,
            sessions.c.bot_id == bot_id,
            sessions.c.state == SessionState.OPEN,
        ]
        return await self._database.read(_newest, conditions)

    async def open_sessions(
        self, bot_id: int | None = None, since: datetime | None = None
    ) -> list[Session]:
        """All open sessions, oldest first; with ``since`` those touched at or after it."""
        conditions = [sessions.c.state == SessionState.OPEN]
        if bot_id is not None:
            conditions.append(sessions.c.bot_id == bot_id)
        if since is not None:
            conditions.append(sessions.c.updated_at >= since)
        return await self._database.read(_all, conditions)

    async def unshown_albums(
        self, bot_id: int, since: datetime, before: datetime, limit: int
    ) -> list[Session]:
        """Open sessions of albums that have no panel, and that nobody has touched for a while.

        Args:
            bot_id: Whose.
            since: What was touched last before it is left out.
            before: What was touched at or after it is left out, too.
            limit: How many at most, the longest waiting first.
        """
        return await self._database.read(_unshown, bot_id, since, before, limit)

    async def update_session(self, session_id: int, **changes: Unpack[SessionChanges]) -> Session:
        """Change what is named, leave the rest.

        Raises:
            NoSuchSession: there is none of that id.
        """
        session = await self._database.write(touch_session, session_id, changes)
        if session is None:
            raise NoSuchSession(f"there is no session {session_id}")
        return session


def touch_session(
    connection: Connection, session_id: int, changes: SessionChanges
) -> Session | None:
    """Change a session inside a transaction, note the time, and read it in the same step.

    On PostgreSQL this also makes transactions on one session take turns.
    """
    change = _TOUCH.values(**changes) if changes else _TOUCH
    row = connection.execute(change, {"session": session_id, "moment": now()}).first()
    return _to_session(row) if row else None


def read_session(connection: Connection, session_id: int) -> Session | None:
    """Read a session inside a transaction."""
    row = connection.execute(_BY_ID, {"session": session_id}).first()
    return _to_session(row) if row else None


def _open(connection: Connection, new: NewSession) -> tuple[Session, bool]:
    if connection.scalar(select(chats.c.id).where(chats.c.id == new.chat_id)) is None:
        raise NoSuchChat(f"chat {new.chat_id} has not been remembered")
    moment = now()
    row = connection.execute(
        insert(connection, sessions)
        .values(**asdict(new), state=SessionState.OPEN, created_at=moment, updated_at=moment)
        .on_conflict_do_nothing()
        .returning(*sessions.c)
    ).first()
    if row is not None:
        return _to_session(row), True
    row = connection.execute(
        select(sessions).where(
            sessions.c.bot_id == new.bot_id,
            sessions.c.chat_id == new.chat_id,
            sessions.c.photo_message_id == new.photo_message_id,
        )
    ).one()
    return _to_session(row), False


def _newest(connection: Connection, conditions: list[ColumnElement[bool]]) -> Session | None:
    row = connection.execute(
        select(sessions)
        .where(*conditions)
        # One that was put aside may have given its photo to another.
        .order_by(sessions.c.state == SessionState.CANCELLED, sessions.c.id.desc())
        .limit(1)
    ).first()
    return _to_session(row) if row else None


def _all(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[Session]:
    rows = connection.execute(select(sessions).where(*conditions).order_by(sessions.c.id))
    return [_to_session(row) for row in rows]


def _unshown(
    connection: Connection, bot_id: int, since: datetime, before: datetime, limit: int
) -> list[Session]:
    rows = connection.execute(
        _UNSHOWN, {"bot": bot_id, "since": since, "before": before, "limit": limit}
    )
    return [_to_session(row) for row in rows]


def _to_session(row: Row[Any]) -> Session:
    values = dict(row._mapping)
    return Session(**values | {"state": SessionState(values["state"])})
