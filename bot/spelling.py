"""How people write a hashtag in their own language, from the curated ``locales/tags.tsv``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "locales" / "tags.tsv"


def also(tags: Sequence[str], language: str, room: int) -> tuple[str, ...]:
    """Tags, each followed by its form in a language, as long as there is room.

    Args:
        tags: As chosen: all of them stay.
        language: One of `bot.texts.LANGUAGES`.
        room: How many may be added.
    """
    table, said = _table().get(language, {}), set(tags)
    written: list[str] = []
    for tag in tags:
        written.append(tag)
        theirs = table.get(tag)
        if room > 0 and theirs and theirs not in said:
            written.append(theirs)
            said.add(theirs)
            room -= 1
    return tuple(written)


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    """Language → English tag → theirs."""
    lines = [one for one in _FILE.read_text("utf-8").splitlines() if one and one[0] != "#"]
    _, *languages = lines[0].split("\t")
    rows = [line.split("\t") for line in lines[1:]]
    return {
        language: {row[0]: row[place] for row in rows if row[place] not in ("-", row[0])}
        for place, language in enumerate(languages, 1)
    }
