"""One Bot API call: its parameters however they were sent, and the log of the latest calls."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile

from bot.playground.refusals import bad_request
from bot.playground.store import Clock, Json, strict_json

KEPT_CALLS = 2000
_MAX_LOGGED = 8192
_SECRETS = frozenset({"secret_token"})
_TEXTS = frozenset({"text", "caption", "callback_query_id", "description", "short_description"})


@dataclass(frozen=True)
class Call:
    """A method with its parameters.

    Attributes:
        method: In lower case, as the Bot API ignores case.
        params: Values as JSON types or as text.
        files: Uploads by field name.
    """

    method: str
    params: Json
    files: dict[str, UploadFile] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """A parameter as text."""
        value = self.params.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """A parameter as an integer; the default where it is none."""
        try:
            return int(self.params.get(name, default))
        except (TypeError, ValueError, OverflowError):
            return default

    def flag(self, name: str) -> bool:
        """A parameter as a truth value."""
        return str(self.params.get(name, "")).lower() in ("true", "1", "yes", "y")

    def object(self, name: str) -> Json:
        """A parameter that is a JSON object; an empty one where it is missing.

        Raises:
            RefusedError: 400 when it is something else.
        """
        value = self._data(name) or {}
        if not isinstance(value, dict):
            raise bad_request(f"can't parse {name.replace('_', ' ')}: object expected")
        return value

    def array(self, name: str) -> list[Any] | None:
        """A parameter that is a JSON array; ``None`` where it is missing.

        Raises:
            RefusedError: 400 when it is something else.
        """
        value = self._data(name)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"can't parse {name.replace('_', ' ')}: array expected")
        return value

    def objects(self, name: str) -> list[Json]:
        """A parameter that is a JSON array of objects; an empty one where it is missing.

        Raises:
            RefusedError: 400 when it is something else.
        """
        values = self.array(name) or []
        if not all(isinstance(value, dict) for value in values):
            raise bad_request(f"can't parse {name.replace('_', ' ')}: objects expected")
        return values

    def _data(self, name: str) -> Any:
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return strict_json(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error

    @property
    def chat_id(self) -> int | None:
        """The chat that the call is about, where it names one by number."""
        return self.number("chat_id") or None


class CallLog:
    """The latest calls with their answers, for tests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: deque[Json] = deque(maxlen=KEPT_CALLS)
        self._next = 1

    def begin(self, call: Call, method: str) -> Json:
        """Note a call at its arrival; the entry is completed by :meth:`end`."""
        params: Json = {}
        for name, value in call.params.items():
            shown = value if name in _TEXTS or not isinstance(value, str) else _as_json(value)
            if name in _SECRETS:
                shown = "***"
            params[name] = shown if len(str(shown)) <= _MAX_LOGGED else "…"
        for name, file in call.files.items():
            params.setdefault(name, f"({file.size} bytes)")
        entry = {"id": self._next, "method": method, "parameters": params, "time": self._clock()}
        self._next += 1
        self._calls.append(entry)
        return entry

    def end(self, entry: Json, answer: Json) -> None:
        """Note how a call was answered."""
        entry["answered"] = self._clock()
        entry["ok"] = bool(answer.get("ok"))
        if not entry["ok"]:
            entry["error_code"] = answer.get("error_code")
            entry["description"] = answer.get("description")
        elif entry["method"].lower() == "getupdates":
            entry["delivered"] = [update["update_id"] for update in answer["result"]]

    def forget(self, chat_id: int) -> None:
        """Drop the calls about a chat."""
        kept = [one for one in self._calls if one["parameters"].get("chat_id") != chat_id]
        self._calls.clear()
        self._calls.extend(kept)

    def after(self, number: int, chat_id: int | None = None) -> list[Json]:
        """The calls that came after one, in one chat or in all."""
        return [
            entry
            for entry in self._calls
            if entry["id"] > number and chat_id in (None, entry["parameters"].get("chat_id"))
        ]


def _as_json(value: str) -> Any:
    """A form's text as the value it stands for; text that is no JSON stays text."""
    if value[:1] not in ("{", "[", "-") and not value[:1].isdigit():
        return {"true": True, "false": False}.get(value, value)
    try:
        return strict_json(value)
    except ValueError:
        return value
