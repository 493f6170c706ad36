"""Reply markup: inline keyboards are checked as the real server checks them, others pass."""

from __future__ import annotations

from telegram.constants import InlineKeyboardButtonLimit

from bot.playground.calls import Call
from bot.playground.refusals import BUTTON_LIMIT, ROW_LIMIT, bad_request
from bot.playground.store import Json, dump

# Measured as JSON; the real limit counts the server's own encoding and is near this.
MARKUP_BYTES = 10_240
_ACTIONS = (
    "callback_data",
    "url",
    "copy_text",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "web_app",
    "login_url",
)
_STYLES = ("primary", "success", "danger")


def reply_markup(call: Call) -> Json | None:
    """The ``reply_markup`` of a call.

    Returns:
        The markup, or ``None`` where there is none (an empty inline keyboard is none).

    Raises:
        RefusedError: 400, with the server's word for what is wrong.
    """
    markup = call.object("reply_markup")
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        return markup
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(
            'can\'t parse inline keyboard: field "inline_keyboard" must be an Array of Arrays'
        )
    rows = [row for row in rows if row]
    if not rows:
        return None
    for row in rows:
        for button in row:
            _check_button(button)
    too_many = sum(map(len, rows)) > BUTTON_LIMIT or max(map(len, rows)) > ROW_LIMIT
    if too_many or len(dump(rows).encode()) > MARKUP_BYTES:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows}


def inline_only(call: Call) -> Json | None:
    """The markup of an edit, which can only be an inline keyboard."""
    markup = reply_markup(call)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _check_button(button: object) -> None:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_request('can\'t parse inline keyboard button: field "text" must be non-empty')
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if "callback_data" in button:
        size = len(str(button["callback_data"]).encode())
        if not 1 <= size <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    if "copy_text" in button:
        copied = button["copy_text"]
        copied = copied.get("text") if isinstance(copied, dict) else None
        limit = InlineKeyboardButtonLimit.MAX_COPY_TEXT
        if not isinstance(copied, str) or not 1 <= len(copied) <= limit:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if "url" in button and not str(button["url"]).startswith(("http://", "https://", "tg://")):
        raise bad_request("BUTTON_URL_INVALID")
    if button.get("style") is not None and button["style"] not in _STYLES:
        raise bad_request("invalid button style specified")
