"""The caption as text: hashtags out of what people write, and the finished caption. Pure.

Telegram counts lengths in UTF-16 code units, and so does this module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

from engine import normalise_tag

TAGS_LIMIT = 100
"""Hashtags of one caption: Telegram marks no more of them in a message."""

TAG_LENGTH = 200
"""Characters of a typed hashtag; a longer one stays an ordinary word."""

_SIGN = re.compile(r"[#＃]")
_GLUE = re.compile(r"[\w#＃&/]")
_JOINERS = "\u200c\u200d\u00b7\u30fb"
_DOTS = ("•",) * 5
_BLOCK = MessageLimit.MAX_TEXT_LENGTH - 196  # leaves room for the lines below the block


@dataclass(frozen=True)
class Written:
    """What a person wrote: the words without the hashtags, and the hashtags."""

    words: str
    tags: tuple[str, ...]


def read(text: str) -> Written:
    """Take the hashtags out of a text, in order, without repeats, as the engine writes them."""
    tags: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        words, end = [], 0
        for start, stop in _tags(line):
            tags.append(normalise_tag(line[start:stop]))
            words.append(line[end:start])
            end = stop
        if not end:
            lines.append(line.strip())
            continue
        rest = " ".join("".join((*words, line[end:])).split())
        if rest:
            lines.append(rest)
    words_left = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return Written(words_left, tuple(dict.fromkeys(tags)))


def _tags(line: str) -> Iterator[tuple[int, int]]:
    """Where the hashtags of a line begin and end, the sign included."""
    last = 0
    for sign in _SIGN.finditer(line):
        # Not inside a word or an address; but of "#sea#sun" both are meant.
        if sign.start() > last and _GLUE.match(line[sign.start() - 1]):
            continue
        stop = sign.end()
        while stop < len(line) and _may_stand_in_tag(line[stop]):
            stop += 1
        body = line[sign.end() : stop]
        # "We are #1" holds no hashtag: one needs something besides digits.
        if 0 < len(body) <= TAG_LENGTH and any(unicodedata.category(c)[0] in "LS" for c in body):
            yield sign.start(), stop
            last = stop


def _may_stand_in_tag(character: str) -> bool:
    """Letters, marks and digits of any script, underscores, emoji and what joins them."""
    category = unicodedata.category(character)
    return category[0] in "LMN" or category in ("Pc", "So", "Sk") or character in _JOINERS


def compose(words: str, tags: Iterable[str], layout: str = "line") -> str:
    """The caption: the words, and below them the hashtags.

    Args:
        words: Of the person.
        tags: In order.
        layout: ``line``: all on one; ``lines``: one each; ``dots``: below lines that push them
            out of sight.
    """
    block = ("\n" if layout == "lines" else " ").join(f"#{tag}" for tag in tags)
    if block and layout == "dots":
        return "\n".join(part for part in (words, *_DOTS, block) if part)
    return "\n\n".join(part for part in (words, block) if part)


def length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """A text cut to a length, with an ellipsis where something is missing."""
    return text if length(text) <= limit else next(_pieces(text, limit - 1)) + "…"


def blocks(caption: str) -> tuple[str, ...]:
    """The caption as HTML blocks that copy with a tap, as many messages as it needs."""
    return tuple(f"<pre>{escape(piece, quote=False)}</pre>" for piece in _pieces(caption, _BLOCK))


def copies_by_button(caption: str) -> bool:
    """Whether a copy button can carry it."""
    return 0 < length(caption) <= InlineKeyboardButtonLimit.MAX_COPY_TEXT


def outgrows_photo(caption: str) -> bool:
    """Whether it is too long to stand under a photo on Telegram."""
    return length(caption) > MessageLimit.CAPTION_LENGTH


def _pieces(text: str, limit: int) -> Iterator[str]:
    """Cut a text into pieces, between words where that is possible."""
    while length(text) > limit:
        # At least half of the limit's units are that many characters.
        cut = limit
        while length(text[:cut]) > limit:
            cut -= 1
        gap = max(text.rfind("\n", 1, cut + 1), text.rfind(" ", 1, cut + 1))
        cut = gap if gap > cut // 2 else cut
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text
