"""A person's own hashtags: those of a message join the caption, and follow when it is edited."""

from __future__ import annotations

from bot.caption import TAGS_LIMIT
from bot.events import Origin
from bot.history import fold
from storage import PickKind, Session, Storage


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
    if edition:
        for one in chosen:
            if one.pick_id in brought and one.tag not in tags:
                key = f"{message}{edition}:-{one.tag}"
                await storage.record(session.id, PickKind.REMOVE, one.tag, key=key)
                present.discard(one.tag)
    for tag in tags:
        if tag in present:
            continue
        if len(present) >= limit:
            return False
        await storage.record(session.id, PickKind.OWN, tag, key=f"{message}{edition}:{tag}")
        present.add(tag)
    return True
