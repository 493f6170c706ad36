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


@dataclass(frozen=True)
class Press:
    """The meaning of a button.

    Attributes:
        action: What to do.
        session_id: For which photo.
        argument: The tag to add, or the number of the pick to take out; empty for the others.
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
    if session_id > _MAX_NUMBER or (action in (Action.ADD, Action.REMOVE)) != bool(argument):
        return None
    return Press(Action(action), session_id, argument)
