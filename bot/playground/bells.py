"""Those who watch a chat, and the lines of the event streams that they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

KEEP_ALIVE_S = 15.0

Page = Callable[[int], Iterable[tuple[int, str]]]


class Bells:
    """One bell per watcher, rung when something has happened in the chat."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self._closed = False

    def ring(self, chat_id: int) -> None:
        """Wake whoever watches a chat."""
        for bell in self._waiting.get(chat_id, ()):
            bell.set()

    async def stream(self, chat_id: int, after: int, page: Page) -> AsyncIterator[str]:
        """What happens in a chat from a number on, for ever, as server-sent events.

        Args:
            chat_id: The chat.
            after: The number of the last thing that the watcher knows.
            page: What came after a number, the next of it: numbers with JSON.
        """
        bell = asyncio.Event()
        self._waiting.setdefault(chat_id, set()).add(bell)
        try:
            yield "retry: 1000\n\n"
            while not self._closed:
                bell.clear()
                for number, line in page(after):
                    after = number
                    bell.set()  # there may be another page
                    yield f"id: {number}\ndata: {line}\n\n"
                try:
                    await asyncio.wait_for(bell.wait(), KEEP_ALIVE_S)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._waiting[chat_id].discard(bell)
            if not self._waiting[chat_id]:
                del self._waiting[chat_id]

    def close(self) -> None:
        """End all streams, so that the server can stop at once."""
        self._closed = True
        for chat_id in self._waiting:
            self.ring(chat_id)
