"""Message entities: what a text holds (hashtags, commands, mentions, links), as Telegram marks it.

Offsets and lengths are UTF-16 code units, as in the Bot API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.playground.store import Json

_COMMAND = re.compile(r"(?<![\w/<>@#])/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{3,32}))?(?![\w/<>])")
_MENTION = re.compile(r"(?<![\w/@])@[A-Za-z0-9_]{3,32}\b", re.ASCII)
_URL = re.compile(r"\bhttps?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
# Letters of scripts that carry vowels as marks belong to a tag; # glued to # is no tag.
_TAG_LETTER = r"[\w\u00b7\u200c\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f]"
_HASHTAG = re.compile(rf"(?<!{_TAG_LETTER})#({_TAG_LETTER}{{1,256}})(?!{_TAG_LETTER}|#)")
_OPAQUE = frozenset({"pre", "code", "text_link", "text_mention"})


def utf16_len(text: str) -> int:
    """Length in UTF-16 code units, the Bot API's measure."""
    return len(text.encode("utf-16-le")) // 2


def detect(text: str, marked: Iterable[Json] = ()) -> list[Json]:
    """Entities that clients and servers find by themselves, besides those already marked.

    Args:
        text: The message's text or caption.
        marked: Entities set by the sender; nothing is looked for inside code and links.

    Returns:
        All entities, in the order of their offsets, the longer first.
    """
    kept = list(marked)
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in kept
        if entity["type"] in _OPAQUE
    ]
    # Most texts hold none of these; and links go first, since "#" and "@" may stand in them.
    for kind, pattern, sign in (
        ("url", _URL, "://"),
        ("bot_command", _COMMAND, "/"),
        ("mention", _MENTION, "@"),
        ("hashtag", _HASHTAG, "#"),
    ):
        if sign not in text:
            continue
        for match in pattern.finditer(text):
            if kind == "hashtag" and not any(map(str.isalpha, match[1])):
                continue
            start = utf16_len(text[: match.start()])
            end = start + utf16_len(match[0])
            if any(start < other_end and other < end for other, other_end in taken):
                continue
            taken.append((start, end))
            kept.append({"type": kind, "offset": start, "length": end - start})
    return sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


def entity_text(text: str, entity: Json) -> str:
    """The part of a text that an entity covers."""
    raw = text.encode("utf-16-le")
    start = 2 * int(entity["offset"])
    return raw[start : start + 2 * int(entity["length"])].decode("utf-16-le", "replace")
