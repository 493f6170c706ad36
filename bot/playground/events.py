"""What the chat page sees happen, in order: kept in the store, sent as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from bot.playground.bells import Bells
from bot.playground.store import Clock, Json, Store, dump

PAGE = 200


class Events:
    """One list of events per chat, with those who wait for the next."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._bells = Bells()

    def add(self, chat_id: int, kind: str, body: Json, message_id: int | None = None) -> int:
        """Append an event and wake whoever watches the chat.

        Returns:
            The event's id, growing over all chats.
        """
        event_id = self._store.run(
            "INSERT INTO events (chat_id, kind, message_id, body, created) VALUES (?, ?, ?, ?, ?)",
            (chat_id, kind, message_id, dump(body), self._clock()),
        )
        self._bells.ring(chat_id)
        return event_id

    def after(self, chat_id: int, event_id: int) -> list[Json]:
        """Up to a page of a chat's events that came after one."""
        rows = self._store.all(
            "SELECT event_id, kind, body FROM events WHERE chat_id = ? AND event_id > ?"
            " ORDER BY event_id LIMIT ?",
            (chat_id, event_id, PAGE),
        )
        return [{"id": number, "type": kind, **json.loads(body)} for number, kind, body in rows]

    def last(self, chat_id: int) -> int:
        """The id of a chat's newest event; 0 without one."""
        row = self._store.one("SELECT max(event_id) FROM events WHERE chat_id = ?", (chat_id,))
        return int(row[0] or 0) if row else 0

    def stream(self, chat_id: int, event_id: int) -> AsyncIterator[str]:
        """A chat's events from one on, for ever, as lines of an event stream."""
        return self._bells.stream(
            chat_id,
            event_id,
            lambda last: [(event["id"], dump(event)) for event in self.after(chat_id, last)],
        )

    def close(self) -> None:
        """End all streams, so that the server can stop at once."""
        self._bells.close()

    def outdated(self, before: float) -> list[tuple[int, int]]:
        """Messages that changed or went before a time: (chat id, message id)."""
        return self._store.all(
            "SELECT DISTINCT chat_id, message_id FROM events"
            " WHERE created < ? AND kind IN ('edit', 'delete')",
            (before,),
        )

    def renew(self, chat_id: int, message_id: int, message: Json | None) -> None:
        """Let the event of a message show it as it stands; without a message it goes."""
        place = (chat_id, message_id)
        where = "WHERE chat_id = ? AND message_id = ? AND kind = 'message'"
        if message is None:
            self._store.change(f"DELETE FROM events {where}", place)
        else:
            self._store.change(
                f"UPDATE events SET body = ? {where}", (dump({"message": message}), *place)
            )

    def sweep(self, before: float) -> None:
        """Delete old events but those of messages: an old chat is shown as it stands."""
        self._store.change("DELETE FROM events WHERE created < ? AND kind != 'message'", (before,))
