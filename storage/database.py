"""Owns the connections: whole transactions go in, values come out.

On SQLite one connection writes, and tasks take turns on it; readers have connections of their
own. On PostgreSQL the server keeps writers apart, so every transaction takes one of a pool.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, NullPool, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.address import async_url, prepare_file
from storage.errors import StorageClosed, StorageError, typed_errors
from storage.migrate import migrate

BUSY_SECONDS = 10.0
"""How long a transaction waits for another process, or for a connection of the pool."""

_SCRUB_MS = 200
_SCRUB_PAUSES = (0.1, 0.3, 1.0, 3.0)
_ERASE = "PRAGMA secure_delete=ON"  # what is deleted is overwritten in the file

_POSTGRES = {"timeout": BUSY_SECONDS, "command_timeout": 3 * BUSY_SECONDS}

SQLITE_READERS = 4
POSTGRES_CONNECTIONS = 10

T = TypeVar("T")
P = ParamSpec("P")


class Database:
    """The one database, as two verbs: `read` and `write`.

    Both take a function of one transaction and run it whole, in a task of its own: a caller
    that is cancelled leaves neither half a transaction nor a connection in an unknown state.
    """

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    @classmethod
    async def open(cls, address: str, synchronous: str) -> Database:
        """Connect, and bring the tables up to date.

        Raises:
            StorageError: see `Storage.open`.
        """
        url = async_url(address)
        mode = synchronous.upper()
        if mode not in ("NORMAL", "FULL"):
            raise StorageError(f"synchronous must be NORMAL or FULL, not {synchronous!r}")
        with typed_errors():
            if url.get_backend_name() == "sqlite":
                await migrate(url, prepare_file(url), BUSY_SECONDS)
                writer = _sqlite(url, 1, "BEGIN IMMEDIATE", f"PRAGMA synchronous={mode}", _ERASE)
                return cls(writer, _sqlite(url, SQLITE_READERS, "BEGIN", "PRAGMA query_only=ON"))
            await migrate(url, None, BUSY_SECONDS)
        pool = create_async_engine(
            url,
            pool_size=POSTGRES_CONNECTIONS,
            pool_timeout=BUSY_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=_POSTGRES,
        )
        return cls(pool, pool)

    async def write(
        self,
        work: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run ``work`` as one transaction that is committed, or leaves nothing.

        Once begun it is finished, even if the caller is cancelled.

        Raises:
            StorageError: the database refused, or is closed.
        """
        return await self._whole(self._write(lambda c: work(c, *args, **kwargs)))

    async def read(
        self,
        work: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run ``work`` on one consistent view of the database.

        Raises:
            StorageError: the database refused, or is closed.
        """
        return await self._whole(self._read(lambda c: work(c, *args, **kwargs)))

    async def scrub(self) -> bool:
        """Take what was deleted out of SQLite's write-ahead log too.

        In the file itself it is overwritten when it is deleted.

        Returns:
            False where another process reads the log for so long that it has to stay for now.
        """
        if self._writer.dialect.name != "sqlite":
            return True  # PostgreSQL's own vacuum does it
        for pause in _SCRUB_PAUSES:
            if await self._whole(self._checkpoint()):
                return True
            await asyncio.sleep(pause)
        return False

    async def _checkpoint(self) -> bool:
        with typed_errors():
            async with self._writer.connect() as connection:
                raw = await connection.get_raw_connection()
                driver = raw.driver_connection
                assert driver is not None
                # Outside a transaction, hence past SQLAlchemy, which would begin one; and with
                # little patience, because every other write waits meanwhile.
                await driver.execute(f"PRAGMA busy_timeout={_SCRUB_MS}")
                async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
                    row = await cursor.fetchone()
                await driver.execute(f"PRAGMA busy_timeout={int(1000 * BUSY_SECONDS)}")
        return bool(row is not None and row[0] == 0)

    @property
    def shared(self) -> bool:
        """Whether several processes may work on it at the same time."""
        return self._writer.dialect.name != "sqlite"

    async def line(self) -> AsyncConnection:
        """A connection of one's own, outside of the pool and of transactions; close it yourself.

        Raises:
            StorageError: the database cannot be reached.
        """
        engine = create_async_engine(
            self._writer.url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=_POSTGRES,
        )
        with typed_errors():
            return await engine.connect()

    async def close(self) -> None:
        """Let what has begun finish, then let go of every connection; twice is harmless."""
        self._closed = True
        await asyncio.gather(*self._running, return_exceptions=True)
        with typed_errors():
            await self._reader.dispose()
            await self._writer.dispose()

    async def _write(self, work: Callable[[Connection], T]) -> T:
        with typed_errors():
            async with self._writer.begin() as connection:
                return await connection.run_sync(work)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        with typed_errors():
            async with self._reader.connect() as connection:
                return await connection.run_sync(work)

    async def _whole(self, transaction: Coroutine[Any, Any, T]) -> T:
        if self._closed:
            transaction.close()
            raise StorageClosed("the storage has been closed")
        task = asyncio.create_task(transaction)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)


def _sqlite(url: URL, connections: int, begin: str, *pragmas: str) -> AsyncEngine:
    # isolation_level None switches off the BEGIN of Python's driver, which would come late
    # (only at the first write) and be deferred: two writers could then block each other.
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("PRAGMA foreign_keys=ON", *pragmas):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
