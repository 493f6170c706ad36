"""What a button carries: an action, its session, and what it means, in at most 64 bytes.

A tag stands in the button itself, so a tap on an old keyboard still means what the person saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from telegram.constants import InlineKeyboardButtonLimit

_MAX_NUMBER = 2**63 - 1


class Action(StrEnum):
    """What a button does."""

    ADD = "a"
    REMOVE = "r"
    MORE = "m"
    UNDO = "u"
    DONE = "d"
    EDIT = "e"
    LOOK = "l"
    WHY = "w"
    WHY_TAG = "wt"
    LIKE = "k"
    LIKE_TAG = "kt"
    BACK = "b"
    JOIN = "j"
    SEARCH = "q"
    SURPRISE = "z"
    RESTART = "n"

    # A photo of the bot's own, to see how it goes.
    EXAMPLE = "x"

    # The menus of what a chat remembers (`MENUS`).
    PAST = "h"
    PAST_SEND = "hs"
    PAST_USE = "hu"
    NEXT_NOT = "hn"
    SETS = "s"
    SET = "so"
    SET_USE = "su"
    SET_SAVE = "ss"
    SET_RENAME = "sr"
    SET_DELETE = "sd"
    SET_GONE = "sx"
    FORGET = "f"
    FORGET_NOT = "fn"

    # The settings; among the menus too.
    OPTIONS = "o"
    OPTION = "oo"
    OPTION_SET = "ot"
    BLOCKED = "ob"
    BLOCK = "oa"
    UNBLOCK = "ou"
    TASTE_RESET = "or"


SETTINGS = frozenset(
    {
        Action.OPTIONS,
        Action.OPTION,
        Action.OPTION_SET,
        Action.BLOCKED,
        Action.BLOCK,
        Action.UNBLOCK,
        Action.TASTE_RESET,
    }
)
"""The menu of a chat's settings."""

MENUS = frozenset(
    {
        Action.PAST,
        Action.PAST_SEND,
        Action.PAST_USE,
        Action.NEXT_NOT,
        Action.SETS,
        Action.SET,
        Action.SET_USE,
        Action.SET_SAVE,
        Action.SET_RENAME,
        Action.SET_DELETE,
        Action.SET_GONE,
        Action.FORGET,
        Action.FORGET_NOT,
    }
    | SETTINGS
)
"""The menus of what a chat remembers; the others belong to the panel of a photo."""

CARRYING = MENUS | {Action.ADD, Action.REMOVE, Action.WHY_TAG, Action.LIKE_TAG}
"""What has an argument; the others have none."""


@dataclass(frozen=True)
class Press:
    """The meaning of a button.

    Attributes:
        action: What to do.
        session_id: For which photo; in a menu the number of what it is about.
        argument: The tag to add, or the number of the pick to take out; in a menu the person who
            may use it; empty for the others.
    """

    action: Action
    session_id: int
    argument: str = ""


def fits(press: Press) -> bool:
    """Whether a button can carry it."""
    size = len(pack(press).encode())
    return size <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA


def pack(press: Press) -> str:
    """Write callback data."""
    data = f"{press.action}:{press.session_id}"
    return f"{data}:{press.argument}" if press.argument else data


def unpack(data: str) -> Press | None:
    """Read callback data; None where it is not ours (forged, or of another version)."""
    action, _, rest = data.partition(":")
    number, _, argument = rest.partition(":")
    if action not in set(Action) or not (number.isascii() and number.isdigit()):
        return None
    session_id = int(number)
    if session_id > _MAX_NUMBER or (action in CARRYING) != bool(argument):
        return None
    return Press(Action(action), session_id, argument)
