"""The finished captions of a chat, to be looked at one after the other."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select

from storage.picks import picks_of
from storage.schema import session_photos, sessions
from storage.sessions import read_session
from storage.shelf import Shelf
from storage.values import PastCaption, SessionState


class Past(Shelf):
    """Finished captions, newest first."""

    async def past_caption(
        self, bot_id: int, chat_id: int, owner_id: int, session_id: int | None = None
    ) -> PastCaption | None:
        """One finished caption of a person in a chat, with its neighbours.

        Args:
            bot_id: Through which bot: another one cannot fetch its photo.
            chat_id: The chat.
            owner_id: Whose.
            session_id: Which; None for the newest.

        Returns:
            None where there is no such caption (any more).
        """
        return await self._database.read(_past, bot_id, chat_id, owner_id, session_id)

    async def last_caption(self, bot_id: int, chat_id: int, owner_id: int) -> int | None:
        """The session of a person's newest finished caption in a chat."""
        return await self._database.read(_last, bot_id, chat_id, owner_id)


def _past(
    connection: Connection, bot_id: int, chat_id: int, owner_id: int, session_id: int | None
) -> PastCaption | None:
    theirs = _theirs(bot_id, chat_id, owner_id)
    if session_id is None:
        session_id = _last(connection, bot_id, chat_id, owner_id)
    here = [*theirs, sessions.c.id == session_id]
    if session_id is None or connection.scalar(select(sessions.c.id).where(*here)) is None:
        return None
    session = read_session(connection, session_id)
    assert session is not None  # it was read a moment ago, in the same transaction
    after, before = sessions.c.id > session.id, sessions.c.id < session.id
    newer, above = connection.execute(
        select(func.min(sessions.c.id), func.count()).where(*theirs, after)
    ).one()
    older, below = connection.execute(
        select(func.max(sessions.c.id), func.count()).where(*theirs, before)
    ).one()
    further = connection.scalar(
        select(func.count()).where(session_photos.c.session_id == session.id)
    )
    return PastCaption(
        session=session,
        picks=tuple(picks_of(connection, session.id)),
        newer=newer,
        older=older,
        position=above + 1,
        total=above + 1 + below,
        photos=1 + (further or 0),
    )


def _last(connection: Connection, bot_id: int, chat_id: int, owner_id: int) -> int | None:
    newest: int | None = connection.scalar(
        select(func.max(sessions.c.id)).where(*_theirs(bot_id, chat_id, owner_id))
    )
    return newest


def _theirs(bot_id: int, chat_id: int, owner_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        sessions.c.chat_id == chat_id,
        sessions.c.bot_id == bot_id,
        sessions.c.owner_id == owner_id,
        sessions.c.state == SessionState.DONE,
    )
