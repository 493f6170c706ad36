"""What the menus of a chat's memory show: past captions, tag sets, the last question. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle, MessageLimit

from bot import caption, texts
from bot.callbacks import Action, Press, pack
from bot.sender import View
from storage import PastCaption, TagSet

SETS_A_PAGE = 8
_LABEL = 40
_NOTHING = InlineKeyboardMarkup([])

Row = list[InlineKeyboardButton]


def past(language: str | None, user_id: int, entry: PastCaption, whole: str) -> View:
    """A finished caption: where it stands among the others, and what can be done with it.

    Args:
        language: Of the texts.
        user_id: Who may use the menu.
        entry: The caption's session and neighbours.
        whole: The caption as it is posted.
    """
    head = texts.say(
        language,
        "history-entry",
        position=entry.position,
        total=entry.total,
        photos=entry.photos,
        date=f"{entry.session.created_at:%Y-%m-%d}",
    )
    room = int(MessageLimit.CAPTION_LENGTH) - caption.length(head) - 2
    number = entry.session.id
    turns = [
        _button(texts.say(language, label), Action.PAST, neighbour, user_id)
        for label, neighbour in (("history-newer", entry.newer), ("history-older", entry.older))
        if neighbour is not None
    ]
    does = [
        _button(texts.say(language, "history-send"), Action.PAST_SEND, number, user_id),
        _button(texts.say(language, "history-use"), Action.PAST_USE, number, user_id),
    ]
    return View(f"{head}\n\n{caption.clip(whole, room)}", _keyboard(turns, does))


def words(text: str) -> View:
    """Words that take the place of a menu and its buttons."""
    return View(text, _NOTHING)


def next_photo(language: str | None, user_id: int, tags: Sequence[str]) -> View:
    """The next photo will begin with these tags, unless the person thinks better of it."""
    text = texts.say(language, "next-photo", tags=hashtags(tags, 500))
    no = _button(texts.say(language, "next-not"), Action.NEXT_NOT, 0, user_id)
    return View(text, _keyboard([no]))


def sets(
    language: str | None,
    user_id: int,
    saved: Sequence[TagSet],
    page: int,
    session_id: int | None,
    note: str = "",
) -> View:
    """All saved sets, a page of them as buttons.

    Args:
        language: Of the texts.
        user_id: Who may use the menu.
        saved: The sets.
        page: From 0; one that there is not (any more) shows the last one.
        session_id: The photo whose tags could be saved; None where there is none.
        note: What was done just now.
    """
    pages = max(1, -(-len(saved) // SETS_A_PAGE))
    page = min(page, pages - 1)
    rows = [
        [_button(f"{one.name} · {len(one.tags)}", Action.SET, one.id, user_id)]
        for one in saved[page * SETS_A_PAGE : (page + 1) * SETS_A_PAGE]
    ]
    turns = []
    if page:
        turns.append(_button("◀", Action.SETS, page - 1, user_id))
    if page + 1 < pages:
        turns.append(_button("▶", Action.SETS, page + 1, user_id))
    save: Row = []
    if session_id is not None:
        save.append(_button(texts.say(language, "sets-save"), Action.SET_SAVE, session_id, user_id))
    text = texts.say(language, "sets-list" if saved else "sets-none")
    return View("\n\n".join(filter(None, (note, text))), _keyboard(*rows, turns, save))


def tag_set(language: str | None, user_id: int, one: TagSet, *, note: str = "") -> View:
    """One set and what can be done with it."""
    text = f"{one.name}\n\n{hashtags(one.tags, 3_000)}"
    return View(
        "\n\n".join(filter(None, (note, text))),
        _keyboard(
            [_button(texts.say(language, "sets-use"), Action.SET_USE, one.id, user_id)],
            [
                _button(texts.say(language, "sets-rename"), Action.SET_RENAME, one.id, user_id),
                _button(texts.say(language, "sets-delete"), Action.SET_DELETE, one.id, user_id),
            ],
            [_button(texts.say(language, "sets-back"), Action.SETS, 0, user_id)],
        ),
    )


def delete_set(language: str | None, user_id: int, one: TagSet) -> View:
    """Whether a set should really go."""
    text = texts.say(language, "sets-really", name=one.name)
    yes = texts.say(language, "sets-yes")
    return View(
        f"{text}\n\n{hashtags(one.tags, 3_000)}",
        _keyboard(
            [
                _button(yes, Action.SET_GONE, one.id, user_id, KeyboardButtonStyle.DANGER),
                _button(texts.say(language, "sets-no"), Action.SET, one.id, user_id),
            ]
        ),
    )


def forget(language: str | None, user_id: int, *, page: bool) -> View:
    """Whether everything should really go.

    Args:
        language: Of the texts.
        user_id: Who may use the menu.
        page: Whether the chat is on the chat page, whose messages go with the rest.
    """
    yes = texts.say(language, "forget-yes")
    messages = texts.say(language, "forget-page" if page else "forget-telegram")
    return View(
        "\n\n".join([texts.say(language, "forget-really"), messages]),
        _keyboard(
            [_button(yes, Action.FORGET, 0, user_id, KeyboardButtonStyle.DANGER)],
            [_button(texts.say(language, "forget-no"), Action.FORGET_NOT, 0, user_id)],
        ),
    )


def hashtags(tags: Iterable[str], room: int) -> str:
    """Tags on one line, cut to a length."""
    return caption.clip(" ".join(f"#{tag}" for tag in tags), room)


def _button(
    label: str, action: Action, number: int, user_id: int, style: str | None = None
) -> InlineKeyboardButton:
    data = pack(Press(action, number, str(user_id)))
    return InlineKeyboardButton(caption.clip(label, _LABEL), callback_data=data, style=style)


def _keyboard(*rows: Row) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([row for row in rows if row])
