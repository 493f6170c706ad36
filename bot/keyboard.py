"""The inline keyboards, from values to Telegram's markup. Pure.

Limits of the Bot API are kept here: 64 bytes of data a button, 100 buttons, and about 10 kB in
all.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardMarkupLimit, KeyboardButtonStyle

from bot import texts
from bot.callbacks import Action, Press, fits, pack, unpack
from bot.caption import clip, copies_by_button
from bot.history import Chosen

SUGGESTIONS = 10
_COLUMNS = 2
_CHOSEN_COLUMNS = 3
_LABEL = 32
_ROOM = {2: 16, 3: 10}
"""Letters that a phone shows of each label where so many buttons share a row."""

_EMOJI_SIGN = "\ufe0f"
_MARKUP_BYTES = 9_000
_SIGNS = {Action.WHY_TAG: "💡", Action.LIKE_TAG: "🧲"}

EXAMPLE = pack(Press(Action.EXAMPLE, 0))
"""What the button of the example carries: it belongs to no session."""

Row = list[InlineKeyboardButton]


def panel(
    language: str | None,
    session_id: int,
    chosen: Sequence[Chosen],
    suggestions: Iterable[str],
    *,
    retry: bool = False,
    joins: bool = False,
    columns: int = _COLUMNS,
) -> InlineKeyboardMarkup:
    """Chosen tags, suggestions, controls.

    Args:
        language: Of the labels.
        session_id: Of the photo.
        chosen: Tags of the caption; where they are too many, buttons stand for the last ones.
        suggestions: Tags to offer; one that no button can carry is left out.
        retry: Offer to look at the photo again.
        joins: Offer to let the photo join the caption above.
        columns: Suggestions side by side, where a phone has room for their letters.
    """
    offered = [
        InlineKeyboardButton(_label(f"#{tag}"), callback_data=pack(press))
        for tag in suggestions
        if fits(press := Press(Action.ADD, session_id, tag))
    ]
    below = packed(offered, columns)
    if retry:
        below.append([_button(texts.say(language, "button-again"), Action.LOOK, session_id)])
    if joins:
        below.append([_button(texts.say(language, "button-join"), Action.JOIN, session_id)])
    asking = [
        _button(texts.say(language, "button-why"), Action.WHY, session_id),
        _button(texts.say(language, "button-like"), Action.LIKE, session_id),
    ]
    search = _button(texts.say(language, "button-search"), Action.SEARCH, session_id)
    steering = [_button(texts.say(language, "button-surprise"), Action.SURPRISE, session_id)]
    if chosen:  # long labels stand two in a row, a phone cuts them off otherwise
        steering.append(_button(texts.say(language, "button-restart"), Action.RESTART, session_id))
        asking.append(search)
    else:
        steering.insert(0, search)
    below += [asking, steering]
    done = texts.say(language, "button-done")
    controls = [
        _button(texts.say(language, "button-more"), Action.MORE, session_id),
        _button(texts.say(language, "button-undo"), Action.UNDO, session_id),
        _button(done, Action.DONE, session_id, KeyboardButtonStyle.SUCCESS),
    ]
    below += packed(controls, len(controls))
    ticked = [
        InlineKeyboardButton(
            _label(f"✓ #{one.written}"),
            callback_data=pack(Press(Action.REMOVE, session_id, str(one.pick_id))),
        )
        for one in chosen
    ]
    places = int(InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER) - sum(map(len, below))
    ticked = ticked[-places:]
    room = _MARKUP_BYTES - _size(below)
    while _size(rows := packed(ticked, _CHOSEN_COLUMNS)) > room:
        ticked = ticked[1:]
    return InlineKeyboardMarkup([*rows, *below])


def choice(
    language: str | None,
    session_id: int,
    action: Action,
    tags: Iterable[str],
    spelled: Callable[[str], str] = str,
) -> InlineKeyboardMarkup:
    """One button for each tag, and one back to the panel.

    Args:
        spelled: How a tag is written.
    """
    sign = _SIGNS[action]
    offered = [
        InlineKeyboardButton(_label(f"{sign} #{spelled(tag)}"), callback_data=pack(press))
        for tag in tags
        if fits(press := Press(action, session_id, tag))
    ]
    back = [_button(texts.say(language, "button-back"), Action.BACK, session_id)]
    room = _MARKUP_BYTES - _size([back])
    offered = offered[1 - int(InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER) :]
    while _size(rows := packed(offered, _COLUMNS)) > room:
        offered = offered[1:]
    return InlineKeyboardMarkup([*rows, back])


def example(language: str | None) -> InlineKeyboardMarkup:
    """Only the way to an example."""
    label = texts.say(language, "button-example")
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=EXAMPLE)]])


def found(session_id: int, tags: Iterable[str]) -> InlineKeyboardMarkup:
    """Tags that a search found, to be added."""
    presses = (Press(Action.ADD, session_id, tag) for tag in tags)
    buttons = [
        InlineKeyboardButton(_label(f"#{press.argument}"), callback_data=pack(press))
        for press in presses
        if fits(press)
    ]
    return InlineKeyboardMarkup(packed(buttons, _COLUMNS))


def try_again(language: str | None, session_id: int) -> InlineKeyboardMarkup:
    """Only one more look."""
    return InlineKeyboardMarkup(
        [[_button(texts.say(language, "button-again"), Action.LOOK, session_id)]]
    )


def edit(language: str | None, session_id: int) -> InlineKeyboardMarkup:
    """Only Edit: under the panel of a finished session."""
    return InlineKeyboardMarkup(
        [[_button(texts.say(language, "button-edit"), Action.EDIT, session_id)]]
    )


def finished(language: str | None, session_id: int, caption: str) -> InlineKeyboardMarkup:
    """Copy, where a button can carry the caption, and Edit."""
    row = [_button(texts.say(language, "button-edit"), Action.EDIT, session_id)]
    if copies_by_button(caption):
        copy = texts.say(language, "button-copy")
        row.insert(0, InlineKeyboardButton(copy, copy_text=CopyTextButton(caption)))
    return InlineKeyboardMarkup([row])


def offered(data: Iterable[str]) -> tuple[str, ...]:
    """The suggestions on a keyboard, from its buttons' data: what the person saw."""
    presses = (unpack(one) for one in data)
    return tuple(one.argument for one in presses if one and one.action is Action.ADD)


