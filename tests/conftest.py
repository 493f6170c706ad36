"""What several modules share: one running bot for everybody, one PostgreSQL server."""

from __future__ import annotations

from bot_fixtures import ann, http, talking
from postgres_fixtures import database, postgres

__all__ = ["ann", "database", "http", "postgres", "talking"]
