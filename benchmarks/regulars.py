"""People who have used the bot for long: chats with a past, and how one acts in them.

Their past is written straight into the database, as a bot that had been used would have left it:
finished captions with what the engine saw in their photos, saved sets, blocked hashtags.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.person import PATIENCE_S, Json, Person, Span, Unanswered
from bot.callbacks import Action, Press, unpack
from bot.preferences import Preferences
from storage import NewSession, PickKind, Session, SessionState, Storage

CAPTIONS, SETS, BLOCKED = 60, 12, 200
"""What each of these chats has."""

_FIRST_MESSAGE = 1_000_000
"""The photos of the past were messages that no later one will be mistaken for."""

_PAUSE_S = 0.02
_APART_S = 1.1
_TAGS = ("beach", "sunset", "sea", "summer", "travel", "nature", "sky", "friends", "ourdog", "sand")


async def remember(database: Path, bot_id: int, chats: Sequence[int]) -> None:
    """Give chats a past, with the photos that the bot has been shown in others."""
    storage = await Storage.open(f"sqlite:///{database}")
    try:
        shown = await storage.open_sessions(bot_id)
        for chat_id in chats:
            await storage.remember_chat(chat_id, kind="private", language=None)
            blocked = tuple(f"blocked{number}" for number in range(BLOCKED))
            await storage.set_settings(chat_id, Preferences(blocked=blocked).to_json())
            for number in range(CAPTIONS):
                await _finish(storage, shown[number % len(shown)], chat_id, number)
            for number in range(SETS):
                await storage.save_set(chat_id, f"Set {number}", _TAGS[: 1 + number % len(_TAGS)])
    finally:
        await storage.close()


async def _finish(storage: Storage, like: Session, chat_id: int, number: int) -> None:
    """One finished caption: five hashtags, and a page that was passed over."""
    session, _ = await storage.open_session(
        NewSession(
            bot_id=like.bot_id,
            chat_id=chat_id,
            owner_id=chat_id,
            thread_id=None,
            photo_message_id=_FIRST_MESSAGE + number,
            photo_file_id=like.photo_file_id,
            text="A day of our holidays",
            language=None,
        )
    )
    tags = [_TAGS[(number + place) % len(_TAGS)] for place in range(5)]
    steps = [(PickKind.MORE, " ".join(_TAGS)), *((PickKind.ADD, tag) for tag in tags)]
    for place, (kind, tag) in enumerate((*steps, (PickKind.DONE, None))):
        await storage.record(session.id, kind, tag, key=f"past:{chat_id}:{number}:{place}")
    await storage.update_session(session.id, state=SessionState.DONE, embedding=like.embedding)


@dataclass
class Regular:
    """One of these people, in their private chat.

    Attributes:
        chat: Its id, which is the person's too.
        picture: What they send.
        ready: When Telegram lets the next answer through at once.
    """

    people: Person
    http: httpx.Client
    chat: int
    picture: bytes
    ready: float = 0.0
    _messages: list[Json] = field(default_factory=list, repr=False)

    def say(self, text: str, reply_to: int | None = None) -> None:
        """Write a message."""
        options = {"reply_to_message_id": reply_to} if reply_to else {}
        self._post("messages", {"text": text, **options})

    def ask_inline(self, query: str) -> None:
        """Type ``@bot words``."""
        self._post("inline", {"query": query})

    def tap(self, action: Action, wanted: Callable[[Press], object] = bool) -> int:
        """Tap the first button of an action in the newest message that has one.

        Returns:
            The message.

        Raises:
            Unanswered: there is no such button.
        """
        for message_id, data, press in self._buttons():
            if press.action is action and wanted(press):
                self._post("taps", {"message_id": message_id, "data": data})
                return message_id
        raise Unanswered(f"no button {action.name}")

    def newest(self, true: Callable[[Json], object]) -> int:
        """The newest message for which something is true.

        Raises:
            Unanswered: there is none.
        """
        for message in reversed(self._messages):
            if true(message):
                return int(message["message_id"])
        raise Unanswered("no such message")

    def look(self) -> None:
        """See what is in the chat now."""
        answer = self.http.get(f"/playground/chats/{self.chat}/messages")
        self._messages = answer.raise_for_status().json()

    def answered(self, methods: Sequence[str], message_id: int | None) -> Span:
        """Wait for the answer to what was done since `Person.begin`.

        Args:
            methods: Each is an answer.
            message_id: Where it edits something: what.

        Raises:
            Unanswered: it does not come.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
            calls = self.people.since()
            delivered = max((c["answered"] for c in calls if c.get("delivered")), default=None)
            for call in calls:
                about, where = call["parameters"], call["parameters"].get("message_id")
                here = about.get("chat_id", self.chat) == self.chat
                meant = where is None or message_id is None or where == message_id
                if delivered and here and meant and call["method"] in methods:
                    return Span(delivered, call["time"])
        raise Unanswered(f"none of {', '.join(methods)} in {PATIENCE_S:.0f} s")

    @contextmanager
    def turn(self, messages: int) -> Iterator[None]:
        """Act when the answers, so many messages and edits, will not have to wait."""
        time.sleep(max(0.0, self.ready - time.monotonic()))
        self.look()
        self.people.begin()
        yield
        self.ready = time.monotonic() + messages * _APART_S

    def _buttons(self) -> Iterator[tuple[int, str, Press]]:
        for message in reversed(self._messages):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    press = unpack(button.get("callback_data", ""))
                    if press is not None:
                        yield int(message["message_id"]), button["callback_data"], press

    def _post(self, path: str, content: dict[str, Any]) -> None:
        answer = self.http.post(f"/playground/chats/{self.chat}/{path}", json=content)
        answer.raise_for_status()
