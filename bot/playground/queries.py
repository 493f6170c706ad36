"""Inline queries that wait for the bot's answer, and the answers of the latest ones."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

from bot.playground.store import Clock, Json

LIFETIME_S = 30.0
_KEPT = 100


@dataclass(eq=False)
class InlineQuery:
    """Somebody's query.

    Attributes:
        user_id: Whose.
        asked: When, by the playground's clock.
        results: The bot's answer, once it is there.
        answered: Set with the answer.
    """

    user_id: int
    asked: float
    results: list[Json] = field(default_factory=list)
    button: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class InlineQueries:
    """Queries by id; only the latest are kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queries: dict[str, InlineQuery] = {}

    def ask(self, user_id: int) -> str:
        """Begin one; its id."""
        query_id = str(10**17 + secrets.randbelow(9 * 10**17))
        self._queries[query_id] = InlineQuery(user_id, self._clock())
        while len(self._queries) > _KEPT:
            del self._queries[next(iter(self._queries))]
        return query_id

    def get(self, query_id: str) -> InlineQuery | None:
        """A query that is still known."""
        return self._queries.get(query_id)

    def waits(self, query: InlineQuery) -> bool:
        """Whether the bot may still answer."""
        in_time = self._clock() - query.asked <= LIFETIME_S
        return in_time and not query.answered.is_set()
