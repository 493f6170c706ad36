"""How a hashtag is written: one spelling inside the engine, whatever people type."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def spell_tag(text: str) -> str:
    """Return a tag as its writer spells it, capitals and all: no ``#``, NFKC, no spaces inside."""
    return "".join(unicodedata.normalize("NFKC", text).strip().lstrip("#").split())


@lru_cache(maxsize=1 << 14)  # a chat may block a thousand tags, which come along with every tap
def normalise_tag(text: str) -> str:
    """Return a tag as the engine writes it: as `spell_tag`, and in lower case.

    An empty string means that nothing was left of it.
    """
    return spell_tag(text).lower()
