"""What people send, and what follows from it: photos, words, commands, and all the rest."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

from bot import keyboard, texts, views
from bot.arrivals import Arrivals
from bot.charge import may_steer
from bot.events import (
    ButtonTapped,
    CaptionChanged,
    CommandGiven,
    Event,
    GroupMoved,
    InlineAsked,
    Origin,
    OtherSent,
    PhotoSent,
    WordsSaid,
)
from bot.example import Example
from bot.finish import Finish
from bot.inline import Inline
from bot.meant import Asked
from bot.menus import Menus
from bot.own import add_own, follow_words, message_keys, set_words
from bot.panels import RECENT, Panels
from bot.sender import Sender
from bot.taps import Taps
from bot.written import read
from storage import Session, SessionState, Storage

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
        arrivals: Arrivals,
        sender: Sender,
        menus: Menus,
        example: Example,
        inline: Inline,
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._panels = panels
        self._finish = finish
        self._taps = taps
        self._arrivals = arrivals
        self._sender = sender
        self._menus = menus
        self._example = example
        self._inline = inline
        # One answer for an album of videos is enough; after a restart a second one does no harm.
        self._answered: deque[str] = deque(maxlen=_ALBUMS)

    def asked(self, event: Event | None) -> Asked | None:
        """The step that an event asks for, where it is known before it is handled."""
        return self._taps.asked(event) if isinstance(event, ButtonTapped) else None

    def looks(self, event: Event) -> bool:
        """Whether an event is about a photo that is to be looked at."""
        match event:
            case PhotoSent():
                return True
            case ButtonTapped():
                return self._taps.looks(event)
            case WordsSaid() | CommandGiven():
                return event.photo is not None
        return False

    async def handle(self, event: Event) -> None:
        """Do what follows from an event. Doing it again after a crash changes nothing.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
            StorageError: the database cannot be reached.
        """
        match event:
            case PhotoSent():
                await self._arrivals.arrived(event)
            case InlineAsked():
                await self._inline.asked(event)
            case ButtonTapped(data=data) if data == keyboard.EXAMPLE:
                await self._example.show(event)
            case ButtonTapped():
                if not await self._menus.tapped(event):
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

    async def _words(self, said: WordsSaid) -> None:
        """Hashtags join the caption, other words stand above it, answers go to their question."""
        origin = said.origin
        if await self._menus.said(said):
            return
        brought = await self._brought(origin) if said.edition else None
        session = brought or await self._meant(origin, said.reply_to)
        finished = None if brought else await self._finished(said, session)
        if finished is not None:
            if not said.edition and not said.inline:
                await self._sender.send(
                    origin, views.after_done(finished), reply_to=finished.caption_message_id
                )
            return
        if session is None:
            if said.photo is not None:
                await self._arrivals.asked(origin, said.photo)
            elif origin.private and not said.edition and not said.inline:
                await self._say(origin, "send-a-photo")
            elif said.calls and not origin.private:
                await self._say(origin, "tag-how")
            return
        if said.edition and not brought and origin.message_id < (session.photo_message_id or 0):
            return  # an old message was edited: it was meant for another photo
        if session.state is SessionState.CANCELLED:
            return
        written = read(said.text)
        if written.words or said.edition:  # an edit may take the words away
            before = "" if said.edition else None
            await set_words(
                self._storage, session, written.words, origin, said.edition, before=before
            )
        await self._tags(session, written.tags, origin, said.edition, typed=not said.inline)

    async def _brought(self, origin: Origin) -> Session | None:
        """The session that a message has brought something to, which its edits follow."""
        session = await self._storage.session_of_steps(origin.chat_id, message_keys(origin))
        return session if session and session.bot_id == self._bot_id else None

    async def _caption(self, changed: CaptionChanged) -> None:
        """The caption of a photo was edited: its session follows."""
        origin = changed.origin
        session = await self._storage.session_of_message(
            origin.chat_id, origin.message_id, self._bot_id
        )
        if session is None or session.state is SessionState.CANCELLED:
            return
        written = read(changed.caption)
        await follow_words(self._storage, session, written.words, origin, changed.edition)
        await self._tags(session, written.tags, origin, changed.edition)

    async def _tags(
        self,
        session: Session,
        tags: tuple[str, ...],
        origin: Origin,
        edition: int,
        *,
        typed: bool = True,
    ) -> None:
        """Add the hashtags of a message, say which do not fit, and show what has become of the
        caption: in its panel, or in the finished one."""
        style = await self._panels.style(session)
        more = await add_own(self._storage, session, tags, origin, style, edition, typed=typed)
        if more.told:
            await self._sender.reply(origin, more.told)
        if session.state is SessionState.OPEN:
            await self._panels.draw(session.id)
        else:
            await self._finish.amended(session)

    async def _meant(self, origin: Origin, reply_to: int | None) -> Session | None:
        """The open session that a person's words are for: the one replied to, else the newest."""
        if reply_to is not None:
            session = await self._storage.session_of_message(origin.chat_id, reply_to, self._bot_id)
            if session is not None and await may_steer(self._storage, session, origin):
                return session if session.state is SessionState.OPEN else None
        if not origin.private:
            return None  # in a group people talk to each other
        return await self._storage.newest_open_session(origin.chat_id, origin.user_id, self._bot_id)

    async def _finished(self, said: WordsSaid, meant: Session | None) -> Session | None:
        """The finished caption that a person's words come after: the one replied to, else the
        newest thing in a private chat.

        Args:
            said: The words.
            meant: The open session that they were for without it.
        """
        origin = said.origin
        if not origin.private or said.photo is not None:
            return None
        found = None
        if said.reply_to is not None:
            found = await self._storage.session_of_message(
                origin.chat_id, said.reply_to, self._bot_id
            )
        if found is None:
            found = await self._storage.session_of_newest_step(self._bot_id, origin.chat_id)
            touched = meant.updated_at if meant else datetime.now(UTC) - RECENT
            if found is None or found.updated_at <= touched:
                return None
        return found if found.state is SessionState.DONE else None

    async def _command(self, command: CommandGiven) -> None:
        origin = command.origin
        match command.name:
            case "start":
                await self._example.hello(origin)
            case "help":
                await self._say(origin, "help")
            case "tag":
                await self._arrivals.asked(origin, command.photo)
            case "cancel":
                await self._cancel(command)
            case _ if await self._menus.commanded(command):
                pass
            case _ if origin.private:
                await self._say(origin, "unknown-command")

    async def _cancel(self, command: CommandGiven) -> None:
        origin = command.origin
        session = await self._meant(origin, command.reply_to)
        if session is None and not origin.private:
            session = await self._storage.newest_open_session(
                origin.chat_id, origin.user_id, self._bot_id
            )
        if session is None:
            await self._say(origin, "nothing-to-cancel")
            return
        # In this order: begun again after a crash, it must not be about another photo.
        await self._say(origin, "put-aside")
        await self._finish.cancel(session, f"{origin.chat_id}:{origin.message_id}")

    async def _other(self, other: OtherSent) -> None:
        """A video, a sticker…: one friendly answer; in a group only where the bot is meant."""
        if not (other.origin.private or other.to_bot):
            return
        if other.album is not None:
            if other.album in self._answered:
                return
            self._answered.append(other.album)
        await self._say(other.origin, f"no-{other.kind}")

    async def _say(self, origin: Origin, message_id: str, **values: int) -> None:
        await self._sender.reply(origin, texts.say(origin.language, message_id, **values))
