"""What a person writes: a message's words and hashtags join the caption, and follow its edits.

What a message brings, and what an edit of it changes, is one step each, which Undo takes back at
once: its picks have keys of one event (`storage.steps`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Origin
from bot.history import fold
from bot.room import Room, joining
from bot.style import Style
from storage import Pick, PickKind, Session, Storage
from storage.steps import tag_of


async def set_words(
    storage: Storage,
    session: Session,
    words: str,
    origin: Origin,
    edition: int = 0,
    before: str | None = None,
) -> None:
    """Let the words of a message stand above the hashtags; doing it again changes nothing.

    Args:
        storage: Where the step is written down.
        session: Whose caption.
        words: What the message holds now.
        origin: The message.
        edition: Of an edited message, as in `add_own`.
        before: What it held at first, where that is in the caption without a step.
    """
    message = message_keys(origin)
    brought = _brought(await storage.picks(session.id), message)
    earlier = [pick.tag for pick in brought if pick.kind is PickKind.TEXT]
    if words != (earlier[-1] if earlier else before):
        await storage.record(session.id, PickKind.TEXT, words, key=f"{message}{edition}:=")


async def add_own(
    storage: Storage,
    session: Session,
    tags: tuple[str, ...],
    origin: Origin,
    style: Style,
    edition: int = 0,
) -> Room:
    """Add the hashtags of a message as far as they fit, spelled as they are there; doing it again
    changes nothing.

    Args:
        storage: Where the steps are written down.
        session: Whose caption.
        tags: What the message holds now.
        origin: The message.
        style: Of the chat: its platform has the limits.
        edition: Of an edited message: what an earlier edition brought and this one lacks, is
            taken out.

    Returns:
        What joined the caption, and the sentence about what did not.
    """
    if not tags and not edition:
        return Room()
    picks = await storage.picks(session.id)
    standing, message = fold(picks), message_keys(origin)
    brought = {pick.id for pick in _brought(picks, message)} if edition else set[int]()
    named = {tag_of(tag): tag for tag in tags}
    gone = [one.tag for one in standing.chosen if one.pick_id in brought and one.tag not in named]
    kept = [one for one in standing.chosen if one.tag not in gone]
    key = f"{message}{edition}"
    written = [one.written for one in kept]
    more, added = joining(style, standing.text(session), written, "", tags, key)
    taken = [(PickKind.REMOVE, tag, f"{key}:-{tag}") for tag in gone]
    spelled = [named[one.tag] for one in kept if named.get(one.tag, one.written) != one.written]
    anew = [(PickKind.OWN, tag, f"{key}:{tag}") for tag in spelled]
    await storage.record_all(session.id, taken + anew + added)
    return more


def message_keys(origin: Origin) -> str:
    """How the keys of all that a message brings begin."""
    return f"{origin.chat_id}:{origin.message_id}:"


def _brought(picks: Sequence[Pick], message: str) -> list[Pick]:
    """What a message brought; what was carried over to its photo is none of it (`bot.carry`)."""
    own = (pick for pick in picks if pick.key.startswith(message))
    return [pick for pick in own if not pick.key.startswith(f"{message}carry:")]
