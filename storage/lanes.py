"""Where transactions run: in threads of our own for SQLite, in asyncpg's pool for PostgreSQL.

A transaction is a function of a connection. SQLite's whole transaction is one trip to a thread:
a driver that crosses to its thread for every statement spends more time on the way than at work.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, QueuePool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")


class Lane(Protocol):
    """Runs transactions."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run one whole and commit it, or leave nothing."""

    async def close(self) -> None:
        """Let go of every connection."""


class Threads:
    """SQLite: so many connections, each transaction in a thread."""

    def __init__(
        self, url: URL, connections: int, patience: float, begin: str, *pragmas: str
    ) -> None:
        """Prepare; connections are made when they are needed.

        Args:
            patience: Seconds that SQLite waits for another process.
            begin: Begins a transaction.
            pragmas: Set on every connection.
        """
        # isolation_level None switches off the BEGIN of Python's driver, which would come late
        # (only at the first write) and be deferred: two writers could then block each other.
        self._engine = create_engine(
            url.set(drivername="sqlite"),
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            hide_parameters=True,
            connect_args={
                "isolation_level": None,
                "timeout": patience,
                "check_same_thread": False,
            },
        )
        self._threads = ThreadPoolExecutor(connections, "sqlite")
        self._own = threading.local()
        self._kept: set[Connection] = set()

        @event.listens_for(self._engine, "connect")
        def configure(connection: Any, _record: object) -> None:
            cursor = connection.cursor()
            for pragma in ("PRAGMA foreign_keys=ON", *pragmas):
                cursor.execute(pragma)
            cursor.close()

        @event.listens_for(self._engine, "begin")
        def begin_transaction(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run one whole and commit it, or leave nothing."""

        def whole() -> T:
            connection = self._connection()
            try:
                with connection.begin():
                    return work(connection)
            except BaseException:
                self._let_go(connection)
                raise

        return await self._in_thread(whole)

    def _connection(self) -> Connection:
        """The connection of this thread, which keeps it: to take one of a pool takes longer than
        a statement."""
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._engine.connect()
            self._kept.add(connection)
        return connection

    def _let_go(self, connection: Connection) -> None:
        """Take another connection for the next transaction of this thread."""
        self._own.connection = None
        self._kept.discard(connection)
        connection.close()

    async def tidy(self, statement: str, patience: float, usual: float) -> bool:
        """Run a statement that is about the whole file, outside of any transaction.

        Args:
            statement: ``VACUUM`` or a checkpoint of the write-ahead log.
            patience: Seconds to wait for others meanwhile.
            usual: Seconds from then on.

        Returns:
            Whether nobody was in the way.
        """

        def done() -> bool:
            cursor = self._connection().connection.cursor()
            try:
                cursor.execute(f"PRAGMA busy_timeout={int(1000 * patience)}")
                cursor.execute(statement)
                row = cursor.fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    return False
                raise
            finally:
                cursor.execute(f"PRAGMA busy_timeout={int(1000 * usual)}")
                cursor.close()
            return row is None or bool(row[0] == 0)

        return await self._in_thread(done)

    async def close(self) -> None:
        """Let go of every connection."""
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._kept:
            connection.close()
        self._engine.dispose()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


class Pool:
    """PostgreSQL: the transactions of an async engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run one whole and commit it, or leave nothing."""
        async with self.engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()
