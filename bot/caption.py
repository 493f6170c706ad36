"""The finished caption as text, whole and in pieces that copy with a tap. Pure.

Telegram counts lengths in UTF-16 code units, and so does this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

TAGS_LIMIT = 100
"""Hashtags of one caption: Telegram marks no more of them in a message."""

_DOTS = ("•",) * 5
_BLOCK = MessageLimit.MAX_TEXT_LENGTH - 196  # leaves room for the lines below the block


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
