"""Owns the connections: whole transactions go in, values come out.

On SQLite one connection writes, and tasks take turns on it; readers have connections of their
own. On PostgreSQL the server keeps writers apart, so every transaction takes one of a pool.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, NullPool
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.address import async_url, prepare_file
from storage.errors import StorageClosed, StorageError, typed_errors
from storage.lanes import Lane, Pool, Threads
from storage.migrate import migrate

BUSY_SECONDS = 10.0
"""How long a transaction waits for another process, or for a connection of the pool."""

SCRUB_BYTES = 32 * 2**20
"""A larger file is not written anew while people wait for their taps: see `Database.scrub`."""

_SCRUB_SECONDS = 0.2
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

    def __init__(self, url: URL, writer: Lane, reader: Lane) -> None:
        self._url = url
        self._writer = writer
        self._reader = reader
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._scrubbing = asyncio.Lock()
        self.stale = True
        """Whether anything may have been deleted since the file was scrubbed."""

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
                begin, pace = "BEGIN IMMEDIATE", f"PRAGMA synchronous={mode}"
                writer = Threads(url, 1, BUSY_SECONDS, begin, pace, _ERASE)
                only = "PRAGMA query_only=ON"
                return cls(url, writer, Threads(url, SQLITE_READERS, BUSY_SECONDS, "BEGIN", only))
            await migrate(url, None, BUSY_SECONDS)
        pool = Pool(
            create_async_engine(
                url,
                pool_size=POSTGRES_CONNECTIONS,
                pool_timeout=BUSY_SECONDS,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args=_POSTGRES,
            )
        )
        return cls(url, pool, pool)

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
        return await self._whole(self._run(self._writer, lambda c: work(c, *args, **kwargs)))

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
        return await self._whole(self._run(self._reader, lambda c: work(c, *args, **kwargs)))

    async def scrub(self, most: int | None = SCRUB_BYTES) -> bool:
        """Take what was deleted out of SQLite's file and its write-ahead log.

        A row is overwritten where it lies when it is deleted. But where SQLite once divided a
        page, copies of the rows that moved may be left in its free space, so the file is written
        anew; all other writes wait meanwhile, some 30 ms a megabyte.

        Args:
            most: Bytes; of a larger file, the log alone is emptied. None takes any.

        Returns:
            False where copies may be left: the file is too large, or another process was in the
            way for too long.
        """
        writer = self._writer
        if not isinstance(writer, Threads):
            return True  # PostgreSQL has nothing for it: its own vacuum frees the space
        path = Path(self._url.database or "")
        fits = most is None or (await asyncio.to_thread(path.stat)).st_size <= most
        async with self._scrubbing:
            if fits and self.stale:
                self.stale = anew = False  # what is deleted from now on makes it stale again
                try:
                    anew = await self._tidied(writer, "VACUUM")
                finally:
                    self.stale |= not anew
                if not anew:
                    return False
            emptied = await self._tidied(writer, "PRAGMA wal_checkpoint(TRUNCATE)")
            return emptied and (fits or not self.stale)

    async def _tidied(self, writer: Threads, statement: str) -> bool:
        """Try it with little patience, because every other write waits meanwhile."""
        for pause in _SCRUB_PAUSES:
            if await self._whole(self._tidy(writer, statement)):
                return True
            await asyncio.sleep(pause)
        return False

    async def _tidy(self, writer: Threads, statement: str) -> bool:
        with typed_errors():
            return await writer.tidy(statement, _SCRUB_SECONDS, BUSY_SECONDS)

    @property
    def shared(self) -> bool:
        """Whether several processes may work on it at the same time."""
        return not isinstance(self._writer, Threads)

    async def line(self) -> AsyncConnection:
        """A connection of one's own, outside of the pool and of transactions; close it yourself.

        Raises:
            StorageError: the database cannot be reached.
        """
        engine = create_async_engine(
            self._url,
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
            await self._reader.close()
            if self._writer is not self._reader:
                await self._writer.close()

    async def _run(self, lane: Lane, work: Callable[[Connection], T]) -> T:
        with typed_errors():
            return await lane.run(work)

    async def _whole(self, transaction: Coroutine[Any, Any, T]) -> T:
        if self._closed:
            transaction.close()
            raise StorageClosed("the storage has been closed")
        task = asyncio.create_task(transaction)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)
