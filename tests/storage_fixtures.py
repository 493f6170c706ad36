"""What the storage's tests share: a real database, an open storage, a first photo."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from storage import NewSession, Session, Storage

BOT, CHAT, PERSON = 7_000_000_001, 5_000_000_002, 5_000_000_002

PHOTO = NewSession(
    bot_id=BOT,
    chat_id=CHAT,
    owner_id=PERSON,
    thread_id=None,
    photo_message_id=11,
    photo_file_id="AgACAgIAAx",
    text="",
    language="en",
)


def on_each_kind(metafunc: pytest.Metafunc) -> None:
    """Let what looks into no file of its own be tested on PostgreSQL too.

    A module that calls it ``pytest_generate_tests`` gives the fixture ``kind`` its values.
    """
    if "kind" in metafunc.fixturenames:
        in_a_file = "file" in inspect.signature(metafunc.function).parameters
        metafunc.parametrize("kind", ["sqlite"] if in_a_file else ["sqlite", "postgresql"])


async def database_of(kind: str, file: Path, request: pytest.FixtureRequest) -> Path | str:
    """Where a database of a kind is: in this file, or on the tests' PostgreSQL server."""
    if kind == "sqlite":
        return file
    return str(await request.getfixturevalue("postgres").database())


def address(file: Path | str) -> str:
    """The setting that names this file, or what is an address already."""
    return file if isinstance(file, str) else f"sqlite:///{file}"


@asynccontextmanager
async def opened(file: Path | str, synchronous: str = "NORMAL") -> AsyncIterator[Storage]:
    """The storage in this file, or at this address, closed at the end."""
    storage = await Storage.open(address(file), synchronous=synchronous)
    try:
        yield storage
    finally:
        await storage.close()


async def send_photo(storage: Storage, message: int = 11, **changes: object) -> Session:
    """A person sends a photo: the chat is remembered and the session opened."""
    photo = replace(PHOTO, photo_message_id=message, **changes)
    await storage.remember_chat(photo.chat_id, kind="private", language="en")
    session, _ = await storage.open_session(photo)
    return session


@contextmanager
def looked_into(file: Path) -> Iterator[sqlite3.Connection]:
    """The same file through Python's own driver, as another program would open it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        yield connection


async def start_program(code: str, *arguments: str) -> asyncio.subprocess.Process:
    """A second Python process with its standard output on a pipe."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
