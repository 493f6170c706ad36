"""The person at the other end, and a stopwatch: the local Bot API's log of calls.

Every time comes from that log: an update is delivered when ``getUpdates`` is answered with it, and
an answer has arrived when its call is there. So the way of the update to the bot and of the answer
back count, and what the person's own requests take does not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bot.callbacks import Action, unpack

Json = dict[str, Any]
PATIENCE_S = 120.0


class Unanswered(Exception):
    """The bot did not do in time what was waited for."""


@dataclass(frozen=True)
class Panel:
    """A message of the bot with suggestions, and what its buttons carry."""

    chat_id: int
    message_id: int
    buttons: tuple[str, ...]


@dataclass(frozen=True)
class Span:
    """From the delivery of an update to the arrival of its answer, in seconds since the epoch."""

    delivered: float
    arrived: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.arrived - self.delivered


class Person:
    """A person for each chat, who act one after the other."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._read = 0
        self._since = time.time()

    def new_chat(self) -> int:
        """A private chat with the bot."""
        return int(self._post("/playground/chats", json={"name": "Ada"})["chat_id"])

    def send(self, chat_id: int, photo: bytes) -> None:
        """Send a photo."""
        self.begin()
        self.post_photo(chat_id, photo)

    def panel(self, chat_id: int) -> tuple[Panel, Span]:
        """Wait for the buttons of the photo that was sent last."""
        span, buttons = self._wait(chat_id, "sendMessage", pause=0.1)
        return Panel(chat_id, self.newest(chat_id), buttons), span

    def newest(self, chat_id: int) -> int:
        """The latest message of a chat."""
        messages = self._get(f"/playground/chats/{chat_id}/messages")
        return int(messages[-1]["message_id"])

    def tap(self, panel: Panel) -> tuple[Panel, Span]:
        """Tap the first suggestion and wait for the new keyboard."""
        self.begin()
        self.post_tap(panel)
        span, buttons = self._wait(panel.chat_id, "editMessageText", pause=0.05)
        return Panel(panel.chat_id, panel.message_id, buttons), span

    def crowd(self, photos: Sequence[bytes]) -> None:
        """Many people send a photo each, and nobody waits for an answer yet."""
        chats = [self.new_chat() for _ in photos]
        self.begin()
        for chat_id, photo in zip(chats, photos, strict=True):
            self.post_photo(chat_id, photo)

    def panels(self, count: int) -> Span:
        """Wait for so many buttons: from the first delivery to the last arrival.

        Raises:
            Unanswered: they do not come.
        """
        for calls in self._looks(pause=0.5):
            arrived = [call["time"] for call in calls if suggestions(call, "sendMessage")]
            if len(arrived) >= count:
                return Span(min(c["answered"] for c in calls if c.get("delivered")), max(arrived))
        raise Unanswered(f"only some of {count} photos in {PATIENCE_S:.0f} s")

    def refused(self) -> int:
        """How many of the latest calls the Bot API refused."""
        return sum(call.get("ok") is False for call in self._get("/playground/calls"))

    def post_tap(self, panel: Panel) -> None:
        """Tap the first suggestion, and do not wait."""
        tap = {"message_id": panel.message_id, "data": panel.buttons[0]}
        self._post(f"/playground/chats/{panel.chat_id}/taps", json=tap)

    def post_photo(self, chat_id: int, photo: bytes) -> None:
        """Send a photo, and do not wait."""
        path = f"/playground/chats/{chat_id}/messages"
        self._post(path, files={"photo": ("photo.jpg", photo, "image/jpeg")})

    def begin(self) -> None:
        """From here on only what happens now counts; a poll that is open is not over."""
        ended = (call["id"] for call in self._calls() if "answered" not in call)
        self._read = min(ended, default=self._read + 1) - 1
        self._since = time.time()

    def _wait(self, chat_id: int, method: str, pause: float) -> tuple[Span, tuple[str, ...]]:
        """Wait for a call with suggestions, which answers the update that was delivered now.

        Raises:
            Unanswered: it does not come.
        """
        for calls in self._looks(pause):
            delivered = max((c["answered"] for c in calls if c.get("delivered")), default=None)
            for call in calls:
                buttons = suggestions(call, method)
                if buttons and call["parameters"]["chat_id"] == chat_id and delivered is not None:
                    return Span(delivered, call["time"]), buttons
        raise Unanswered(f"no {method} in {PATIENCE_S:.0f} s")

    def _looks(self, pause: float) -> Iterator[list[Json]]:
        """Look again and again at what has been answered since `begin`."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            time.sleep(pause)
            yield self.since()

    def since(self) -> list[Json]:
        """The calls that have been answered since `begin`."""
        return [call for call in self._calls() if call.get("answered", 0) >= self._since]

    def _calls(self) -> list[Json]:
        calls: list[Json] = self._get(f"/playground/calls?after={self._read}")
        return calls

    def _get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def _post(self, path: str, **content: Any) -> Json:
        answer: Json = self._http.post(path, **content).raise_for_status().json()
        return answer


@contextmanager
def person(url: str) -> Iterator[Person]:
    """A person at that server."""
    with httpx.Client(base_url=url, timeout=60) as http:
        yield Person(http)


def suggestions(call: Json, method: str) -> tuple[str, ...]:
    """What the suggestions of a call's keyboard carry; none where it is another call."""
    sent = call["parameters"]
    if call["method"] != method or "reply_markup" not in sent:
        return ()
    rows = sent["reply_markup"]["inline_keyboard"]
    carried = [button.get("callback_data", "") for row in rows for button in row]
    presses = {data: unpack(data) for data in carried}
    return tuple(data for data, press in presses.items() if press and press.action is Action.ADD)
