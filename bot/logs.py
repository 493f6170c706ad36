"""Logging to standard error: no tokens, and nothing from libraries that print what people sent."""

from __future__ import annotations

import logging

# At INFO and below these print addresses with the token in them, updates with their texts, or
# what nobody asked for.
_TALKATIVE = (
    *("httpx", "httpcore", "telegram"),
    *("aiosqlite", "alembic", "sqlalchemy", "multipart", "PIL"),
)

# Of a poll that fails these repeat word for word what Telegram has said, whatever the level;
# `bot.polling` says in one line what is wrong.
_REPEATING = ("telegram.ext.ExtBot", "telegram.ext.Updater", "telegram.request.BaseRequest")


class _Discreet(logging.Formatter):
    """Takes the token out of whatever is written, tracebacks included."""

    def __init__(self, secret: str) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace(self._secret, "<token>")


def set_up(level: str, token: str) -> None:
    """Log to standard error from a level on."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet(token))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger("telegram.ext").setLevel(logging.CRITICAL)
    for name in _REPEATING:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
