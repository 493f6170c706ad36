"""What the Bot API says when it refuses, in its own words.

Methods raise :class:`RefusedError`; the HTTP edge turns it into the JSON that a bot library
expects.
"""

from __future__ import annotations

from http import HTTPStatus

from telegram.constants import (
    FileSizeLimit,
    InlineKeyboardMarkupLimit,
    MessageLimit,
)

from bot.playground.store import Json

TEXT_LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)
CAPTION_LIMIT = int(MessageLimit.CAPTION_LENGTH)
ENTITY_LIMIT = int(MessageLimit.MESSAGE_ENTITIES)
DOWNLOAD_LIMIT = int(FileSizeLimit.FILESIZE_DOWNLOAD)
UPLOAD_LIMIT = int(FileSizeLimit.FILESIZE_UPLOAD)
PHOTO_LIMIT = int(FileSizeLimit.PHOTOSIZE_UPLOAD)
ROW_LIMIT = int(InlineKeyboardMarkupLimit.BUTTONS_PER_ROW)
BUTTON_LIMIT = int(InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER)

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
WRONG_FILE = "wrong file_id or the file is temporarily unavailable"
OTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
    "first"
)


class RefusedError(Exception):
    """A refusal of the Bot API.

    Args:
        code: HTTP status and ``error_code``.
        reason: The text after the status phrase, e.g. ``chat not found``.
        parameters: The ``parameters`` of the answer, e.g. ``{"retry_after": 3}``.
    """

    def __init__(self, code: int, reason: str = "", parameters: Json | None = None) -> None:
        phrase = HTTPStatus(code).phrase
        self.code = code
        self.description = f"{phrase}: {reason}" if reason else phrase
        self.parameters = parameters
        super().__init__(self.description)

    def body(self) -> Json:
        """The JSON answer."""
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad_request(reason: str) -> RefusedError:
    """400, the usual refusal."""
    return RefusedError(HTTPStatus.BAD_REQUEST, reason)


def too_many_requests(retry_after: int) -> RefusedError:
    """429: wait that many seconds."""
    return RefusedError(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"retry after {retry_after}",
        {"retry_after": retry_after},
    )
