"""All that is drawn of a session, read in one transaction: a trip for each part takes longer."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from storage.album import photos_of
from storage.chats import read_settings
from storage.picks import append, picks_of, recent_picks
from storage.sessions import read_session
from storage.shelf import Shelf
from storage.values import Scene, Stepping


class Scenes(Shelf):
    """Scenes by session."""

    async def scene(self, session_id: int, *, recent: int = 0) -> Scene | None:
        """A session with all that is drawn of it; None where there is no such session.

        Args:
            session_id: Which.
            recent: How many of its chat's newest steps belong to it.
        """
        return await self._database.read(_scene, session_id, recent)

    async def step(self, stepping: Stepping) -> Scene | None:
        """Read a scene and `record` the step that follows from it, in one transaction.

        Returns:
            The scene after the step; None where there is no such session.
        """
        return await self._database.write(take_step, stepping)


def _scene(connection: Connection, session_id: int, recent: int) -> Scene | None:
    session = read_session(connection, session_id)
    if session is None:
        return None
    return Scene(
        session,
        tuple(picks_of(connection, session.id)),
        tuple(photos_of(connection, session.id)),
        read_settings(connection, session.chat_id),
        tuple(recent_picks(connection, session.chat_id, recent)) if recent else (),
    )


def take_step(connection: Connection, stepping: Stepping) -> Scene | None:
    """Write a step down inside a transaction: the scene after it, None without a session."""
    session_id, recent = stepping.session_id, stepping.recent
    scene = _scene(connection, session_id, recent)
    if scene is None or any(pick.key == stepping.key for pick in scene.picks):
        return scene
    step = stepping.choose(scene)
    if step is None:
        return scene
    stepped = append(connection, session_id, *step, stepping.key)
    if stepped is None:
        return None
    # Only what has been added since is read: to read all of it again takes longer than the rest.
    new = picks_of(connection, session_id, after=scene.picks[-1].id if scene.picks else 0)
    newest = (*reversed(new), *scene.recent)[:recent]
    return replace(scene, session=stepped[0], picks=(*scene.picks, *new), recent=newest)
