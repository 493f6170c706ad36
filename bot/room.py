"""What still fits into a caption, and the sentence about what does not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from bot import texts
from bot.caption import clip
from bot.style import Style
from storage import PickKind
from storage.steps import tag_of

_NAMED = 3
_NAME = 25  # three of them and their sentence fit the answer to a tap


@dataclass(frozen=True)
class Room:
    """What becomes of hashtags that were typed or came along.

    Attributes:
        tags: Those that join the caption, in their order.
        told: Which ones were left out, and why; empty where none was.
    """

    tags: tuple[str, ...] = ()
    told: str = ""


def room(style: Style, words: str, chosen: Sequence[str], more: Iterable[str]) -> Room:
    """Add hashtags to a caption up to its limits, as a tap does.

    Where one is too long, a shorter one that follows may still fit.

    Args:
        style: Of the chat: its platform has the limits.
        words: Above the hashtags.
        chosen: Hashtags that the caption has.
        more: Those to add; one that it has already, in whichever spelling, is none of them.
    """
    whole, left, reason = list(chosen), list[str](), ""
    met = set(map(tag_of, chosen))
    shortest: float = inf  # of those that were too long: one as long need not be tried
    for tag in more:
        if tag_of(tag) in met:
            continue
        met.add(tag_of(tag))
        size = style.platform.length(tag) if style.platform else 0
        if len(whole) >= style.limit:
            reason = reason or "tags"
        elif size >= shortest or style.excess(words, (*whole, tag)):
            reason, shortest = reason or "characters", min(size, shortest)
        else:
            whole.append(tag)
            continue
        left.append(tag)
    fits = tuple(whole[len(chosen) :])
    return Room(fits, _sentence(style, reason, left)) if left else Room(fits)


def joining(
    style: Style, present: str, chosen: Sequence[str], words: str, tags: Iterable[str], key: str
) -> tuple[Room, list[tuple[PickKind, str, str]]]:
    """Let words stand below those that are there, and hashtags join as far as they fit.

    Args:
        style: Of the chat.
        present: Words that the caption has.
        chosen: Hashtags that it has.
        words: Those that come along; empty for none.
        tags: Those that come along.
        key: Of all this, so that doing it again changes nothing.

    Returns:
        What becomes of the hashtags, and the steps to be written down.
    """
    both = "\n".join(dict.fromkeys(filter(None, (present, words))))
    steps = [(PickKind.TEXT, both, f"{key}:=")] if both != present else []
    more = room(style, both, chosen, tags)
    return more, steps + [(PickKind.OWN, tag, f"{key}:{tag}") for tag in more.tags]


def named(language: str | None, tags: Sequence[str]) -> str:
    """The first of some hashtags, and how many more there are."""
    shown = " ".join(f"#{clip(tag, _NAME)}" for tag in tags[:_NAMED])
    more = len(tags) - _NAMED
    return texts.say(language, "left-more", tags=shown, more=more) if more > 0 else shown


def _sentence(style: Style, reason: str, left: Sequence[str]) -> str:
    platform, tags = style.platform, named(style.language, left)
    if platform is None or (reason == "tags" and platform.tags is None):
        return texts.say(style.language, "left-any", limit=style.limit, tags=tags)
    limit = style.limit if reason == "tags" else platform.characters
    return texts.say(
        style.language, f"left-{reason}", limit=limit, tags=tags, platform=platform.name
    )
