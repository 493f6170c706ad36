"""What a person writes: a message's words and hashtags join the caption, and follow its edits.

What a message brings, and what an edit of it changes, is one step each, which Undo takes back at
once: its picks have keys of one event (`storage.steps`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.caption import TAGS_LIMIT
from bot.events import Origin
from bot.history import fold
from storage import Pick, PickKind, Session, Storage
from storage.steps import step_of


async def set_words(
    storage: Storage, session: Session, words: str, origin: Origin, before: str | None = None
) -> None:
    """Let the words of a message stand above the hashtags; doing it again changes nothing.

    Args:
        storage: Where the step is written down.
        session: Whose caption.
        words: What the message holds now.
        origin: The message.
        before: What it held at first, where that is in the caption without a step.
    """
    message = message_keys(origin)
    brought = _brought(await storage.picks(session.id), message)
    earlier = [pick.tag for pick in brought if pick.kind is PickKind.TEXT]
    if words != (earlier[-1] if earlier else before):
        # Edits are counted, as their times would not tell two in a second apart.
        sent = before is None and not brought
        event = f"{message}0" if sent else f"{message}={len(brought)}"
        await storage.record(session.id, PickKind.TEXT, words, key=f"{event}:=")


async def add_own(
    storage: Storage,
    session: Session,
    tags: tuple[str, ...],
    origin: Origin,
    edition: int = 0,
    limit: int = TAGS_LIMIT,
) -> bool:
    """Add the hashtags of a message; doing it again changes nothing.

    Args:
        storage: Where the steps are written down.
        session: Whose caption.
        tags: What the message holds now.
        origin: The message.
        edition: Of an edited message: what an earlier edition brought and this one lacks, is
            taken out.
        limit: Tags that the caption may have.

    Returns:
        Whether all of them fit.
    """
    if not tags and not edition:
        return True
    picks = await storage.picks(session.id)
    chosen = fold(picks).chosen
    message = message_keys(origin)
    event = _edit(picks, message) if edition else ""
    event = event or f"{message}{edition}"
    brought = {pick.id for pick in _brought(picks, message)}
    present = {one.tag for one in chosen}
    steps, fits = [], True
    if edition:
        for one in chosen:
            if one.pick_id in brought and one.tag not in tags:
                steps.append((PickKind.REMOVE, one.tag, f"{event}:-{one.tag}"))
                present.discard(one.tag)
    for tag in tags:
        if tag in present:
            continue
        if len(present) >= limit:
            fits = False
            break
        steps.append((PickKind.OWN, tag, f"{event}:{tag}"))
        present.add(tag)
    await storage.record_all(session.id, steps)
    return fits


def message_keys(origin: Origin) -> str:
    """How the keys of all that a message brings begin."""
    return f"{origin.chat_id}:{origin.message_id}:"


def _brought(picks: Sequence[Pick], message: str) -> list[Pick]:
    """What a message brought; what was carried over to its photo is none of it (`bot.carry`)."""
    own = (pick for pick in picks if pick.key.startswith(message))
    return [pick for pick in own if not pick.key.startswith(f"{message}carry:")]


def _edit(picks: Sequence[Pick], message: str) -> str:
    """The event of an edit that has just brought other words; empty where it has not."""
    newest = picks[-1] if picks else None
    if newest is None or newest.kind is not PickKind.TEXT:
        return ""
    event = step_of(newest.key)
    return event if event.startswith(f"{message}=") else ""
