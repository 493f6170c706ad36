"""The further photos of a session: those of an album, and those that joined it later.

The first photo stays with the session itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from storage.errors import NoSuchSession
from storage.schema import session_photos
from storage.sessions import touch_session
from storage.shelf import Shelf, insert
from storage.values import SessionChanges, SessionPhoto

_OF_SESSION = (
    select(session_photos)
    .where(session_photos.c.session_id == bindparam("session"))
    .order_by(session_photos.c.position)
)


class Album(Shelf):
    """Further photos by session and position."""

    async def add_photo(
        self, session_id: int, message_id: int, file_id: str
    ) -> tuple[SessionPhoto, bool]:
        """Let one more photo join a session, or find it there (a redelivery).

        Returns:
            The photo, and whether it joined now.

        Raises:
            NoSuchSession: there is none of that id.
        """
        return await self._database.write(_add, session_id, message_id, file_id)

    async def photos(self, session_id: int) -> list[SessionPhoto]:
        """The further photos of a session, in the order in which they came."""
        return await self._database.read(photos_of, session_id)

    async def set_photo_embedding(
        self, session_id: int, position: int, embedding: bytes | None
    ) -> None:
        """Keep what the engine saw in a further photo, or drop it."""
        await self._database.write(_embed, session_id, position, embedding)


def _add(
    connection: Connection, session_id: int, message_id: int, file_id: str
) -> tuple[SessionPhoto, bool]:
    # On PostgreSQL this makes two photos that come at once take turns.
    if touch_session(connection, session_id, SessionChanges()) is None:
        raise NoSuchSession(f"there is no session {session_id}")
    is_it = (session_photos.c.session_id == session_id, session_photos.c.message_id == message_id)
    known = connection.execute(select(session_photos).where(*is_it)).first()
    if known is not None:
        return _to_photo(known), False
    last = connection.scalar(
        select(func.max(session_photos.c.position)).where(session_photos.c.session_id == session_id)
    )
    row = connection.execute(
        insert(connection, session_photos)
        .values(
            session_id=session_id,
            position=1 if last is None else last + 1,  # the session's own photo is number 0
            message_id=message_id,
            file_id=file_id,
        )
        .returning(*session_photos.c)
    ).one()
    return _to_photo(row), True


def photos_of(connection: Connection, session_id: int) -> list[SessionPhoto]:
    """The further photos of a session inside a transaction."""
    return [_to_photo(row) for row in connection.execute(_OF_SESSION, {"session": session_id})]


def _embed(connection: Connection, session_id: int, position: int, embedding: bytes | None) -> None:
    connection.execute(
        update(session_photos)
        .where(session_photos.c.session_id == session_id, session_photos.c.position == position)
        .values(embedding=embedding)
    )


def _to_photo(row: Row[Any]) -> SessionPhoto:
    return SessionPhoto(**row._mapping)
