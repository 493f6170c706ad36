"""What the menu of ``/settings`` shows: all settings, one of them, the blocked tags. Pure."""

from __future__ import annotations

from zlib import crc32

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot import texts
from bot.callbacks import Action, Press, pack
from bot.caption import clip
from bot.options import OPTIONS, Option, number
from bot.preferences import BLOCKED_LIMIT, Preferences
from bot.sender import View

BLOCKED_A_PAGE = 20
_LABEL = 40
_ON, _OFF = "✅", "▫️"

Row = list[InlineKeyboardButton]


def menu(
    language: str | None, user_id: int, preferences: Preferences, *, group: bool, learned: bool
) -> View:
    """All settings: one tap switches or opens one.

    Args:
        language: Of the texts.
        user_id: Who may use the menu.
        preferences: What was chosen so far.
        group: Whether the chat is one.
        learned: Whether there is something to forget, even if it orders nothing now.
    """
    rows = []
    for place, option in enumerate(OPTIONS):
        if not option.matters(preferences, language, group=group):
            continue
        title, value = texts.say(language, f"setting-{option.name}"), option.of(preferences)
        if option.switch:
            label = f"{_ON if value else _OFF} {title}"
            data = number(place, option.values.index(not value))
            rows.append([_button(label, Action.OPTION_SET, data, user_id)])
        else:
            label = f"{title}: {option.named(value, language)}"
            rows.append([_button(label, Action.OPTION, place, user_id)])
    count = len(preferences.blocked)
    blocked = texts.say(language, "setting-blocked", count=count)
    rows.append([_button(blocked, Action.BLOCKED, 0, user_id)])
    if learned:
        reset = texts.say(language, "setting-forget-taste")
        rows.append([_button(reset, Action.TASTE_RESET, 0, user_id)])
    head = texts.say(language, "settings-group" if group else "settings-private")
    return View(head, InlineKeyboardMarkup(rows))


def one(language: str | None, user_id: int, preferences: Preferences, place: int) -> View:
    """One setting with everything that it may be."""
    option = OPTIONS[place]
    now = option.of(preferences)
    buttons = [
        _button(
            f"{_ON if value == now else ''} {option.named(value, language)}".strip(),
            Action.OPTION_SET,
            number(place, at),
            user_id,
        )
        for at, value in enumerate(option.values)
    ]
    columns = 4 if all(isinstance(value, int) for value in option.values) else 2
    columns = 1 if option.name == "leaning" else columns
    rows = _rows(buttons, columns)
    rows.append([_back(language, user_id)])
    about = [texts.say(language, f"setting-{option.name}"), _about(language, option, preferences)]
    return View("\n\n".join(about), InlineKeyboardMarkup(rows))


def blocked(language: str | None, user_id: int, preferences: Preferences, page: int) -> View:
    """The blocked tags; a tap lets one be suggested again."""
    tags = preferences.blocked
    pages = max(1, -(-len(tags) // BLOCKED_A_PAGE))
    page = min(page, pages - 1)
    shown = tags[page * BLOCKED_A_PAGE : (page + 1) * BLOCKED_A_PAGE]
    rows = _rows([_button(f"✕ #{tag}", Action.UNBLOCK, mark(tag), user_id) for tag in shown], 2)
    turns = []
    if page:
        turns.append(_button("◀", Action.BLOCKED, page - 1, user_id))
    if page + 1 < pages:
        turns.append(_button("▶", Action.BLOCKED, page + 1, user_id))
    rows.append(turns)
    if len(tags) < BLOCKED_LIMIT:
        more = texts.say(language, "blocked-more")
        rows.append([_button(more, Action.BLOCK, 0, user_id)])
    rows.append([_back(language, user_id)])
    text = texts.say(language, "blocked-list", count=len(tags))
    return View(text, InlineKeyboardMarkup([row for row in rows if row]))


def mark(tag: str) -> int:
    """A number that stands for a blocked tag in a button, wherever it stands in the list."""
    return crc32(tag.encode("utf-8", "surrogatepass"))


def _about(language: str | None, option: Option, preferences: Preferences) -> str:
    where = preferences.where
    if option.name != "platform" or where is None:
        return texts.say(language, f"about-{option.name}")
    limits = "platform-tags" if where.tags is not None else "platform-characters"
    return texts.say(
        language,
        limits,
        platform=where.name,
        tags=where.tags or 0,
        characters=where.characters,
        date=where.checked,
    )


def _back(language: str | None, user_id: int) -> InlineKeyboardButton:
    return _button(texts.say(language, "settings-back"), Action.OPTIONS, 0, user_id)


def _button(label: str, action: Action, value: int, user_id: int) -> InlineKeyboardButton:
    data = pack(Press(action, value, str(user_id)))
    return InlineKeyboardButton(clip(label, _LABEL), callback_data=data)


def _rows(buttons: list[InlineKeyboardButton], columns: int) -> list[Row]:
    return [buttons[at : at + columns] for at in range(0, len(buttons), columns)]
