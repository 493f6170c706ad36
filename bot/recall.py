"""``/history``: a person's finished captions, one photo at a time, to send or use again."""

from __future__ import annotations

from bot import pages, texts
from bot.callbacks import Press
from bot.carry import Carry, load_of_past
from bot.events import ButtonTapped, Origin
from bot.finish import Finish
from bot.gallery import Gallery
from bot.history import Standing, fold
from bot.panels import Panels
from bot.sender import Sender, View
from storage import PastCaption, Session, Storage


class Recall:
    """The menu of past captions."""

    def __init__(
        self,
        bot_id: int,
        storage: Storage,
        panels: Panels,
        gallery: Gallery,
        carry: Carry,
        finish: Finish,
        sender: Sender,
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._panels = panels
        self._gallery = gallery
        self._carry = carry
        self._finish = finish
        self._sender = sender

    async def open(self, origin: Origin) -> None:
        """Show the newest caption.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        entry = await self._entry(origin, None)
        if entry is None:
            await self._sender.send(origin, View(texts.say(origin.language, "history-empty")))
        else:
            await self._gallery.show(origin, *await self._view(origin, entry))

    async def turn(self, tap: ButtonTapped, press: Press) -> None:
        """Turn to a caption; to the newest where that one is not there any more.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        origin = tap.origin
        entry = await self._entry(origin, press.session_id)
        gone = entry is None
        self._sender.answer(
            tap.query_id, texts.say(origin.language, "history-gone") if gone else ""
        )
        entry = entry or await self._entry(origin, None)
        if entry is None:
            empty = pages.words(texts.say(origin.language, "history-empty"))
            await self._gallery.close(origin, empty, origin.message_id)
        else:
            await self._gallery.show(
                origin, *await self._view(origin, entry), instead=origin.message_id
            )

    async def send(self, tap: ButtonTapped, press: Press) -> None:
        """Send a caption once more.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        found = await self._own(tap, press)
        if found is not None:
            self._sender.answer(tap.query_id)
            await self._finish.again(found[0], tap.origin)

    async def use(self, tap: ButtonTapped, press: Press) -> None:
        """Use a caption for another photo.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        found = await self._own(tap, press)
        if found is None:
            return
        session, standing = found
        if not standing.chosen:  # words alone can be finished too
            self._sender.answer(tap.query_id, texts.say(tap.origin.language, "carry-none"))
        else:
            await self._carry.over(tap, load_of_past(session.id, standing), not_to=session.id)

    async def _own(self, tap: ButtonTapped, press: Press) -> tuple[Session, Standing] | None:
        """The session of a button and its caption; where it cannot be, the tap is answered."""
        found = await self._storage.session_and_picks(press.session_id)
        place = self._bot_id, tap.origin.chat_id, tap.origin.user_id
        if found is not None:
            session, standing = found[0], fold(found[1])
            owned = (session.bot_id, session.chat_id, session.owner_id) == place
            if owned and (standing.chosen or standing.text(session)):
                return session, standing
        self._sender.answer(tap.query_id, texts.say(tap.origin.language, "history-gone"))
        return None

    async def _entry(self, origin: Origin, session_id: int | None) -> PastCaption | None:
        return await self._storage.past_caption(
            self._bot_id, origin.chat_id, origin.user_id, session_id
        )

    async def _view(self, origin: Origin, entry: PastCaption) -> tuple[str, View]:
        style = await self._panels.style(entry.session)
        standing = fold(entry.picks)
        whole = style.caption(standing.text(entry.session), standing.written)
        view = pages.past(origin.language, origin.user_id, entry, whole)
        return entry.session.photo_file_id, view
