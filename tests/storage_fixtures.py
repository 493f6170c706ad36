"""What the storage's tests share: a real database file, an open storage, a first photo."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from pathlib import Path

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


def address(file: Path) -> str:
    """The setting that names this file."""
    return f"sqlite:///{file}"


@asynccontextmanager
async def opened(file: Path, synchronous: str = "NORMAL") -> AsyncIterator[Storage]:
    """The storage in this file, closed at the end."""
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
