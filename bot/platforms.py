"""Where captions are posted, and what fits there: ``platforms.tsv``, dated and with sources."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from bot.caption import length

_FILE = Path(__file__).parent / "platforms.tsv"
# What counts once for X: the ranges of its own configuration.
_SINGLE = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_LINK = re.compile(r"https?://\S+")
_LINK_WEIGHT = 23

_EMOJI = re.compile("[\u200d\ufe0f\u2600-\u27bf\U0001f000-\U0001faff]")

Counted = Literal["units", "points", "bytes", "weighted", "links", "emoji"]


@dataclass(frozen=True)
class Platform:
    """One platform.

    Attributes:
        key: Names it in a chat's settings.
        name: As people know it.
        tags: Hashtags of a post at most; None where nothing is documented.
        characters: Characters of a post at most.
        counted: How it counts them.
        checked: When that was read in its documentation.
    """

    key: str
    name: str
    tags: int | None
    characters: int
    counted: Counted
    checked: str

    def length(self, text: str) -> int:
        """How long the platform finds a text."""
        match self.counted:
            case "units":
                return length(text)
            case "points":
                return len(text)
            case "bytes":
                return _bytes(text)
            case "links":
                return len(_LINK.sub("-" * _LINK_WEIGHT, text))
            case "emoji":
                return len(text) + sum(_bytes(one) - 1 for one in _EMOJI.findall(text))
            case _:
                return _weighted(text)

    def excess(self, text: str) -> int:
        """Characters of a text that do not fit any more."""
        return max(0, self.length(text) - self.characters)


@cache
def platforms() -> Mapping[str, Platform]:
    """All platforms by their keys, in the order of the file."""
    found = {}
    for line in _FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            key, name, tags, characters, counted, checked, _ = line.split("\t")
            found[key] = Platform(
                key,
                name,
                None if tags == "-" else int(tags),
                int(characters),
                cast(Counted, counted),
                checked,
            )
    return found


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _weighted(text: str) -> int:
    text, links = _LINK.subn("", unicodedata.normalize("NFC", text))
    twice = sum(not any(low <= ord(one) <= high for low, high in _SINGLE) for one in text)
    return len(text) + twice + links * _LINK_WEIGHT
