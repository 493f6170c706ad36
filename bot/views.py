"""What the bot's messages show, from where a session stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from telegram import InlineKeyboardMarkup
from telegram.constants import MessageLimit

from bot import caption, keyboard, texts
from bot.callbacks import Action
from bot.history import Standing
from bot.sender import View
from bot.style import Style
from storage import Session

_EXPLAINED = 3


@dataclass(frozen=True)
class Offer:
    """What may come next.

    Attributes:
        tags: To be tapped.
        relatives: For each chosen tag that the engine does not know, the known ones that it
            steers through.
    """

    tags: tuple[str, ...] = ()
    relatives: Mapping[str, Sequence[str]] = field(default_factory=dict)


def panel(
    session: Session,
    standing: Standing,
    offer: Offer,
    style: Style,
    *,
    note: str = "",
    retry: bool = False,
    joins: bool = False,
) -> View:
    """The message with the buttons: the caption so far, and what may come next.

    Args:
        session: Of the photo.
        standing: What was chosen and passed over.
        offer: Tags to offer.
        style: Of the chat.
        note: What went wrong.
        retry: Whether another try could help.
        joins: Whether the photo could join the caption above.
    """
    language = style.language
    text = standing.text(session)
    shown = style.caption(text, standing.written)
    head = texts.say(language, "caption-so-far" if shown else "caption-empty")
    tail = note or ("" if offer.tags else texts.say(language, "nothing-more"))
    used = style.use(text, standing.written)
    tail = "\n".join(part for part in (*used, *steering(language, standing, offer), tail) if part)
    room = int(MessageLimit.MAX_TEXT_LENGTH) - caption.length(tail) - 2
    head = caption.clip(f"{head}\n{shown}".strip(), room)
    whole = "\n\n".join(part for part in (head, tail) if part)
    buttons = keyboard.panel(
        language,
        session.id,
        standing.chosen,
        offer.tags,
        retry=retry,
        joins=joins,
        columns=style.preferences.columns,
    )
    return View(whole, buttons)


def steering(language: str | None, standing: Standing, offer: Offer) -> list[str]:
    """What the suggestions follow besides the photo and the tags as they are written."""
    said = []
    for own in [one for one in standing.chosen if one.tag in offer.relatives][-_EXPLAINED:]:
        near = " ".join(f"#{one}" for one in offer.relatives[own.tag])
        shown = f"#{caption.clip(own.written, 60)}"
        if near:
            said.append(texts.say(language, "steers-as", tag=shown, relatives=near))
        else:
            said.append(texts.say(language, "steers-not", tag=shown))
    like = standing.like
    if like and offer.relatives.get(like, (like,)):  # else nothing is like it
        shown = f"#{caption.clip(standing.spelling(like), 60)}"
        said.append(texts.say(language, "like-now", tag=shown))
    return said


def choice(
    session: Session, standing: Standing, style: Style, action: Action, tags: Sequence[str]
) -> View:
    """Instead of the panel's buttons for a moment: which tag?"""
    language = style.language
    question = "why-which" if action is Action.WHY_TAG else "like-which"
    asked = texts.say(language, question)
    shown = style.caption(standing.text(session), standing.written)
    room = int(MessageLimit.MAX_TEXT_LENGTH) - caption.length(asked) - 2
    text = "\n\n".join(part for part in (caption.clip(shown, room), asked) if part)
    return View(text, keyboard.choice(language, session.id, action, tags, standing.spelling))


def trouble(session: Session, sentence: str) -> View:
    """Instead of a panel: what went wrong with the photo, and one more try."""
    return View(sentence, keyboard.try_again(session.language, session.id))


def closed(session: Session) -> View:
    """What becomes of the panel of a finished session."""
    words = texts.say(session.language, "finished")
    return View(words, keyboard.edit(session.language, session.id))


def after_done(session: Session) -> View:
    """What is said to words that come when a caption is finished."""
    words = texts.say(session.language, "words-after-done")
    return View(words, keyboard.edit(session.language, session.id))


def reopened(session: Session) -> View:
    """What becomes of the panel of a finished session that goes on in a new one."""
    return View(texts.say(session.language, "reopened"), InlineKeyboardMarkup([]))


def put_aside(session: Session) -> View:
    """What becomes of the panel of a cancelled session."""
    return View(texts.say(session.language, "cancelled"), InlineKeyboardMarkup([]))


def finished(session: Session, standing: Standing, style: Style) -> tuple[View, ...]:
    """The finished caption, as many messages as it needs; the last one has the buttons."""
    language = style.language
    text = standing.text(session)
    if not text and not standing.chosen:  # an edit of its message can take everything away
        told = texts.say(language, "finished-empty")
        return (View(told, keyboard.finished(language, session.id, "")),)
    whole = style.caption(text, standing.written)
    hints = [texts.say(language, "copy-hint"), *style.use(text, standing.written)]
    if caption.outgrows_photo(whole):
        limit = int(MessageLimit.CAPTION_LENGTH)
        hints.append(texts.say(language, "copy-too-long", limit=limit))
    *first, last = caption.blocks(whole)
    below = "\n".join(hints)
    return (
        *(View(block, html=True) for block in first),
        View(f"{last}\n{below}", keyboard.finished(language, session.id, whole), html=True),
    )
