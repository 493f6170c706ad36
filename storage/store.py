"""The storage as the bot sees it: one object with everything that lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from sqlalchemy import Connection, text

from storage.album import Album
from storage.chats import Chats
from storage.claims import Claims
from storage.database import Database
from storage.inbox import Inbox
from storage.past import Past
from storage.picks import Picks
from storage.privacy import Privacy
from storage.questions import Questions
from storage.scenes import Scenes
from storage.secrets import Secrets
from storage.sessions import Sessions
from storage.sets import Sets


class Storage(
    Inbox, Chats, Sessions, Album, Picks, Scenes, Past, Sets, Questions, Secrets, Privacy
):
    """An open database.

    Every method is one transaction: when it returns, the change is stored, and when it raises,
    nothing has changed. Any number of tasks of the event loop that opened it may call it. A
    caller that is cancelled meanwhile leaves nothing half-way: what has begun is finished.
    """

    @classmethod
    async def open(cls, url: str, *, synchronous: str = "NORMAL") -> Self:
        """Open a database, creating or upgrading it as needed.

        Args:
            url: ``sqlite:///file`` or ``postgresql://user:password@host/name``.
            synchronous: SQLite only. ``NORMAL`` survives a kill of the process, but a power
                cut may cost the last writes; ``FULL`` keeps those too, and is slower.

        Raises:
            UnsupportedUrl: the address is not one of these.
            DriverMissing: PostgreSQL without asyncpg.
            NewerDatabase: it was written by a newer version of the program.
            StorageUnavailable: it cannot be reached, opened or written.
        """
        return cls(await Database.open(url, synchronous))

    def claims(self, bot_id: int, called: Callable[[int | None], None]) -> Claims:
        """The claims of this process on a bot's chats; close them before the storage.

        Args:
            bot_id: Whose chats.
            called: Told a chat that this process holds and that another one has found work for.
        """
        return Claims(self._database, bot_id, called)

    async def close(self) -> None:
        """Let what has begun finish, then close; what is called afterwards is refused."""
        await self._database.close()

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StorageError: it gives none.
        """
        await self._database.read(_ping)


def _ping(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
