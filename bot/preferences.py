"""What a chat has chosen in ``/settings``: one value, kept as JSON in its row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from bot.platforms import Platform, platforms
from bot.texts import LANGUAGES
from storage import Storage

BLOCKED_LIMIT = 1_000
"""Hashtags that a chat may block."""

BUTTONS = (4, 6, 8, 10, 12, 16, 20)
COLUMNS = (1, 2, 3)
LEANINGS = (-2, -1, 0, 1, 2)


class Layout(StrEnum):
    """How the hashtags of a caption stand."""

    LINE = "line"
    LINES = "lines"
    DOTS = "dots"


class Order(StrEnum):
    """In which order they stand."""

    CHOSEN = "chosen"
    BROAD = "broad"


@dataclass(frozen=True)
class Preferences:
    """The settings of a chat.

    Attributes:
        buttons: Suggestions on a page.
        columns: Suggestions side by side.
        platform: Where captions are posted: a key of `bot.platforms`; empty for anywhere.
        layout: Of the caption's hashtags.
        order: Of the caption's hashtags.
        leaning: Common (−2) … specific (2) suggestions.
        promotional: Whether tags that only ask for followers are suggested.
        blocked: Tags that are never suggested.
        language: Of the texts; empty follows each person's client.
        local_tags: Whether a tag is also added as it is written in that language.
        everyone: Whether everybody in a group may choose for everybody's photos.
        taste: Whether the chat's own picks order the suggestions.
        taste_after: The pick up to which they were forgotten for that.
    """

    buttons: int = 10
    columns: int = 2
    platform: str = ""
    layout: Layout = Layout.LINE
    order: Order = Order.CHOSEN
    leaning: int = 0
    promotional: bool = False
    blocked: tuple[str, ...] = ()
    language: str = ""
    local_tags: bool = False
    everyone: bool = False
    taste: bool = True
    taste_after: int = 0

    @property
    def where(self) -> Platform | None:
        """The chosen platform."""
        return platforms().get(self.platform)

    def to_json(self) -> str:
        """Write it down; `read` reads it back. What is as usual is left out."""
        usual = asdict(Preferences())
        changed = {name: one for name, one in asdict(self).items() if one != usual[name]}
        return json.dumps(changed, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Preferences:
        """Read what `to_json` wrote, leaving out what another version wrote and this one lacks."""
        try:
            stored = json.loads(text)
        except ValueError:
            return cls()
        if not isinstance(stored, Mapping):
            return cls()
        known = {one.name for one in fields(cls)}
        values = {name: _checked(name, one) for name, one in stored.items() if name in known}
        return cls(**{name: one for name, one in values.items() if one is not None})


def _checked(name: str, value: Any) -> Any:
    """A stored value, or None where this version cannot use it."""
    match name:
        case "layout" | "order":
            kinds: type[StrEnum] = Layout if name == "layout" else Order
            return kinds(value) if value in list(kinds) else None
        case "platform":
            return value if value in platforms() else None
        case "language":
            return value if value in LANGUAGES else None
        case "buttons":
            return value if value in BUTTONS else None
        case "columns":
            return value if value in COLUMNS else None
        case "leaning":
            return value if value in LEANINGS else None
        case "blocked":
            fine = isinstance(value, list) and all(isinstance(one, str) for one in value)
            return tuple(value) if fine else None
        case "taste_after":
            return value if type(value) is int else None
        case _:
            return value if isinstance(value, bool) else None


async def preferences_of(storage: Storage, chat_id: int) -> Preferences:
    """What a chat has chosen."""
    return Preferences.read(await storage.settings_of(chat_id))
