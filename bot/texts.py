"""Every sentence that the bot says to people, in their language: Fluent files, read once each.

``locales/<language>/*.ftl`` hold them, one file a topic. Answers to taps stay under 200 characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "ja": "日本語",
    "ru": "Русский",
    "zh-TW": "繁體中文",
}
"""The languages that the bot speaks, each by its own name."""

COMMANDS = (
    "start",
    "help",
    "tag",
    "settings",
    "history",
    "sets",
    "cancel",
    "privacy",
    "export",
    "forget",
)
"""The commands in the order of Telegram's menu; ``command-<name>`` describes each."""

_LOCALES = Path(__file__).parent / "locales"
_ENGLISH = "en"
_CHINESE = "zh-TW"


def say(language: str | None, message_id: str, **values: str | int | float) -> str:
    """A sentence.

    Args:
        language: As Telegram names it (``de``, ``zh-hant``, ``pt-br``); English for one that the
            bot does not speak.
        message_id: Names the sentence in the Fluent files.
        **values: What its variables stand for.

    Raises:
        KeyError: there is no such sentence.
    """
    for bundle in (_bundle(spoken(language)), _bundle(_ENGLISH)):
        if bundle.has_message(message_id):
            pattern = bundle.get_message(message_id).value
            if pattern is not None:
                return str(bundle.format_pattern(pattern, values)[0])
    raise KeyError(message_id)


def spoken(language: str | None) -> str:
    """The language among `LANGUAGES` that comes closest to one of Telegram's."""
    name = (language or _ENGLISH).replace("_", "-").partition("-")[0].lower()
    if name == "zh":
        return _CHINESE
    return name if name in LANGUAGES else _ENGLISH


def code(language: str) -> str:
    """How Telegram names one of `LANGUAGES`: by two letters."""
    return language.partition("-")[0]


@cache
def _bundle(language: str) -> FluentBundle:
    """The sentences of one of `LANGUAGES`."""
    # Without the invisible marks around values: they would be copied along with hashtags.
    bundle = FluentBundle([language], use_isolating=False)
    for file in sorted((_LOCALES / language).glob("*.ftl")):
        bundle.add_resource(FluentResource(file.read_text("utf-8")))
    return bundle
