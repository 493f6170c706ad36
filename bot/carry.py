"""Tags from elsewhere for a photo: of an old caption or a saved set, now or with the next photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import pages, texts
from bot.events import ButtonTapped
from bot.history import Standing, fold
from bot.panels import Panels
from bot.room import Room, joining
from bot.sender import Sender
from storage import Question, Session, Storage
from storage.steps import tag_of

NEXT = "next"
"""The kind of a question that the next photo answers, not words."""

_LATER = timedelta(hours=1)


@dataclass(frozen=True)
class Load:
    """What is carried over.

    Attributes:
        source: Names it, to be found again when the next photo comes: ``past:7``, ``set:3``.
        tags: In order.
    """

    source: str
    tags: tuple[str, ...]


class Carry:
    """Carries tags to the open photo, or keeps them for the next one."""

    def __init__(self, bot_id: int, storage: Storage, panels: Panels, sender: Sender) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._panels = panels
        self._sender = sender

    async def over(self, tap: ButtonTapped, load: Load, *, not_to: int | None = None) -> None:
        """Add tags to the person's open photo; without one, promise them to the next.

        Args:
            tap: What asks for it; it is answered.
            load: The tags.
            not_to: The session that they come from.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        origin = tap.origin
        session = await self._storage.newest_open_session(
            origin.chat_id, origin.user_id, self._bot_id
        )
        if session is None or session.id == not_to:
            self._sender.answer(tap.query_id)
            view = pages.next_photo(origin.language, origin.user_id, load.tags)
            message_id = await self._sender.send(origin, view)
            await self._storage.ask(
                Question(
                    self._bot_id, origin.chat_id, message_id, origin.user_id, NEXT, load.source
                )
            )
            return
        more, _ = await self._add(session, load, tap.query_id)
        added = texts.say(origin.language, "carry-added", count=len(more.tags))
        told = added if more.tags or not more.told else ""
        self._sender.answer(tap.query_id, " ".join(filter(None, (told, more.told))))
        await self._panels.draw(session.id)

    async def begun(self, session: Session) -> None:
        """Give a new photo what was promised to it."""
        question = await self._storage.open_question(
            self._bot_id, session.chat_id, session.owner_id, NEXT, datetime.now(UTC) - _LATER
        )
        if question is None:
            return
        load = await self._load(session.chat_id, question.argument)
        if load is None:
            said = texts.say(session.language, "next-gone")
        else:
            key = f"{session.chat_id}:{session.photo_message_id}:carry"
            more, used = await self._add(session, load, key)
            tags = pages.hashtags(used, 500)
            began = texts.say(session.language, "next-used", tags=tags) if used else ""
            said = "\n\n".join(filter(None, (began, more.told)))
        await self._storage.answered(question)
        self._sender.edit(session.chat_id, question.message_id, pages.words(said))

    async def never_mind(self, tap: ButtonTapped) -> None:
        """The next photo begins with nothing after all."""
        origin = tap.origin
        place = self._bot_id, origin.chat_id, origin.message_id, origin.user_id
        question = await self._storage.question(*place)
        self._sender.answer(tap.query_id)
        if question is not None:
            await self._storage.answered(question)
        said = pages.words(texts.say(origin.language, "next-never"))
        self._sender.edit(origin.chat_id, origin.message_id, said)

    async def _load(self, chat_id: int, source: str) -> Load | None:
        """What was promised, if it is still there."""
        kind, _, number = source.partition(":")
        if kind == "set":
            kept = await self._storage.tag_set(chat_id, int(number))
            return load_of_set(kept.id, kept.tags) if kept else None
        found = await self._storage.session_and_picks(int(number))
        if found is None or found[0].chat_id != chat_id:
            return None
        load = load_of_past(found[0].id, fold(found[1]))
        return load if load.tags else None  # its message may have been edited since

    async def _add(self, session: Session, load: Load, key: str) -> tuple[Room, tuple[str, ...]]:
        """Add the tags that are not there yet, as far as they fit; doing it again changes nothing.

        Returns:
            What is new to the caption, and which of the tags it has now.
        """
        standing = fold(await self._storage.picks(session.id))
        style, words = await self._panels.style(session), standing.text(session)
        more, steps = joining(style, words, standing.written, "", load.tags, key)
        await self._storage.record_all(session.id, steps)
        has = {*standing.prefix, *map(tag_of, more.tags)}
        return more, tuple(tag for tag in load.tags if tag_of(tag) in has)


def load_of_past(session_id: int, standing: Standing) -> Load:
    """What an old caption gives: its hashtags; its words tell of its own photo."""
    return Load(f"past:{session_id}", standing.written)


def load_of_set(set_id: int, tags: Sequence[str]) -> Load:
    """What a saved set gives."""
    return Load(f"set:{set_id}", tuple(tags))
