"""What the parts of the storage share: the database, the clock, and a portable insert."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Database


class Shelf:
    """One group of operations on the one database."""

    def __init__(self, database: Database) -> None:
        self._database = database


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say ON CONFLICT, in the dialect of the connection."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
