"""How a hashtag is written: one spelling inside the engine, whatever people type."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=1 << 14)  # a chat may block a thousand tags, which come along with every tap
def normalise_tag(text: str) -> str:
    """Return a tag as the engine writes it: no ``#``, NFKC, lower case, no spaces inside.

    An empty string means that nothing was left of it.
    """
    folded = unicodedata.normalize("NFKC", text).strip().lstrip("#").lower()
    return "".join(folded.split())
