"""The panels: brings the message of a session to where the session stands.

Reads the database, asks the engine, and hands the outbox one message or edit. What is drawn never
depends on what was drawn before, so that a redraw after a crash is the same as a tap's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot import troubles, views
from bot.history import Standing, fold
from bot.keyboard import SUGGESTIONS
from bot.photos import Photos
from bot.sender import ChatGone, MessageGone, Sender, View, arrival
from engine import EmbeddingMismatch, EngineError, ImageEmbedding, Recommender
from storage import Pick, Session, SessionState, Storage, StorageError

_LOG = logging.getLogger(__name__)

RECENT = timedelta(days=1)
"""Photos that nobody has touched for longer are not drawn again by the bot itself."""

InTurn = Callable[[int, Coroutine[Any, Any, None]], Coroutine[Any, Any, None]]
"""Runs something of a chat after the chat's earlier updates (`bot.processor.ChatLanes.take`)."""


@dataclass(frozen=True)
class Where:
    """A chat and its topic."""

    chat_id: int
    thread_id: int | None


def where(session: Session) -> Where:
    """Where a session's messages go."""
    return Where(session.chat_id, session.thread_id)


class Panels:
    """Draws the panels of all sessions."""

    def __init__(
        self,
        storage: Storage,
        recommender: Recommender,
        photos: Photos,
        sender: Sender,
        in_turn: InTurn,
    ) -> None:
        self._storage = storage
        self._recommender = recommender
        self._photos = photos
        self._sender = sender
        self._in_turn = in_turn
        self._watching: set[asyncio.Task[None]] = set()

    async def open(self, session: Session) -> None:
        """Look at the photo of a session and show its first panel, or what is wrong with it.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down: the next start opens it.
        """
        try:
            if session.embedding is None:
                session = await self._look(session)
        except troubles.FINAL as error:
            await self.show(session, View(troubles.sentence(error)))
            await self._storage.update_session(session.id, state=SessionState.CANCELLED)
        except troubles.PASSING as error:
            await self.show(session, views.trouble(session, troubles.sentence(error)))
        else:
            await self.draw(session, await self._storage.picks(session.id))

    async def draw(self, session: Session, picks: Iterable[Pick]) -> None:
        """Show where an open session stands, in its panel or in a new one below its photo.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down: the next start draws.
        """
        standing = fold(picks)
        note = ""
        suggestions: tuple[str, ...] = ()
        try:
            suggestions = await self.suggestions(session, standing)
        except troubles.PASSING as error:
            note = troubles.sentence(error)
        await self.show(session, views.panel(session, standing, suggestions, note=note))

    async def suggestions(self, session: Session, standing: Standing) -> tuple[str, ...]:
        """The tags to offer now.

        Raises:
            EngineBusy, NotFetched: later it may work.
            EngineClosed: the engine is shutting down.
        """
        stored = session.embedding
        try:
            if stored is None:
                raise EmbeddingMismatch("not looked at yet")
            return await self._ask(session, standing, ImageEmbedding.from_bytes(stored))
        except EmbeddingMismatch:
            pass
        try:  # the weights are others than those that saw the photo
            stored = (await self._look(session)).embedding
        except troubles.FINAL:
            stored = None
        image = ImageEmbedding.from_bytes(stored) if stored else None
        return await self._ask(session, standing, image)

    async def _look(self, session: Session) -> Session:
        """Have the photo embedded, and keep the embedding with the session."""
        image = await self._photos.look(session.photo_file_id, session.chat_id)
        return await self._storage.update_session(session.id, embedding=image.to_bytes())

    async def _ask(
        self, session: Session, standing: Standing, image: ImageEmbedding | None
    ) -> tuple[str, ...]:
        answer = await self._recommender.suggest(
            image,
            standing.prefix,
            k=SUGGESTIONS,
            exclude=(*standing.passed, *standing.prefix),
            caller=session.chat_id,
        )
        return tuple(one.tag for one in answer.items)

    async def show(self, session: Session, view: View) -> None:
        """Edit the session's panel, or send a new one.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        if session.panel_message_id is None:
            await self._send(session, view)
            return
        edit = self._sender.edit(session.chat_id, session.panel_message_id, view)
        watcher = asyncio.create_task(self._watch(session, edit))
        self._watching.add(watcher)
        watcher.add_done_callback(self._watching.discard)

    async def _send(self, session: Session, view: View) -> None:
        message_id = await self._sender.send(
            where(session), view, reply_to=session.photo_message_id
        )
        await self._storage.update_session(session.id, panel_message_id=message_id)

    async def _watch(self, session: Session, edit: asyncio.Future[None]) -> None:
        """See an edit arrive; where its message was deleted, send a new panel."""
        try:
            await arrival(edit)
        except MessageGone:
            await self._in_turn(session.chat_id, self._replace(session))
        except ChatGone:
            pass  # blocked, or gone: there is nobody to tell
        except Exception:
            _LOG.exception("an edit was refused")

    async def _replace(self, old: Session) -> None:
        """Send a new panel for a session whose message is gone."""
        session = await self._storage.session(old.id)
        if session is None or session.panel_message_id != old.panel_message_id:
            return
        await self._storage.update_session(session.id, panel_message_id=None)
        await self.redraw(session.id)

    async def redraw(self, session_id: int) -> None:
        """Draw an open session as it stands; never raises what is wrong with one chat."""
        try:
            session = await self._storage.session(session_id)
            if session is not None and session.state is SessionState.OPEN:
                await self.draw(session, await self._storage.picks(session.id))
        except (ChatGone, StorageError, EngineError) as error:
            _LOG.warning("a panel could not be drawn again: %s", type(error).__name__)

    async def move(self, bot_id: int, chat_id: int) -> None:
        """Give the open photos of a group that became this supergroup new panels there."""
        since = datetime.now(UTC) - RECENT
        for session in await self._storage.open_sessions(bot_id, since=since):
            if session.chat_id == chat_id and session.panel_message_id is None:
                await self._in_turn(chat_id, self.redraw(session.id))

    async def close(self) -> None:
        """Forget the edits that have not arrived; the next start draws them."""
        for watcher in tuple(self._watching):
            watcher.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
