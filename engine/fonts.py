"""The fonts of this machine, and which of them has the letters of a text."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FONTS = ("DejaVuSans.ttf", "Arial.ttf", "NotoSansCJK-Regular.ttc", "wqy-microhei.ttc")
"""Common fonts with more than Latin letters, for tags that people wrote and for their languages."""

_NO_LETTER = "\uffff"
_SIZE = 13


def writable(text: str) -> bool:
    """Whether one of the fonts has every letter of a text."""
    return any(not _lacking(font, text) for font in fonts(_SIZE))


def best(text: str) -> int:
    """The font that lacks the fewest letters of a text, as its number among `fonts`."""
    lacking = [_lacking(font, text) for font in fonts(_SIZE)]
    return lacking.index(min(lacking))


def _lacking(font: Font, text: str) -> int:
    """How many letters of a text a font does not have: it draws the same for all of these."""
    nothing = bytes(font.getmask(_NO_LETTER))
    letters = {one for one in text if not one.isspace()}
    return sum(bytes(font.getmask(one)) == nothing for one in letters)


@lru_cache(maxsize=64)
def fonts(size: int) -> tuple[Font, ...]:
    """All fonts that there are, Pillow's own last."""
    found: list[Font] = []
    for name in FONTS:
        with suppress(OSError):
            found.append(ImageFont.truetype(name, size))
    return (*found, ImageFont.load_default(size))
