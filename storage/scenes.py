"""All that is drawn of a session, read in one transaction: a trip for each part takes longer."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from storage.album import photos_of
from storage.chats import read_settings
from storage.picks import append, picks_of, recent_picks
from storage.sessions import read_session
from storage.shelf import Shelf
from storage.values import PickKind, Scene


class Scenes(Shelf):
    """Scenes by session."""

    async def scene(self, session_id: int, *, recent: int = 0) -> Scene | None:
        """A session with all that is drawn of it; None where there is no such session.

        Args:
            session_id: Which.
            recent: How many of its chat's newest steps belong to it.
        """
        return await self._database.read(_scene, session_id, recent)

    async def step(
        self, scene: Scene, kind: PickKind, tag: str | None, *, key: str, recent: int = 0
    ) -> Scene | None:
        """`record` a step in a scene that has been read; None where its session is gone.

        Only what has been added to the session since is read; the rest is as it was.

        Args:
            scene: Whose step.
            kind: What was done.
            tag: With which tag.
            key: Names the event that it came from, once per bot: a second time nothing is added.
            recent: As for `scene`, when it was read.
        """
        return await self._database.write(_step, scene, kind, tag, key, recent)


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


def _step(
    connection: Connection,
    scene: Scene,
    kind: PickKind,
    tag: str | None,
    key: str,
    recent: int,
) -> Scene | None:
    stepped = append(connection, scene.session.id, kind, tag, key)
    if stepped is None:
        return None
    session, _ = stepped
    last = scene.picks[-1].id if scene.picks else 0
    new = picks_of(connection, session.id, after=last)
    newest = (*reversed(new), *scene.recent)[:recent]
    return replace(scene, session=session, picks=(*scene.picks, *new), recent=newest)
