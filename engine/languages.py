"""How people write hashtags in other languages: the curated ``lists/languages.tsv``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from engine.lists import FOLDER, rows
from engine.tags import normalise_tag

_SAME = "-"


@cache
def written() -> Mapping[str, Mapping[str, str]]:
    """Language → English tag → theirs, where they write another one."""
    (_, *languages), *lines = rows(FOLDER / "languages.tsv")
    return {
        language: {line[0]: line[place] for line in lines if line[place] not in (_SAME, line[0])}
        for place, language in enumerate(languages, 1)
    }


def hashtags_in(language: str) -> Mapping[str, str]:
    """English tag → what people of a language write, where they write another one."""
    return written().get(language, {})


@cache
def meanings() -> Mapping[str, tuple[str, ...]]:
    """Their tag, as the engine writes it → the English ones that it stands for."""
    found: dict[str, tuple[str, ...]] = {}
    for table in written().values():
        for english, theirs in table.items():
            tag = normalise_tag(theirs)
            found[tag] = tuple(dict.fromkeys((*found.get(tag, ()), english)))
    return found
