"""What can be chosen in ``/settings``, and how each choice is named. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot import texts
from bot.platforms import platforms
from bot.preferences import BUTTONS, COLUMNS, LEANINGS, Layout, Order, Preferences
from bot.spelling import translated

_PACE = 64
_LEANINGS = ("common", "rather-common", "usual", "rather-specific", "specific")


@dataclass(frozen=True)
class Option:
    """One setting.

    Attributes:
        name: A field of `bot.preferences.Preferences`; ``setting-<name>`` is its title.
        values: What it may be, in the order in which it is offered.
        groups: Whether it means something in groups alone.
    """

    name: str
    values: Sequence[Any] = (False, True)
    groups: bool = False

    @property
    def switch(self) -> bool:
        """Whether it is only on or off."""
        return self.values == (False, True)

    def matters(self, preferences: Preferences, language: str | None, *, group: bool) -> bool:
        """Whether it can change anything in a chat.

        Args:
            preferences: Of the chat.
            language: Of whoever asks.
            group: Where each may speak another language, as long as none is set.
        """
        if self.name == "local_tags":
            mixed = group and not preferences.language
            return mixed or translated(texts.spoken(language))
        return group or not self.groups

    def of(self, preferences: Preferences) -> Any:
        """What was chosen."""
        return getattr(preferences, self.name)

    def named(self, value: Any, language: str | None) -> str:
        """A value as people read it."""
        match self.name:
            case "buttons" | "columns":
                return str(value)
            case "leaning":
                return texts.say(language, f"setting-leaning-{_LEANINGS[value + 2]}")
            case "language" if value:
                return texts.LANGUAGES[value]
            case "platform" if value:
                return platforms()[value].name
            case _:
                return texts.say(language, f"setting-{self.name}-{value or 'none'}")


OPTIONS = (
    Option("platform", ("", *platforms())),
    Option("layout", tuple(Layout)),
    Option("order", tuple(Order)),
    Option("buttons", BUTTONS),
    Option("columns", COLUMNS),
    Option("leaning", LEANINGS),
    Option("promotional"),
    Option("taste"),
    Option("local_tags"),
    Option("everyone", groups=True),
    Option("language", ("", *texts.LANGUAGES)),
)


def number(option: int, value: int) -> int:
    """One value of one option, as a button carries it."""
    return option * _PACE + value


def chosen(preferences: Preferences, button: int) -> Preferences | None:
    """The settings after a tap on the button of a value; None where there is no such value."""
    option, value = divmod(button, _PACE)
    if option >= len(OPTIONS) or value >= len(OPTIONS[option].values):
        return None
    return replace(preferences, **{OPTIONS[option].name: OPTIONS[option].values[value]})


def now(preferences: Preferences, button: int, language: str | None) -> str:
    """What a switch does since the tap on its button; empty for what is no switch."""
    option = OPTIONS[button // _PACE]
    if not option.switch:
        return ""
    return texts.say(language, f"now-{option.name}-{'on' if option.of(preferences) else 'off'}")
