"""Photos arrive: one begins a session, those of an album share one, one is asked for by /tag."""

from __future__ import annotations

from dataclasses import replace

from bot import texts, troubles, views
from bot.albums import Albums
from bot.charge import may_steer
from bot.events import Origin, PhotoSent
from bot.finish import Finish
from bot.menus import Menus
from bot.own import add_own, follow_words
from bot.panels import Panels
from bot.photos import FileTooLarge, Photos
from bot.sender import Sender, View
from bot.written import Written, read
from storage import NewSession, PickKind, Session, SessionState, Storage


class Arrivals:
    """Begins sessions."""

    def __init__(
        self,
        bot_id: int,
        storage: Storage,
        photos: Photos,
        panels: Panels,
        albums: Albums,
        menus: Menus,
        finish: Finish,
        sender: Sender,
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._photos = photos
        self._panels = panels
        self._albums = albums
        self._menus = menus
        self._finish = finish
        self._sender = sender

    async def arrived(self, photo: PhotoSent) -> None:
        """A photo begins a session of its own; the further ones of an album join its first.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        origin = photo.origin
        try:
            self._photos.check(photo.size)
        except FileTooLarge as error:
            sorry = View(troubles.sentence(error, origin.language))
            await self._sender.send(origin, sorry, reply_to=origin.message_id)
            return
        self._sender.typing(origin)
        await self._storage.remember_chat(
            origin.chat_id, kind=origin.kind, language=origin.client or origin.language
        )
        written = read(photo.caption)
        if await self._of_album(photo, written):
            return
        session, _ = await self._storage.open_session(
            NewSession(
                bot_id=self._bot_id,
                chat_id=origin.chat_id,
                owner_id=origin.user_id,
                thread_id=origin.thread_id,
                photo_message_id=origin.message_id,
                photo_file_id=photo.file_id,
                text=written.words,
                language=origin.language,
                album=photo.album,
            )
        )
        if session.state is SessionState.OPEN:
            await self._menus.begun(session)
            await self._take_over(session, written.tags, origin)
            if photo.album is not None:
                self._albums.gather(session)
            else:
                await self._panels.open(session)

    async def _of_album(self, photo: PhotoSent, written: Written) -> bool:
        """Whether the session of its album takes a photo in."""
        origin = photo.origin
        if photo.album is None:
            return False
        session = await self._storage.session_of_album(self._bot_id, origin.chat_id, photo.album)
        if session is None or session.photo_message_id == origin.message_id:
            return False
        await self._storage.add_photo(session.id, origin.message_id, photo.file_id)
        if written.words:
            await follow_words(self._storage, session, written.words, origin)
        await self._take_over(session, written.tags, origin)
        self._albums.gather(session)
        return True

    async def _take_over(self, session: Session, tags: tuple[str, ...], origin: Origin) -> None:
        """Add the hashtags of a photo's own caption, and say which do not fit."""
        if not tags:
            return
        style = await self._panels.style(session)
        more = await add_own(self._storage, session, tags, origin, style)
        if more.told:
            await self._sender.reply(origin, more.told)

    async def asked(self, origin: Origin, photo: PhotoSent | None) -> None:
        """Somebody asks for the hashtags of a photo that is there already, perhaps not for the
        first time, and perhaps of another person's photo.

        Args:
            origin: The message that asks.
            photo: What it replies to; None where that is no photo.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        if photo is None:
            await self._sender.reply(origin, texts.say(origin.language, "tag-how"))
            return
        known = await self._storage.session_of_message(
            origin.chat_id, photo.origin.message_id, self._bot_id
        )
        here = replace(origin, message_id=photo.origin.message_id)
        if known is None:
            await self.arrived(replace(photo, origin=here))
        elif await may_steer(self._storage, known, origin):
            await self._take_over(known, read(photo.caption).tags, here)
            await self._again(origin, known)
        else:
            await self._sender.reply(origin, texts.say(origin.language, "tag-taken"))

    async def _again(self, origin: Origin, session: Session) -> None:
        """Show where a photo stands, below the message that asks."""
        if session.state is SessionState.DONE:
            await self._finish.again(session, origin)
            return
        stepped = await self._storage.tap(
            session.id,
            PickKind.EDIT,
            None,
            key=f"{origin.chat_id}:{origin.message_id}",
            changes={"state": SessionState.OPEN, "panel_message_id": None},
        )
        if stepped is None:
            return
        if stepped[2] and session.panel_message_id is not None:
            await self._panels.show(session, views.reopened(session))
        await self._panels.open(stepped[0])
