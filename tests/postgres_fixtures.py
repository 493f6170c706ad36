"""A PostgreSQL server of the tests' own, started when the first of them wants it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from page_fixtures import free_port

_FOLDERS = sorted(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
)
INITDB = shutil.which("initdb", path=os.pathsep.join(map(str, reversed(_FOLDERS)))) or (
    shutil.which("initdb")
)
STARTUP_S = 300

if INITDB is None:
    WHY_NOT = "PostgreSQL is not installed (apt install postgresql)"
elif find_spec("asyncpg") is None:
    WHY_NOT = "asyncpg is not installed (pip install 'tagalong[postgres]')"
else:
    WHY_NOT = ""

needs_postgres = pytest.mark.skipif(bool(WHY_NOT), reason=f"{WHY_NOT}, so no tests with it")


class Server:
    """PostgreSQL on a free port, its data in a folder that goes with it."""

    def __init__(self) -> None:
        # It refuses to run as root.
        self._user = _other_user() if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="tagalong-pg-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self.port = free_port()
        self._names = count()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the data folder and start the server."""
        self._runs("initdb", "-D", "data", "-U", "tagalong", "-A", "trust", "-E", "UTF8", "-N")
        self.restart()

    def restart(self) -> None:
        """Start it, again where it has been stopped, and wait until it answers."""
        options = ("listen_addresses=127.0.0.1", "fsync=off", "max_connections=50")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), "-D", "data", "-p", str(self.port), "-k", self._folder]
                + [part for option in options for part in ("-c", option)],
                cwd=self._folder,
                user=self._user,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + STARTUP_S
        while subprocess.run(
            [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        ).returncode:
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            time.sleep(0.1)

    def halt(self) -> None:
        """Stop it at once, as a crash would."""
        assert self._process is not None
        self._process.send_signal(3)  # immediate shutdown
        self._process.wait()

    def stop(self) -> None:
        """Stop it and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def database(self) -> str:
        """Make an empty database; its address."""
        name = f"test_{next(self._names)}"
        await self.asks(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, name: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://tagalong@127.0.0.1:{self.port}/{name}"

    async def asks(self, query: str, *values: Any, address: str = "") -> list[tuple[Any, ...]]:
        """Ask a database, as another program would."""
        import asyncpg

        connection = await asyncpg.connect(address or self.address())
        try:
            return [tuple(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    def _runs(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [_program(program), *arguments],
            cwd=self._folder,
            user=self._user,
            check=True,
            capture_output=True,
        )


def _program(name: str) -> str:
    assert INITDB is not None
    return str(Path(INITDB).parent / name)


def _other_user() -> str:
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server, for all who need one; every test has a database of its own."""
    if WHY_NOT:
        pytest.skip(f"{WHY_NOT}, so no tests with it")
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
async def database(postgres: Server) -> str:
    """The address of an empty database."""
    return await postgres.database()
