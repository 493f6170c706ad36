"""The inbox: every update is kept here from before Telegram is told of its arrival until it is
handled, so that a kill in between loses nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from storage.schema import inbox
from storage.shelf import Shelf, insert, now
from storage.values import InboxRow


class Inbox(Shelf):
    """Updates by bot and update id."""

    async def receive(self, bot_id: int, update_id: int, body: str) -> bool:
        """Keep an update; False where it is known already (a redelivery)."""
        return await self._database.write(_receive, bot_id, update_id, body)

    async def unfinished(self, bot_id: int) -> list[InboxRow]:
        """The updates that have arrived and are not finished, oldest first."""
        return await self._database.read(_unfinished, bot_id)

    async def attempt(self, bot_id: int, update_id: int) -> int:
        """Count one more beginning of its handling; 0 where the update is not kept."""
        return await self._database.write(_attempt, bot_id, update_id)

    async def finish(self, bot_id: int, update_id: int) -> None:
        """Mark an update as handled: it is not replayed any more, and still known."""
        await self._database.write(_finish, bot_id, update_id)

    async def sweep(self, done_before: datetime) -> int:
        """Delete what was finished before that time; how many rows went.

        Raises:
            ValueError: the time has no zone.
        """
        if done_before.tzinfo is None:
            raise ValueError("done_before needs its time zone")
        return await self._database.write(_sweep, done_before)


def _receive(connection: Connection, bot_id: int, update_id: int, body: str) -> bool:
    row = connection.execute(
        insert(connection, inbox)
        .values(bot_id=bot_id, update_id=update_id, body=body, attempts=0, received_at=now())
        .on_conflict_do_nothing()
        .returning(inbox.c.update_id)
    ).first()
    return row is not None


def _unfinished(connection: Connection, bot_id: int) -> list[InboxRow]:
    rows = connection.execute(
        select(inbox.c.update_id, inbox.c.body, inbox.c.attempts)
        .where(inbox.c.bot_id == bot_id, inbox.c.done_at.is_(None))
        # By arrival, not by id: Telegram starts from a random id after a quiet week.
        .order_by(inbox.c.received_at, inbox.c.update_id)
    )
    return [InboxRow(row.update_id, row.body, row.attempts) for row in rows]


def _attempt(connection: Connection, bot_id: int, update_id: int) -> int:
    attempts = connection.scalar(
        update(inbox)
        .where(inbox.c.bot_id == bot_id, inbox.c.update_id == update_id)
        .values(attempts=inbox.c.attempts + 1)
        .returning(inbox.c.attempts)
    )
    return int(attempts or 0)


def _finish(connection: Connection, bot_id: int, update_id: int) -> None:
    connection.execute(
        update(inbox)
        .where(inbox.c.bot_id == bot_id, inbox.c.update_id == update_id)
        .values(done_at=now())
    )


def _sweep(connection: Connection, done_before: datetime) -> int:
    return connection.execute(delete(inbox).where(inbox.c.done_at < done_before)).rowcount
