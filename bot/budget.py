"""A budget of bytes: what may be in memory at a time, handed out in the order of asking."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(eq=False)
class _Asking:
    size: int
    turn: asyncio.Future[None]


class Budget:
    """Gives out bytes, and takes them back.

    Args:
        whole: How many there are.
        least: What the smallest share takes.
    """

    def __init__(self, whole: int, least: int) -> None:
        self._whole = whole
        self._least = least
        self._left = whole
        self._asking: deque[_Asking] = deque()

    @asynccontextmanager
    async def share(self, size: int) -> AsyncIterator[None]:
        """Hold so many bytes, when those who asked before have theirs; never more than all."""
        size = min(max(size, self._least), self._whole)
        asking = _Asking(size, asyncio.get_running_loop().create_future())
        self._asking.append(asking)
        self._give()
        try:
            await asking.turn
            yield
        finally:
            if asking in self._asking:  # cancelled before its turn
                self._asking.remove(asking)
            else:
                self._left += size
            self._give()

    def _give(self) -> None:
        while self._asking and self._asking[0].size <= self._left:
            first = self._asking.popleft()
            self._left -= first.size
            first.turn.set_result(None)
