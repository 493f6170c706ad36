"""What the bot's messages show, from where a session stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup
from telegram.constants import MessageLimit

from bot import caption, keyboard, texts
from bot.history import Standing
from bot.sender import View
from storage import Session


def panel(
    session: Session, standing: Standing, suggestions: Sequence[str], *, note: str = ""
) -> View:
    """The message with the buttons: the caption so far, and what may come next.

    Args:
        session: Of the photo.
        standing: What was chosen and passed over.
        suggestions: Tags to offer.
        note: Why there are none; the keyboard then offers another try.
    """
    shown = caption.compose(session.text, standing.prefix)
    head = f"{texts.CAPTION_SO_FAR}\n{shown}" if shown else texts.EMPTY_CAPTION
    tail = note or ("" if suggestions else texts.NOTHING_MORE)
    room = int(MessageLimit.MAX_TEXT_LENGTH) - caption.length(tail) - 2
    text = "\n\n".join(part for part in (caption.clip(head, room), tail) if part)
    buttons = keyboard.panel(session.id, standing.chosen, suggestions, retry=bool(note))
    return View(text, buttons)


def trouble(session: Session, sentence: str) -> View:
    """Instead of a panel: what went wrong with the photo, and one more try."""
    return View(sentence, keyboard.try_again(session.id))


def closed(session: Session) -> View:
    """What becomes of the panel of a finished session."""
    return View(texts.FINISHED, keyboard.edit(session.id))


def reopened() -> View:
    """What becomes of the panel of a finished session that goes on in a new one."""
    return View(texts.REOPENED, InlineKeyboardMarkup([]))


def put_aside() -> View:
    """What becomes of the panel of a cancelled session."""
    return View(texts.CANCELLED, InlineKeyboardMarkup([]))


def finished(session: Session, standing: Standing) -> tuple[View, ...]:
    """The finished caption, as many messages as it needs; the last one has the buttons."""
    whole = caption.compose(session.text, standing.prefix)
    hints = [texts.COPY_HINT]
    if caption.outgrows_photo(whole):
        limit = int(MessageLimit.CAPTION_LENGTH)
        hints.append(texts.LONGER_THAN_A_PHOTO_CAPTION.format(limit=limit))
    *first, last = caption.blocks(whole)
    below = "\n".join(hints)
    return (
        *(View(block, html=True) for block in first),
        View(f"{last}\n{below}", keyboard.finished(session.id, whole), html=True),
    )
