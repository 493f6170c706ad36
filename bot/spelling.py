"""How people write a hashtag in their own language, beside the English one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from engine import hashtags_in
from storage.steps import tag_of


def also(tags: Sequence[str], language: str, room: int) -> tuple[str, ...]:
    """Tags, each followed by its form in a language, as long as there is room.

    Args:
        tags: As chosen: all of them stay.
        language: One of `bot.texts.LANGUAGES`.
        room: How many may be added.
    """
    table, said = hashtags_in(language), set(map(tag_of, tags))
    written: list[str] = []
    for tag in tags:
        written.append(tag)
        theirs = table.get(tag_of(tag))
        if room > 0 and theirs and tag_of(theirs) not in said:
            written.append(theirs)
            said.add(tag_of(theirs))
            room -= 1
    return tuple(written)


def translated(language: str) -> bool:
    """Whether hashtags have forms of their own in a language: English is what they come from."""
    return bool(hashtags_in(language))
