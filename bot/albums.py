"""Several photos in one session: albums, whose photos come one by one, and photos that join."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from bot import texts, views
from bot.events import ButtonTapped
from bot.history import fold
from bot.panels import InTurn, Panels
from bot.room import joining
from bot.sender import Sender
from storage import PickKind, Session, SessionState, Storage

_LOG = logging.getLogger(__name__)

SILENCE_S = 0.8
"""How long no further photo of an album must have come for it to be complete, so far."""

LEFT = timedelta(seconds=5)
"""How long after its last photo an album without a panel counts as left by whoever gathered it."""

PHOTOS_LIMIT = 10
"""Photos of one session: an album on Telegram has no more."""

_LOOKED_BACK = timedelta(minutes=10)  # the next start looks further
_AT_ONCE = 64
_TRIED = 4_096


class Albums:
    """Gathers albums, and lets photos join another session.

    Args:
        bot_id: Whose albums.
        storage: Holds which photos a session has.
        panels: Draws them.
        sender: Answers taps.
        in_turn: Runs something after a chat's earlier updates.
    """

    def __init__(
        self, bot_id: int, storage: Storage, panels: Panels, sender: Sender, in_turn: InTurn
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._panels = panels
        self._sender = sender
        self._in_turn = in_turn
        self._waiting: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # What cannot be shown, because the bot was blocked for instance, is tried once only.
        self._tried: deque[int] = deque(maxlen=_TRIED)

    def gather(self, session: Session) -> None:
        """Open a session's panel, or draw it anew, as soon as no further photo comes.

        What a stop or a crash keeps from happening, another process makes up for (`show_left`), or
        the next start (`bot.chores.redraw`).
        """
        waiting = self._waiting.pop(session.id, None)
        if waiting is not None:
            waiting.cancel()
        self._waiting[session.id] = self._start(self._gathered(session))

    async def show_left(self) -> None:
        """Show the albums whose photos are there, and that nobody shows: the process that has
        gathered them has ended.

        Raises:
            StorageError: the database cannot be reached.
        """
        moment = datetime.now(UTC)
        left = await self._storage.unshown_albums(
            self._bot_id, moment - _LOOKED_BACK, moment - LEFT, _AT_ONCE
        )
        for session in left:
            if session.id not in self._tried:
                self._tried.append(session.id)
                self._start(self._draw(session, self._show))

    def _start(self, drawing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(drawing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _gathered(self, session: Session) -> None:
        await asyncio.sleep(SILENCE_S)
        self._waiting.pop(session.id, None)  # a photo that comes from here on is another draw
        await self._draw(session, self._panels.redraw)

    async def _draw(
        self, session: Session, draw: Callable[[int], Coroutine[Any, Any, None]]
    ) -> None:
        try:
            await self._in_turn(session.chat_id, draw(session.id))
        except Exception:
            _LOG.exception("an album could not be shown")

    async def _show(self, session_id: int) -> None:
        """Show an album, if nobody has in the meantime: it may only have taken long."""
        session = await self._storage.session(session_id)
        if session is not None and session.panel_message_id is None:
            await self._panels.redraw(session_id)

    async def join(self, session: Session, tap: ButtonTapped) -> None:
        """Let the photos of a session join the open one before it, whose panel it becomes.

        Every step may be done again after a crash.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        language, panel = tap.origin.language, session.panel_message_id
        above = await self._panels.above(session)
        if above is None or session.photo_message_id is None:
            self._sender.answer(tap.query_id, texts.say(language, "join-none"))
            return
        further = await self._storage.photos(session.id)
        photos = {above.photo_message_id, session.photo_message_id}
        photos |= {one.message_id for one in (*await self._storage.photos(above.id), *further)}
        if len(photos) > PHOTOS_LIMIT:
            told = texts.say(language, "join-full", limit=PHOTOS_LIMIT)
            self._sender.answer(tap.query_id, told)
            return
        theirs = fold(await self._storage.picks(session.id))
        ours = fold(await self._storage.picks(above.id))
        style, words = await self._panels.style(above), theirs.text(session)
        more, steps = joining(
            style, ours.text(above), ours.written, words, theirs.written, tap.query_id
        )
        self._sender.answer(tap.query_id, more.told)
        first = (session.photo_message_id, session.photo_file_id, session.embedding)
        others = [(one.message_id, one.file_id, one.embedding) for one in further]
        for message_id, file_id, embedding in (first, *others):
            if message_id is not None:
                one, _ = await self._storage.add_photo(above.id, message_id, file_id)
                await self._storage.set_photo_embedding(above.id, one.position, embedding)
        await self._storage.record_all(above.id, steps)
        if above.panel_message_id not in (None, panel):
            await self._panels.show(above, views.reopened(above))
        above = await self._storage.update_session(above.id, panel_message_id=panel)
        await self._storage.tap(
            session.id,
            PickKind.CANCEL,
            None,
            key=tap.query_id,
            changes={"state": SessionState.CANCELLED, "panel_message_id": None},
        )
        await self._panels.draw(above.id)

    async def close(self) -> None:
        """Stop waiting for further photos; the next start shows what was not shown."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
