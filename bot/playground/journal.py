"""What went over the wire between bot and server, chat by chat: the latest of it, shortened, for
the developers' drawer. Nothing of it is written to disk."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from bot.playground.bells import Bells
from bot.playground.store import Clock, Json, dump

KEPT_LINES = 200
"""Calls and updates that are kept of a chat."""
KEPT_CHATS = 40
"""Chats of which any are kept: those in which something went over the wire last."""

_TEXT = 240
_ITEMS = 24
_NAME = 60
_BODY = 3000
_DEPTHS = (8, 5, 3, 2)


@dataclass(frozen=True)
class Line:
    """Something that went over the wire.

    Attributes:
        number: Growing over all chats, also over a restart.
        time: When, in seconds since the epoch.
        text: It as JSON.
    """

    number: int
    time: float
    text: str


class Journal:
    """The latest calls and updates of the latest chats."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chats: OrderedDict[int, deque[Line]] = OrderedDict()
        self._bells = Bells()
        self._next = int(clock() * 1000)

    def call(self, chat_id: int | None, entry: Json, answer: Json) -> None:
        """Note an answered call of the bot.

        Args:
            chat_id: The chat that it was about; without one it is not noted.
            entry: The call in the log of calls, which holds no secret.
            answer: What the server answered.
        """
        if chat_id is None:
            return
        code, reason = answer.get("error_code"), answer.get("description", "")
        ends = {"ok": bool(answer.get("ok"))} | (
            {"result": brief(answer.get("result"))}
            if answer.get("ok")
            else {"error": f"{code} {reason}" if code else reason}
        )
        took = {"took": round(entry["answered"] - entry["time"], 4)}
        self._note(chat_id, "call", entry["method"], brief(entry["parameters"]), ends | took)

    def update(self, chat_id: int | None, update: Json) -> None:
        """Note an update that the bot took."""
        if chat_id is not None:
            (kind,) = update.keys() - {"update_id"}
            about = {"update_id": update["update_id"]}
            self._note(chat_id, "update", kind, brief(update[kind]), about)

    def forget(self, chat_id: int) -> None:
        """Drop what is kept of a chat; open drawers empty themselves."""
        self._chats.pop(chat_id, None)
        self._note(chat_id, "forgotten", "", None, {})

    def after(self, chat_id: int, number: int) -> list[Line]:
        """The lines of a chat that came after one."""
        return [line for line in self._chats.get(chat_id, ()) if line.number > number]

    def stream(self, chat_id: int, number: int) -> AsyncIterator[str]:
        """A chat's lines from one on, for ever, as lines of an event stream."""
        return self._bells.stream(
            chat_id,
            number,
            lambda last: [(line.number, line.text) for line in self.after(chat_id, last)],
        )

    def sweep(self, before: float) -> None:
        """Drop old lines."""
        for chat_id, lines in list(self._chats.items()):
            while lines and lines[0].time < before:
                lines.popleft()
            if not lines:
                del self._chats[chat_id]

    def close(self) -> None:
        """End all streams, so that the server can stop at once."""
        self._bells.close()

    def _note(self, chat_id: int, kind: str, name: str, body: Any, more: Json) -> None:
        number, now = self._next, self._clock()
        self._next += 1
        told = {"id": number, "time": now, "kind": kind, "name": name, "body": body, **more}
        text = dump(told).encode(errors="replace").decode()  # half a surrogate cannot be sent
        self._chats.setdefault(chat_id, deque(maxlen=KEPT_LINES)).append(Line(number, now, text))
        self._chats.move_to_end(chat_id)
        while len(self._chats) > KEPT_CHATS:
            self._chats.popitem(last=False)
        self._bells.ring(chat_id)


def brief(value: Any) -> Any:
    """A value with long texts and lists cut, and with deep parts left out where it is still long.

    Returns:
        A JSON value; what was left out shows as ``…``.
    """
    for depth in _DEPTHS:
        short = _cut(value, depth)
        if len(dump(short)) <= _BODY:
            break
    return short


def _cut(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        rest = len(value) - _TEXT
        return value if rest <= 0 else f"{value[:_TEXT]}… ({rest} more characters)"
    if not isinstance(value, dict | list) or not value:
        return value
    if depth == 0:
        return "…"
    rest = len(value) - _ITEMS
    if isinstance(value, list):
        more = [f"… ({rest} more)"] if rest > 0 else []
        return [_cut(one, depth - 1) for one in value[:_ITEMS]] + more
    shown = list(value.items())[:_ITEMS]
    return {name[:_NAME]: _cut(one, depth - 1) for name, one in shown} | (
        {"…": f"{rest} more"} if rest > 0 else {}
    )
