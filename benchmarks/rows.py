"""What a database holds and does, asked of it beside the bot: rows, bytes, transactions."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.processes import processor_seconds

TABLES = ("inbox", "chats", "sessions", "picks")
"""Those in which a photo, its taps and its end leave something."""


@dataclass(frozen=True)
class Held:
    """Rows of a table, and bytes of its pages and of those of its indexes."""

    rows: int
    size: int


@dataclass(frozen=True)
class Work:
    """What a server has done so far.

    Attributes:
        transactions: All that were committed.
        writes: Those that wrote something.
        log: Bytes of the write-ahead log.
        processor: Seconds of a core; None where the server runs elsewhere.
    """

    transactions: int
    writes: int
    log: int
    processor: float | None

    def since(self, before: Work) -> Work:
        """What came to it."""
        known = self.processor is not None and before.processor is not None
        return Work(
            self.transactions - before.transactions,
            self.writes - before.writes,
            self.log - before.log,
            (self.processor or 0) - (before.processor or 0) if known else None,
        )


class Counted(Protocol):
    """A database that is counted."""

    def held(self) -> dict[str, Held]:
        """What is in each table now."""

    def work(self) -> Work | None:
        """What it has done, where there is a server that knows."""


class Sqlite:
    """A file, which the bot may have open."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def held(self) -> dict[str, Held]:
        """Rows and pages."""
        with closing(sqlite3.connect(self._file)) as connection:
            sizes: dict[str, int] = dict(
                connection.execute(
                    "SELECT m.tbl_name, SUM(s.pgsize) FROM dbstat s "
                    "JOIN sqlite_master m ON m.name = s.name GROUP BY m.tbl_name"
                )
            )
            return {
                name: Held(
                    connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0], sizes[name]
                )
                for name in TABLES
            }

    def work(self) -> None:
        """Nobody counts here."""


class Postgres:
    """A database of a server; its processor's time is known where it runs on this machine."""

    def __init__(self, url: str) -> None:
        self._url = url

    def held(self) -> dict[str, Held]:
        """Rows and bytes, those included that the next ``VACUUM`` frees."""
        questions = [
            f"SELECT count(*), pg_total_relation_size('{name}') FROM {name}" for name in TABLES
        ]
        answers = asyncio.run(self._ask(questions))
        return {name: Held(*rows[0]) for name, rows in zip(TABLES, answers, strict=True)}

    def work(self) -> Work:
        """Its own statistics."""
        ours = "datname = current_database()"
        commits, newest, log, processes = asyncio.run(
            self._ask(
                [
                    f"SELECT xact_commit FROM pg_stat_database WHERE {ours}",
                    "SELECT txid_snapshot_xmax(txid_current_snapshot())",
                    "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint",
                    "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
                ]
            )
        )
        here = [pid for (pid,) in processes if _is_postgres(pid)]
        seconds = sum(map(processor_seconds, here)) if here else None
        return Work(commits[0][0], newest[0][0], log[0][0], seconds)

    async def _ask(self, questions: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        import asyncpg

        connection = await asyncpg.connect(self._url)
        try:
            return [[tuple(row) for row in await connection.fetch(one)] for one in questions]
        finally:
            await connection.close()


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return False
