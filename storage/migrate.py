"""Brings a database to the newest schema when it is opened.

Two processes that start at once take turns: the second finds the work done.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, pool, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from storage.errors import NewerDatabase, StorageBusy, StorageUnavailable

_SCRIPTS = Path(__file__).with_name("migrations")
_ADVISORY_LOCK = 0x7461_6761  # any number that all our processes agree on

# Alembic keeps the running migration in module globals, so one process runs one at a time.
_alembic = threading.Lock()


async def migrate(url: URL, file: Path | None, busy_seconds: float) -> None:
    """Upgrade the database at ``url``; ``file`` is its path where it is a SQLite file.

    The upgrade is one transaction: it happens whole or not at all.

    Raises:
        NewerDatabase: it carries a revision that this version does not know.
        StorageUnavailable: it cannot be opened or written.
    """
    connect_args: dict[str, Any] = {"timeout": busy_seconds}
    if file is not None:
        await _use_wal(file, busy_seconds)
        connect_args["isolation_level"] = None
    engine = create_async_engine(url, poolclass=pool.NullPool, connect_args=connect_args)
    event.listen(engine.sync_engine, "begin", _take_turn)
    try:
        async with _alone(), engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _take_turn(connection: Connection) -> None:
    # Foreign keys stay off here (SQLite's default): a migration that rebuilds a table drops
    # the old one, and with them on every row that refers to it would be deleted.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    present = set(MigrationContext.configure(connection).get_current_heads())
    if present == set(scripts.get_heads()):
        return
    if not present <= {script.revision for script in scripts.walk_revisions()}:
        raise NewerDatabase(
            "the database was written by a newer version of Tagalong: "
            "update the program, or point it at another database"
        )
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StorageUnavailable(
                f"the database's table {broken[0]} refers to rows that are not there"
            )


async def _use_wal(file: Path, busy_seconds: float) -> None:
    """Set the journal mode, which stays with the file."""
    deadline = asyncio.get_running_loop().time() + busy_seconds
    while True:
        try:
            async with aiosqlite.connect(file, timeout=busy_seconds) as connection:
                cursor = await connection.execute("PRAGMA journal_mode=WAL")
                row = await cursor.fetchone()
            break
        except sqlite3.OperationalError as error:
            # SQLite answers "locked" at once here, without its usual waiting, when another
            # process is switching the same new file.
            if "locked" not in str(error):
                raise StorageUnavailable(f"the database {file}: {error}") from error
            if asyncio.get_running_loop().time() > deadline:
                raise StorageBusy(f"the database {file} is held by another process") from error
            await asyncio.sleep(0.02)
        except sqlite3.DatabaseError as error:
            raise StorageUnavailable(f"the database {file}: {error}") from error
    if row is None or row[0] != "wal":
        raise StorageUnavailable(f"the database {file} is on a disk that cannot share memory")


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    # Asked again and again, because waiting would stop the loop, and the one who holds the lock
    # may be another task of the same loop.
    while not _alembic.acquire(blocking=False):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        _alembic.release()
