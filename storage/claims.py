"""Which process works on a chat, where several share a database.

On PostgreSQL a claim is an advisory lock of a connection that the process keeps for it: where the
process dies, the server lets go of its claims as soon as the connection breaks. On SQLite there
is one process, and it has every claim.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import BUSY_SECONDS, Database
from storage.errors import StorageClosed, StorageError, StorageUnavailable, typed_errors

_CHANNEL = "tagalong"
# Seconds after which the claims of a machine that has vanished are free again.
_KEEPALIVE = (
    "SET tcp_keepalives_idle = 3",
    "SET tcp_keepalives_interval = 1",
    "SET tcp_keepalives_count = 4",
    "SET tcp_user_timeout = '7s'",
)
_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock(:key)")
_CALL = text("SELECT pg_notify(:channel, :payload)")


@dataclass(frozen=True, eq=False)
class Claim:
    """A chat that this process may work on until it lets go of it.

    Attributes:
        line: Counts the connections that claims were made on.
    """

    chat_id: int | None
    line: int


class Claims:
    """The claims of one process for one bot. Several tasks may hold the same chat.

    Args:
        database: Shared by the processes.
        bot_id: Whose chats.
        called: Told a chat that this process holds and that another one has found work for.
    """

    def __init__(
        self, database: Database, bot_id: int, called: Callable[[int | None], None]
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._called = called
        self._turn = asyncio.Lock()
        self._connection: AsyncConnection | None = None
        self._dead: list[AsyncConnection] = []
        self._line = 0
        self._held: dict[int | None, set[Claim]] = {}
        self._closed = False

    @property
    def alone(self) -> bool:
        """Whether no other process can have a claim."""
        return not self._database.shared

    async def claim(self, chat_id: int | None) -> Claim | None:
        """Claim a chat; None where another process holds it.

        Raises:
            StorageError: the database cannot be reached.
        """
        if self.alone:
            return Claim(chat_id, 0)
        # A caller that is cancelled leaves the connection in no unknown state.
        return await asyncio.shield(asyncio.create_task(self._claim(chat_id)))

    def holds(self, claim: Claim) -> bool:
        """Whether a claim still stands: it falls when its connection breaks."""
        return claim.line == self._line

    async def release(self, claim: Claim) -> None:
        """Let go of a chat. Never raises: a claim that cannot be given back has fallen."""
        if not self.alone:
            await asyncio.shield(asyncio.create_task(self._release(claim)))

    async def call(self, chat_id: int | None) -> None:
        """Tell whoever holds a chat that there is work for it.

        Raises:
            StorageError: the database cannot be reached.
        """
        if not self.alone:
            await asyncio.shield(asyncio.create_task(self._call(chat_id)))

    async def close(self) -> None:
        """Let go of every chat."""
        async with self._turn:
            self._closed = True
            await self._hang_up()

    async def _claim(self, chat_id: int | None) -> Claim | None:
        async with self._turn:
            if chat_id not in self._held and not await self._ask(_LOCK, key=self._key(chat_id)):
                return None
            claim = Claim(chat_id, self._line)
            self._held.setdefault(chat_id, set()).add(claim)
            return claim

    async def _release(self, claim: Claim) -> None:
        async with self._turn:
            held = self._held.get(claim.chat_id, set())
            if claim not in held:
                return
            held.remove(claim)
            if not held:
                del self._held[claim.chat_id]
                with suppress(StorageError):
                    await self._ask(_UNLOCK, key=self._key(claim.chat_id))

    async def _call(self, chat_id: int | None) -> None:
        async with self._turn:
            await self._ask(_CALL, channel=_CHANNEL, payload=self._payload(chat_id))

    async def _ask(self, question: TextClause, **values: int | str) -> Any:
        """Ask the server something; whatever goes wrong on the way ends the connection.

        Raises:
            StorageClosed: the claims have been closed.
            StorageError: it cannot be reached.
        """
        if self._closed:
            raise StorageClosed("the claims have been closed")
        try:
            with typed_errors():
                async with asyncio.timeout(BUSY_SECONDS):
                    if self._connection is None:
                        await self._hang_up()
                        await self._connect()
                    assert self._connection is not None
                    answer = await self._connection.scalar(question, values)
                    if self._connection is None:
                        raise ConnectionError("the connection broke")
                    return answer
        except StorageError:
            await self._hang_up()
            raise
        except Exception as error:  # of the driver itself, whose connection is used directly
            await self._hang_up()
            raise StorageUnavailable(f"the database cannot be reached: {error}") from error

    async def _connect(self) -> None:
        """Open the connection on which claims are made and calls are heard."""
        self._connection = connection = await self._database.line()
        for setting in _KEEPALIVE:
            await connection.execute(text(setting))
        driver: Any = (await connection.get_raw_connection()).driver_connection
        line = self._line
        driver.add_termination_listener(lambda _: self._broken(line))
        await driver.add_listener(_CHANNEL, self._hear)

    async def _hang_up(self) -> None:
        self._broken(self._line)
        while self._dead:
            with suppress(Exception):  # the server may have hung up before
                await self._dead.pop().close()

    def _broken(self, line: int) -> None:
        """The connection of that number is gone, and its claims with it."""
        if line == self._line:
            self._line += 1
            self._held.clear()
            if self._connection is not None:
                self._dead.append(self._connection)
            self._connection = None

    def _hear(self, _connection: object, _process: int, _channel: str, payload: str) -> None:
        bot_id, _, chat_id = payload.partition(":")
        if bot_id == str(self._bot_id):
            chat = int(chat_id) if chat_id else None
            if chat in self._held:
                self._called(chat)

    def _payload(self, chat_id: int | None) -> str:
        return f"{self._bot_id}:{'' if chat_id is None else chat_id}"

    def _key(self, chat_id: int | None) -> int:
        """The number of a lock. Two chats that share one by chance only wait for each other."""
        digest = hashlib.blake2b(self._payload(chat_id).encode(), digest_size=8).digest()
        return int.from_bytes(digest, signed=True)