def packed(buttons: Iterable[InlineKeyboardButton], columns: int) -> list[Row]:
    """Buttons in rows and in order: fewer side by side where a phone would cut their labels.

    Args:
        buttons: Those of a row are equally wide, whatever their labels.
        columns: Of a row at most.
    """
    rows: list[Row] = []
    widest = 0
    for button in buttons:
        width = _width(button.text)
        beside = len(rows[-1]) + 1 if rows else columns + 1
        if beside <= columns and max(widest, width) <= _ROOM[beside]:
            rows[-1].append(button)
            widest = max(widest, width)
        else:
            rows.append([button])
            widest = width
    return rows


@lru_cache(maxsize=1 << 14)  # every tap in a chat asks for the same ones
def _button(
    label: str, action: Action, session_id: int, style: str | None = None
) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=pack(Press(action, session_id)), style=style)


def _label(text: str) -> str:
    return clip(text, _LABEL)


def _width(label: str) -> int:
    """In letters: those of East Asia and emoji are two wide, marks on others have no width."""
    return sum(map(_breadth, label))


def _breadth(letter: str) -> int:
    if letter == _EMOJI_SIGN:
        return 1  # the sign before it, narrow so far, becomes an emoji
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _size(rows: list[Row]) -> int:
    return len(json.dumps([[_written(button) for button in row] for row in rows]))


def _written(button: InlineKeyboardButton) -> dict[str, object]:
    """A button that carries data, as it is sent."""
    written: dict[str, object] = {"text": button.text, "callback_data": button.callback_data}
    return written | {"style": button.style} if button.style else written
