"""The inbox: every update is kept here from before Telegram is told of its arrival until it is
handled, so that a kill in between loses nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from storage import updates
from storage.shelf import Shelf
from storage.values import Begun, InboxRow, Stepping


class Inbox(Shelf):
    """Updates by bot and update id."""

    async def receive(
        self, bot_id: int, update_id: int, body: str, chat_id: int | None = None
    ) -> bool:
        """Keep an update; False where it is known already (a redelivery).

        Args:
            bot_id: Who received it.
            update_id: Telegram's number.
            body: What it says.
            chat_id: Whose it is: a chat, or the person where it comes from no chat.
        """
        return await self._database.write(updates.receive, bot_id, update_id, body, chat_id)

    async def admit(
        self,
        bot_id: int,
        update_id: int,
        body: str,
        chat_id: int | None,
        without: Collection[int] = (),
        stepping: Stepping | None = None,
    ) -> Begun | None:
        """`receive` an update and `begin` with the oldest of its chat, in one transaction.

        Args:
            bot_id: Who received it.
            update_id: Telegram's number.
            body: What it says.
            chat_id: Whose it is: a chat, or the person where it comes from no chat.
            without: Updates that are not begun.
            stepping: What the update asks for: written down with it where it is what begins.

        Returns:
            Usually the update itself; None where it is known already and no other waits.
        """
        return await self._database.write(
            updates.admit, bot_id, update_id, body, chat_id, without, stepping
        )

    async def unfinished(self, bot_id: int) -> list[InboxRow]:
        """The updates that have arrived and are not finished, oldest first."""
        return await self._database.read(updates.unfinished, bot_id)

    async def next_updates(
        self, bot_id: int, chat_id: int | None, limit: int, without: Collection[int] = ()
    ) -> list[InboxRow]:
        """The updates of a chat that are to be handled next: the oldest that are not finished.

        Args:
            bot_id: Who received them.
            chat_id: The chat's, or the person's.
            limit: How many at most.
            without: Updates that are left out.
        """
        return await self._database.read(updates.following, bot_id, chat_id, limit, without)

    async def waiting_chats(
        self, bot_id: int, limit: int, without: Collection[int] = ()
    ) -> list[int | None]:
        """Chats (and persons) of which an update is not finished, the longest waiting first."""
        return await self._database.read(updates.waiting_chats, bot_id, limit, without)

    async def depth(self, bot_id: int) -> int:
        """How many updates are not finished."""
        return await self._database.read(updates.depth, bot_id)

    async def begin(
        self,
        bot_id: int,
        chat_id: int | None,
        without: Collection[int] = (),
        finished: Collection[int] = (),
    ) -> Begun | None:
        """Begin with a chat's oldest update that is not finished, and count that.

        Args:
            bot_id: Who received it.
            chat_id: The chat's, or the person's.
            without: Updates that are left out.
            finished: Updates to `finish` before that, in the same transaction.

        Returns:
            None where there is none.
        """
        return await self._database.write(updates.begin, bot_id, chat_id, without, finished)

    async def finish(self, bot_id: int, *handled: int) -> None:
        """Mark updates as handled: they are not replayed any more, and still known."""
        await self._database.write(updates.finish, bot_id, handled)

    async def put_back(self, bot_id: int, *begun: int) -> None:
        """Take a beginning of updates back, as if it had not been: what is finished stays so."""
        await self._database.write(updates.put_back, bot_id, begun)

    async def sweep(self, done_before: datetime) -> int:
        """Delete what was finished before that time; how many rows went.

        Raises:
            ValueError: the time has no zone.
        """
        if done_before.tzinfo is None:
            raise ValueError("done_before needs its time zone")
        gone = await self._database.write(updates.sweep, done_before)
        self._database.stale |= gone > 0
        return gone
