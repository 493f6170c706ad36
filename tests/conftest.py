"""What several modules share: one running bot for everybody, one PostgreSQL server."""

from __future__ import annotations

import os

import pytest
from bot_fixtures import ann, http, talking
from postgres_fixtures import database, postgres

__all__ = ["ann", "database", "http", "postgres", "talking"]

# The workers share the cores: threads of one that wait for each other would take them from others.
os.environ.setdefault("OMP_NUM_THREADS", "1")

LONGEST = (
    *("ray", "page", "training", "bot_inbox", "bot_old_messages", "bot_memory", "settings_menu"),
    *("explain", "bot_conversation", "engine", "suggest_cli", "axe", "storage", "compiled"),
)
"""Modules to begin with, so that no worker is left alone with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; within a module nothing changes."""
    places = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
