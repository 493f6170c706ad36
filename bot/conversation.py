"""What people send, and what follows from it: photos, words, commands, and all the rest."""

from __future__ import annotations

from collections import deque

from bot import texts, troubles
from bot.caption import TAGS_LIMIT, read
from bot.events import (
    ButtonTapped,
    CaptionChanged,
    CommandGiven,
    Event,
    GroupMoved,
    Origin,
    OtherSent,
    PhotoSent,
    WordsSaid,
)
from bot.finish import Finish
from bot.own import add_own
from bot.panels import Panels
from bot.photos import FileTooLarge, Photos
from bot.sender import Sender, View
from bot.taps import Taps
from storage import NewSession, Session, SessionState, Storage

_ALBUMS = 1_000


class Conversation:
    """One event in, everything that follows from it out."""

    def __init__(
        self,
        bot_id: int,
        storage: Storage,
        panels: Panels,
        finish: Finish,
        taps: Taps,
        photos: Photos,
        sender: Sender,
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._panels = panels
        self._finish = finish
        self._taps = taps
        self._photos = photos
        self._sender = sender
        # One answer for an album of videos is enough; after a restart a second one does no harm.
        self._answered: deque[str] = deque(maxlen=_ALBUMS)

    async def handle(self, event: Event) -> None:
        """Do what follows from an event. Doing it again after a crash changes nothing.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
            StorageError: the database cannot be reached.
        """
        match event:
            case PhotoSent():
                await self._photo(event)
            case ButtonTapped():
                await self._taps.tapped(event)
            case WordsSaid():
                await self._words(event)
            case CaptionChanged():
                await self._caption(event)
            case CommandGiven():
                await self._command(event)
            case OtherSent():
                await self._other(event)
            case GroupMoved():
                await self._storage.migrate_chat(event.old_id, event.new_id)
                await self._panels.move(self._bot_id, event.new_id)

    async def _photo(self, photo: PhotoSent) -> None:
        """A photo begins a session of its own."""
        origin = photo.origin
        try:
            self._photos.check(photo.size)
        except FileTooLarge as error:
            await self._reply(origin, troubles.sentence(error))
            return
        self._sender.typing(origin)
        await self._storage.remember_chat(
            origin.chat_id, kind=origin.kind, language=origin.language
        )
        written = read(photo.caption)
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
            )
        )
        if session.state is SessionState.OPEN:
            await add_own(self._storage, session, written.tags, origin)
            await self._panels.open(session)

    async def _words(self, said: WordsSaid) -> None:
        """Hashtags join the caption, other words stand above it."""
        origin = said.origin
        session = await self._meant(origin, said.reply_to)
        if session is None:
            if origin.private and not said.edition:
                await self._reply(origin, texts.SEND_A_PHOTO)
            return
        if said.edition and origin.message_id < (session.photo_message_id or 0):
            return  # an old message was edited: it was meant for another photo
        written = read(said.text)
        if written.words:
            session = await self._storage.update_session(session.id, text=written.words)
        fit = await add_own(self._storage, session, written.tags, origin, said.edition)
        if not fit:
            await self._reply(origin, texts.TOO_MANY_TAGS.format(limit=TAGS_LIMIT))
        await self._panels.draw(session, await self._storage.picks(session.id))

    async def _caption(self, changed: CaptionChanged) -> None:
        """The caption of a photo was edited: its session follows."""
        origin = changed.origin
        session = await self._storage.session_of_message(
            origin.chat_id, origin.message_id, self._bot_id
        )
        if session is None or session.state is SessionState.CANCELLED:
            return
        written = read(changed.caption)
        if written.words != session.text:
            session = await self._storage.update_session(session.id, text=written.words)
        await add_own(self._storage, session, written.tags, origin, changed.edition)
        if session.state is SessionState.OPEN:
            await self._panels.draw(session, await self._storage.picks(session.id))
        else:
            await self._finish.amended(session)

    async def _meant(self, origin: Origin, reply_to: int | None) -> Session | None:
        """The open session that a person's words are for: the one replied to, else the newest."""
        if reply_to is not None:
            session = await self._storage.session_of_message(origin.chat_id, reply_to, self._bot_id)
            if session is not None and session.owner_id == origin.user_id:
                return session if session.state is SessionState.OPEN else None
        if not origin.private:
            return None  # in a group people talk to each other
        return await self._storage.newest_open_session(origin.chat_id, origin.user_id, self._bot_id)

    async def _command(self, command: CommandGiven) -> None:
        origin = command.origin
        match command.name:
            case "start":
                await self._reply(origin, texts.HELLO)
            case "help":
                await self._reply(origin, texts.HELP)
            case "cancel":
                await self._cancel(command)
            case _ if origin.private:
                await self._reply(origin, texts.UNKNOWN_COMMAND)

    async def _cancel(self, command: CommandGiven) -> None:
        origin = command.origin
        session = await self._meant(origin, command.reply_to)
        if session is None and not origin.private:
            session = await self._storage.newest_open_session(
                origin.chat_id, origin.user_id, self._bot_id
            )
        if session is None:
            await self._reply(origin, texts.NOTHING_TO_CANCEL)
            return
        # In this order: begun again after a crash, it must not be about another photo.
        await self._reply(origin, texts.PUT_ASIDE)
        await self._finish.cancel(session, f"{origin.chat_id}:{origin.message_id}")

    async def _other(self, other: OtherSent) -> None:
        """A video, a sticker…: one friendly answer; in a group only where the bot is meant."""
        if not (other.origin.private or other.to_bot):
            return
        if other.album is not None:
            if other.album in self._answered:
                return
            self._answered.append(other.album)
        await self._reply(other.origin, texts.ONLY_PHOTOS[other.kind])

    async def _reply(self, origin: Origin, text: str) -> None:
        reply_to = None if origin.private else origin.message_id
        await self._sender.send(origin, View(text), reply_to=reply_to)
