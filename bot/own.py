"""What a person writes: a message's words and hashtags join the caption, and follow its edits."""

from __future__ import annotations

from bot.caption import TAGS_LIMIT
from bot.events import Origin
from bot.history import fold
from storage import PickKind, Session, Storage


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
    message = f"{origin.chat_id}:{origin.message_id}:"
    earlier = [
        pick.tag
        for pick in await storage.picks(session.id)
        if pick.kind is PickKind.TEXT and pick.key.startswith(message)
    ]
    if words != (earlier[-1] if earlier else before):
        # Counted, as an edit's time would not tell two in a second apart; no hashtag has that sign.
        key = f"{message}={len(earlier)}"
        await storage.record(session.id, PickKind.TEXT, words, key=key)


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
    message = f"{origin.chat_id}:{origin.message_id}:"
    brought = {pick.id for pick in picks if pick.key.startswith(message)}
    present = {one.tag for one in chosen}
    steps, fits = [], True
    if edition:
        for one in chosen:
            if one.pick_id in brought and one.tag not in tags:
                steps.append((PickKind.REMOVE, one.tag, f"{message}{edition}:-{one.tag}"))
                present.discard(one.tag)
    for tag in tags:
        if tag in present:
            continue
        if len(present) >= limit:
            fits = False
            break
        steps.append((PickKind.OWN, tag, f"{message}{edition}:{tag}"))
        present.add(tag)
    await storage.record_all(session.id, steps)
    return fits
