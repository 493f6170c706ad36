"""What a person writes: a message's words and hashtags join the caption, and follow its edits.

What a message brings, and what an edit of it changes, is one step each, which Undo takes back at
once: its picks have keys of one event (`storage.steps`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Origin
from bot.history import Chosen, fold
from bot.room import Room, joining
from bot.style import Style
from storage import Pick, PickKind, Session, Storage
from storage.steps import tag_of

_BACK = "~"
"""In a key: another's spelling counts again."""


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
    given = _words(await storage.picks(session.id), message)
    if words != (given[-1] if given else before):
        await storage.record(session.id, PickKind.TEXT, words, key=f"{message}{edition}:=")


async def follow_words(
    storage: Storage, session: Session, words: str, origin: Origin, edition: int = 0
) -> None:
    """Let the words above the hashtags follow the caption of one of the photos, as it comes or is
    edited.

    Where another photo of the same caption, or a message, has given them, they stay.
    """
    message = message_keys(origin)
    picks = await storage.picks(session.id)
    given = _words(picks, message)
    own = origin.message_id == session.photo_message_id
    if not (own or given) and fold(picks).text(session):
        return
    before = session.text if own else ""
    if words != (given[-1] if given else before):
        await storage.record(session.id, PickKind.TEXT, words, key=f"{message}{edition}:=")


async def add_own(
    storage: Storage,
    session: Session,
    tags: tuple[str, ...],
    origin: Origin,
    style: Style,
    edition: int = 0,
    *,
    typed: bool = True,
) -> Room:
    """Add the hashtags of a message as far as they fit, spelled as they are there; doing it again
    changes nothing.

    Args:
        storage: Where the steps are written down.
        session: Whose caption.
        tags: What the message holds now.
        origin: The message.
        style: Of the chat: its platform has the limits.
        edition: Of an edited message: only what it says in another way than before counts. What an
            earlier edition brought and this one lacks, is taken out.
        typed: Whether a person wrote them, so that one that is there already is spelled anew.

    Returns:
        What joined the caption, and the sentence about what did not.
    """
    if not tags and not edition:
        return Room()
    picks = await storage.picks(session.id)
    standing, message = fold(picks), message_keys(origin)
    brought = _brought(picks, message)
    said, named = _said(brought), {tag_of(tag): tag for tag in tags}
    key = f"{message}{edition}"
    kept: list[str] = []
    steps: list[tuple[PickKind, str, str]] = []
    for one in standing.chosen:
        now = named.get(one.tag, one.written)
        if edition and one.tag in said and one.tag not in named:
            others = _without(one, brought)
            if not others:
                steps.append((PickKind.REMOVE, one.tag, f"{key}:-{one.tag}"))
                continue
            if others[-1] != one.written:
                steps.append((PickKind.OWN, others[-1], f"{key}:{_BACK}{others[-1]}"))
        elif typed and now not in (one.written, said.get(one.tag)):
            steps.append((PickKind.OWN, now, f"{key}:{now}"))
        kept.append(one.written)
    fresh = [tag for tag in tags if tag_of(tag) not in said]
    more, added = joining(style, standing.text(session), kept, "", fresh, key)
    await storage.record_all(session.id, steps + added)
    return more


def message_keys(origin: Origin) -> str:
    """How the keys of all that a message brings begin."""
    return f"{origin.chat_id}:{origin.message_id}:"


def _words(picks: Sequence[Pick], message: str) -> list[str | None]:
    """The words that a message gave, edition by edition."""
    return [pick.tag for pick in _brought(picks, message) if pick.kind is PickKind.TEXT]


def _brought(picks: Sequence[Pick], message: str) -> list[Pick]:
    """What a message brought; what was carried over to its photo is none of it (`bot.carry`)."""
    own = (pick for pick in picks if pick.key.startswith(message))
    return [pick for pick in own if not pick.key.startswith(f"{message}carry:")]


def _said(brought: Sequence[Pick]) -> dict[str, str]:
    """What a message said last, by its picks: tag → its spelling there."""
    said: dict[str, str] = {}
    for pick in brought:
        written = pick.tag or ""
        back = pick.key.rpartition(":")[2].startswith(_BACK)
        if pick.kind is PickKind.REMOVE or back:
            said.pop(tag_of(written), None)
        elif pick.kind is PickKind.OWN:
            said[tag_of(written)] = written
    return said


def _without(one: Chosen, brought: Sequence[Pick]) -> list[str]:
    """How others than a message spell a tag."""
    ids = {pick.id for pick in brought}
    return [written for pick_id, written in one.spelled if pick_id not in ids]
