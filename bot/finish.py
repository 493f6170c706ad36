"""The end of a session, and its reopening: Done, Edit, /cancel."""

from __future__ import annotations

from bot import texts, views
from bot.history import Standing, fold
from bot.panels import Panels, where
from bot.sender import Place, Sender
from storage import PickKind, Session, SessionState, Storage


class Finish:
    """Finishes sessions, opens them again, puts them aside."""

    def __init__(self, storage: Storage, panels: Panels, sender: Sender) -> None:
        self._storage = storage
        self._panels = panels
        self._sender = sender

    async def done(self, session: Session, query_id: str) -> None:
        """Send the caption: hashtags, words, or both.

        Args:
            session: Open, or finished without its caption having been sent (before a crash).
            query_id: Of the tap, which is answered.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        standing = fold(await self._storage.picks(session.id))
        if session.state is SessionState.DONE and session.caption_message_id is not None:
            self._sender.answer(query_id, texts.say(session.language, "session-done"))
            return
        words = standing.text(session)
        if not words and not standing.chosen:
            await self._not_yet(session, query_id, texts.say(session.language, "no-tag-yet"))
            return
        style = await self._panels.style(session)
        full = style.too_many(standing.written) or style.too_wordy(words)
        if full and session.state is SessionState.OPEN:
            await self._not_yet(session, query_id, full)
            return
        stepped = await self._storage.tap(
            session.id,
            PickKind.DONE,
            None,
            key=query_id,
            changes={"state": SessionState.DONE, "caption_message_id": None},
        )
        told = "" if stepped else texts.say(session.language, "old-button")
        self._sender.answer(query_id, told)
        if stepped is not None:
            session = stepped[0]
            await self._send(session, standing)
            await self._panels.show(session, views.closed(session))

    async def _not_yet(self, session: Session, query_id: str, told: str) -> None:
        """Say what is missing, or too much; what is typed next is for this photo."""
        self._sender.answer(query_id, told)
        await self._storage.update_session(session.id)

    async def again(self, session: Session, place: Place) -> None:
        """Send a caption once more, to where it is asked for.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        await self._send(session, fold(await self._storage.picks(session.id)), place)

    async def _send(self, session: Session, standing: Standing, place: Place | None = None) -> None:
        message_id = None
        style = await self._panels.style(session)
        for view in views.finished(session, standing, style):
            message_id = await self._sender.send(
                place or where(session), view, reply_to=session.photo_message_id
            )
        await self._storage.update_session(session.id, caption_message_id=message_id)

    async def reopen(self, session: Session, query_id: str) -> None:
        """Go on with a session: a new panel below, the old one gives its buttons up.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        if session.state is SessionState.OPEN and session.panel_message_id is not None:
            self._sender.answer(query_id, texts.say(session.language, "already-open"))
            return
        stepped = await self._storage.tap(
            session.id,
            PickKind.EDIT,
            None,
            key=query_id,
            changes={"state": SessionState.OPEN, "panel_message_id": None},
        )
        told = "" if stepped else texts.say(session.language, "old-button")
        self._sender.answer(query_id, told)
        if stepped is None:
            return
        if session.panel_message_id is not None:
            await self._panels.show(session, views.reopened(session))
        await self._panels.draw(session.id)

    async def amended(self, session: Session) -> None:
        """Bring the caption of a finished session up to date: its photo's caption was edited."""
        standing = fold(await self._storage.picks(session.id))
        pieces = views.finished(session, standing, await self._panels.style(session))
        if session.caption_message_id is not None and len(pieces) == 1:
            self._sender.edit(session.chat_id, session.caption_message_id, pieces[0])

    async def cancel(self, session: Session, key: str) -> None:
        """Put an open session aside.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        stepped = await self._storage.tap(
            session.id,
            PickKind.CANCEL,
            None,
            key=key,
            changes={"state": SessionState.CANCELLED},
        )
        if stepped is None or session.panel_message_id is None:
            return
        if stepped[0].state is SessionState.CANCELLED:
            await self._panels.show(stepped[0], views.put_aside(stepped[0]))
