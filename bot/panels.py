"""The panels: brings the message of a session to where the session stands.

Reads the database, asks the engine, and hands the outbox one message or edit. What is drawn never
depends on what was drawn before, so that a redraw after a crash is the same as a tap's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot import texts, troubles, views
from bot.eyes import Eyes, Unseen, blend, frames_of
from bot.history import Standing, fold
from bot.sender import ChatGone, MessageGone, Sender, View, arrival
from bot.style import Style, style_of
from bot.taste import STEPS, taste_of
from bot.views import Offer
from engine import EmbeddingMismatch, EngineClosed, ImageEmbedding, Recommender, Taste
from storage import Scene, Session, SessionState, Storage, StorageError

_LOG = logging.getLogger(__name__)

RECENT = timedelta(days=1)
"""Photos that nobody has touched for longer are not drawn again by the bot itself."""

_COMPANY = 60
_DEEP = 50

InTurn = Callable[[int, Coroutine[Any, Any, None]], Coroutine[Any, Any, None]]
"""Draws something of a chat anew after the chat's earlier updates (`bot.processor.ChatLanes.take`);
its photos may have to be looked at for that."""


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
        eyes: Eyes,
        sender: Sender,
        in_turn: InTurn,
    ) -> None:
        self._storage = storage
        self._recommender = recommender
        self._eyes = eyes
        self._sender = sender
        self._in_turn = in_turn
        self._watching: set[asyncio.Task[None]] = set()

    async def open(self, session: Session, *, told: bool = False) -> None:
        """Look at the photo of a session and show its first panel, or what is wrong with it.

        Args:
            session: An open one.
            told: Whether a panel has said already which photos can never be seen.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down: the next start opens it.
        """
        try:
            session, unseen = await self._eyes.look(session)
        except troubles.FINAL as error:
            await self.show(session, View(troubles.sentence(error, session.language)))
            await self._storage.update_session(session.id, state=SessionState.CANCELLED)
        except troubles.PASSING as error:
            await self.show(
                session, views.trouble(session, troubles.sentence(error, session.language))
            )
        else:
            silent = told and unseen is not None and unseen.final
            await self.draw(session.id, None if silent else unseen)

    async def draw(self, session_id: int, unseen: Unseen | None = None) -> None:
        """Show where an open session stands, in its panel or in a new one below its photo.

        Args:
            session_id: Of an open one.
            unseen: Photos of it that are not seen.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down: the next start draws.
        """
        scene = await self._storage.scene(session_id, recent=STEPS)
        if scene is not None:
            await self.paint(scene, unseen)

    async def paint(self, scene: Scene, unseen: Unseen | None = None) -> None:
        """Show where an open session stands, as it has been read.

        Args:
            scene: With the chat's newest steps (`bot.taste.STEPS`).
            unseen: Photos of it that are not seen.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down: the next start draws.
        """
        session, standing, style = scene.session, fold(scene.picks), self.styled(scene)
        offer = Offer()
        try:
            offer = await self._offer(scene, standing, style)
        except troubles.PASSING as error:
            unseen = Unseen(error)
        note = _note(unseen, style.language) if unseen else ""
        retry = unseen is not None and not unseen.final
        joins = not standing.chosen and await self.above(session) is not None
        view = views.panel(session, standing, offer, style, note=note, retry=retry, joins=joins)
        await self.show(session, view)

    async def above(self, session: Session) -> Session | None:
        """The open session before this one, which its photos could join."""
        other = await self._storage.newest_open_session(
            session.chat_id, session.owner_id, session.bot_id, before=session.id
        )
        if other is None or other.thread_id != session.thread_id:
            return None
        return other if other.updated_at > datetime.now(UTC) - RECENT else None

    async def style(self, session: Session) -> Style:
        """How the session's chat wants its captions."""
        settings = await self._storage.settings_of(session.chat_id)
        return style_of(self._recommender, session, settings)

    def styled(self, scene: Scene) -> Style:
        """How the chat of a session that has been read wants its captions."""
        return style_of(self._recommender, scene.session, scene.settings)

    async def offered(self, session_id: int) -> tuple[str, ...]:
        """The tags that a session is offered now.

        Raises:
            EngineBusy, EngineUnavailable, NotFetched: later it may work.
            EngineClosed: the engine is shutting down.
        """
        scene = await self._storage.scene(session_id, recent=STEPS)
        if scene is None:
            return ()
        return (await self._offer(scene, fold(scene.picks), self.styled(scene))).tags

    async def _offer(self, scene: Scene, standing: Standing, style: Style) -> Offer:
        try:
            image = blend(frames_of(scene.session, scene.photos))
            if image is None:
                raise EmbeddingMismatch("not looked at yet")
            return await self._ask(scene, standing, style, image)
        except EmbeddingMismatch:  # the weights are others than those that saw the photo
            image = await self._eyes.look_again(scene.session)
        return await self._ask(scene, standing, style, image)

    async def _ask(
        self, scene: Scene, standing: Standing, style: Style, image: ImageEmbedding | None
    ) -> Offer:
        prefix, like, wishes = standing.prefix, standing.like, style.preferences
        caller = scene.session.chat_id
        taste: dict[str, float] = {}
        if wishes.taste:  # what the chat tends to pick and to take out
            known = wishes.taste_after
            taste = taste_of(scene.recent, after=known, without=scene.session.id)
        if like:  # it counts as chosen last, and its company is preferred
            prefix = (*(tag for tag in prefix if tag != like), like)
            taste |= await self._company(like, caller)
        answer = await self._recommender.suggest(
            image,
            prefix,
            k=wishes.buttons + (_DEEP if standing.surprise else 0),
            exclude=(*standing.passed, *standing.prefix, *wishes.blocked),
            taste=Taste(taste, wishes.leaning / 2, wishes.promotional),
            caller=caller,
        )
        tags = tuple(one.tag for one in answer.items)
        if standing.surprise:  # drawn again, it is the same surprise
            chance = Random(standing.surprise)
            deep = tags[wishes.buttons :]
            tags = tuple(chance.sample(deep, min(wishes.buttons, len(deep))))
        if like and like not in (*standing.prefix, *standing.passed):
            tags = (like, *tags)[: wishes.buttons]
        return Offer(tags, answer.relatives)

    async def _company(self, tag: str, caller: int) -> dict[str, float]:
        """The tags that go with one, whatever the photo, and how well."""
        answer = await self._recommender.suggest(None, (tag,), k=_COMPANY, caller=caller)
        return {one.tag: 1 - rank / _COMPANY for rank, one in enumerate(answer.items)}

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
        """Draw an open session as it stands; never raises what is wrong with one chat.

        Where the photos of an album cannot be shown at all, whoever sent them reads that, and may
        try again: an album is drawn when its updates are done with, so nobody else says it.
        """
        session = None
        try:
            session = await self._storage.session(session_id)
            if session is None or session.state is not SessionState.OPEN:
                return
            if session.album is not None:  # its photos may not all have been looked at
                await self.open(session, told=session.panel_message_id is not None)
            else:
                await self.draw(session.id)
        except (ChatGone, StorageError, EngineClosed) as error:
            _LOG.warning("a panel could not be drawn again: %s", type(error).__name__)
        except Exception as error:
            _LOG.exception("a panel could not be drawn again")
            if session is not None and session.album is not None:
                await self._apologise(session, error)

    async def _apologise(self, session: Session, error: Exception) -> None:
        """Say sorry in place of a first panel, if that can be done; never raise."""
        if session.panel_message_id is not None:
            return
        try:
            sorry = troubles.sentence(error, session.language)
            await self.show(session, views.trouble(session, sorry))
        except Exception as failure:
            _LOG.warning("an apology did not arrive: %s", type(failure).__name__)

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


def _note(unseen: Unseen, language: str | None) -> str:
    """What to say beside suggestions of which some photo, or all, could not be asked for."""
    reason = troubles.sentence(unseen.reason, language)
    if unseen.final:  # others of its photos were seen
        return texts.say(language, "left-out", count=unseen.count, reason=reason)
    return reason
