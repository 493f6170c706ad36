"""Levers for tests: let the Bot API fail as the real one sometimes does, or limit floods."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from bot.playground.refusals import RefusedError, too_many_requests
from bot.playground.store import Clock, Json


class DroppedError(Exception):
    """The connection breaks before the answer."""


@dataclass(frozen=True)
class Fault:
    """What shall go wrong.

    Attributes:
        method: The Bot API method, or ``*`` for any but ``getUpdates``.
        error_code: HTTP status and ``error_code`` of the refusal.
        retry_after: Seconds, for 429.
        description: The reason in the answer.
        chat_id: Only in this chat.
        drop: Break the connection instead of answering.
        after: Do what was asked first: only the answer is lost.
        times: How many more calls it hits.
    """

    method: str
    error_code: int = int(HTTPStatus.INTERNAL_SERVER_ERROR)
    retry_after: int | None = None
    description: str | None = None
    chat_id: int | None = None
    drop: bool = False
    after: bool = False
    times: int = 1

    def hits(self, method: str, chat_id: int | None) -> bool:
        """Whether a call is one of those that shall fail."""
        named = self.method.lower() == method.lower()
        anything = self.method == "*" and method.lower() != "getupdates"
        return (named or anything) and self.chat_id in (None, chat_id)

    def error(self) -> Exception:
        """What the call ends with."""
        if self.drop:
            return DroppedError()
        if self.error_code == HTTPStatus.TOO_MANY_REQUESTS:
            return too_many_requests(self.retry_after or 1)
        usual = {HTTPStatus.FORBIDDEN: "bot was blocked by the user"}
        reason = self.description or usual.get(HTTPStatus(self.error_code), "")
        return RefusedError(self.error_code, reason)


@dataclass
class Faults:
    """Faults that wait for their call, and the flood limit when it is switched on."""

    clock: Clock
    _waiting: list[Fault] = field(default_factory=list)
    _flood: FloodLimit | None = None

    def add(self, fault: Fault) -> None:
        """Let the next fitting calls fail."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Everything works again, without a flood limit."""
        self._waiting.clear()
        self._flood = None

    def limit_floods(self, per_second: float | None, burst: int) -> None:
        """Answer 429 to a chat that gets more messages and edits; ``None`` switches it off."""
        self._flood = None if per_second is None else FloodLimit(self.clock, per_second, burst)

    def meet(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that hits this call, counted down."""
        for index, fault in enumerate(self._waiting):
            if fault.hits(method, chat_id):
                if fault.times > 1:
                    self._waiting[index] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[index]
                return fault
        return None

    def count(self, method: str, chat_id: int | None) -> None:
        """Count a message or an edit against the flood limit.

        Raises:
            RefusedError: 429 with ``retry_after``.
        """
        if (
            self._flood is not None
            and chat_id is not None
            and method.lower().startswith(("send", "edit"))
            and method.lower() != "sendchataction"
        ):
            self._flood.spend(chat_id)


@dataclass
class FloodLimit:
    """A token bucket per chat.

    Attributes:
        clock: Seconds.
        per_second: Messages and edits a second in the long run.
        burst: So many at once.
    """

    clock: Clock
    per_second: float
    burst: int
    _levels: dict[int, tuple[float, float]] = field(default_factory=dict)

    def spend(self, chat_id: int) -> None:
        """Take one token.

        Raises:
            RefusedError: 429; a refused call takes none.
        """
        now = self.clock()
        level, then = self._levels.get(chat_id, (float(self.burst), now))
        level = min(float(self.burst), level + (now - then) * self.per_second)
        if level < 1:
            self._levels[chat_id] = (level, now)
            raise too_many_requests(max(1, math.ceil((1 - level) / self.per_second)))
        self._levels[chat_id] = (level - 1, now)


def fault_from(body: Json) -> Fault:
    """A fault as the lever's JSON describes it.

    Raises:
        ValueError: Unknown fields or values; the text says which.
    """
    known: dict[str, str] = dict(Fault.__annotations__)
    for name, value in body.items():
        if name not in known:
            raise ValueError(f"unknown field {name!r}; there are {', '.join(known)}")
        wanted: dict[str, type] = {"str": str, "int": int, "bool": bool}
        if not isinstance(value, wanted[known[name].partition(" ")[0]]):
            raise ValueError(f"{name} must be of type {known[name]}")
    if "method" not in body:
        raise ValueError("method is missing")
    fault = Fault(**body)
    if HTTPStatus(fault.error_code) < HTTPStatus.BAD_REQUEST:
        raise ValueError("error_code must be 400 or more")
    return fault
