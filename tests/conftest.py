"""What several modules share: one running bot for everybody who chats with it."""

from __future__ import annotations

from bot_fixtures import ann, http, talking

__all__ = ["ann", "http", "talking"]
