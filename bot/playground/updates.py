"""The bot's queue of updates: ids, offsets, long polling, and what is too old to deliver."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from http import HTTPStatus

from bot.playground.refusals import OTHER_POLLER, RefusedError
from bot.playground.store import Clock, Json, Store, dump

MESSAGE_LIFETIME_S = 24 * 3600.0
QUERY_LIFETIME_S = 150.0
# Like the real server: a bot that does not ask for these never sees them.
_OPT_IN = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class Updates:
    """Updates in the order in which they happened; a bot takes them by polling or by webhook."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self.bell = asyncio.Event()

    def add(self, kind: str, body: Json) -> int | None:
        """Queue an update.

        Args:
            kind: The update's field, e.g. ``message`` or ``callback_query``.
            body: The object in that field.

        Returns:
            Its id, or ``None`` where the bot did not ask for this kind.
        """
        allowed = self._store.remembered("allowed_updates", [])
        if kind not in allowed if allowed else kind in _OPT_IN:
            return None
        with self._store.transaction():
            # Ids begin at a number made from the time: an emptied folder never repeats old ids.
            update_id = int(self._store.remembered("next_update_id", int(self._clock())))
            self._store.remember("next_update_id", update_id + 1)
            self._store.run(
                "INSERT INTO updates VALUES (?, ?, ?, 'pending', ?)",
                (update_id, kind, dump(body), self._clock()),
            )
        self._wake()
        return update_id

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Remember the kinds that the bot wants; ``None`` leaves the last choice as it is."""
        if kinds is not None and list(kinds) != self._store.remembered("allowed_updates", []):
            self._store.remember("allowed_updates", list(kinds))

    def confirm(self, below: int) -> None:
        """Every update with a smaller id has arrived at the bot."""
        self._store.change(
            "UPDATE updates SET state = 'confirmed' WHERE state = 'pending' AND update_id < ?",
            (below,),
        )

    def pending(self, limit: int) -> list[Json]:
        """The oldest updates that the bot has not confirmed, those sent again among them."""
        now = self._clock()
        self._store.change(
            "UPDATE updates SET state = 'expired' WHERE state = 'pending' AND (created < ? OR"
            " (kind IN ('callback_query', 'inline_query') AND created < ?))",
            (now - MESSAGE_LIFETIME_S, now - QUERY_LIFETIME_S),
        )
        rows = self._store.all(
            "SELECT update_id, kind, body FROM updates WHERE state IN ('pending', 'again')"
            " ORDER BY update_id LIMIT ?",
            (limit,),
        )
        return [{"update_id": number, kind: json.loads(body)} for number, kind, body in rows]

    def count(self) -> int:
        """How many updates wait for the bot."""
        row = self._store.one("SELECT count(*) FROM updates WHERE state IN ('pending', 'again')")
        return int(row[0]) if row else 0

    def redeliver(self, update_id: int) -> bool:
        """Deliver an update once more, as after an answer that got lost.

        Returns:
            Whether there is such an update.
        """
        found = self._store.change(
            "UPDATE updates SET state = 'again' WHERE update_id = ? AND state != 'pending'",
            (update_id,),
        )
        known = self._store.one("SELECT 1 FROM updates WHERE update_id = ?", (update_id,))
        if found:
            self._wake()
        return known is not None

    async def poll(self, offset: int, limit: int, patience: float) -> list[Json]:
        """Long polling with the Bot API's offset semantics.

        Args:
            offset: Updates below it are confirmed; negative: only the last ones are kept.
            limit: 1–100 updates.
            patience: Seconds to wait for the first one.

        Raises:
            RefusedError: 409, when another poller came while this one waited.
        """
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(RefusedError(HTTPStatus.CONFLICT, OTHER_POLLER))
        if offset < 0:
            newest = self._store.all(
                "SELECT update_id FROM updates WHERE state = 'pending'"
                " ORDER BY update_id DESC LIMIT ?",
                (-offset,),
            )
            offset = newest[-1][0] if newest else 0
        self.confirm(offset)
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            found = self.pending(limit)
            remaining = deadline - asyncio.get_running_loop().time()
            if found or remaining <= 0 or self._closed:
                self._sent_again(found)
                return found
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiter = waiter
            try:
                await asyncio.wait_for(waiter, remaining)
            except TimeoutError:
                continue
            finally:
                if self._waiter is waiter:
                    self._waiter = None

    def _sent_again(self, found: list[Json]) -> None:
        """An update that is sent again counts as confirmed: its id may lie below the offset."""
        for update in found:
            self._store.change(
                "UPDATE updates SET state = 'confirmed' WHERE update_id = ? AND state = 'again'",
                (update["update_id"],),
            )

    def delivered(self, update_id: int) -> None:
        """A webhook took the update."""
        self._store.change(
            "UPDATE updates SET state = 'confirmed' WHERE update_id = ?", (update_id,)
        )

    def drop(self) -> None:
        """Forget what waits (``drop_pending_updates``)."""
        self._store.change("UPDATE updates SET state = 'expired' WHERE state != 'confirmed'")

    def sweep(self, before: float) -> None:
        """Delete old rows that need no delivery any more."""
        self._store.change(
            "DELETE FROM updates WHERE created < ? AND state NOT IN ('pending', 'again')",
            (before,),
        )
        self._store.change("DELETE FROM queries WHERE created < ?", (before,))

    def close(self) -> None:
        """Answer a waiting poller with an empty list, so that the server can stop at once."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self.bell.set()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
