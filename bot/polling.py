"""Updates by asking for them: the usual way in, for one process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Updater

from bot.calling import unless
from bot.meters import MeteredRequest, Meters

_LOG = logging.getLogger(__name__)
_POLL_S = 30
_LULL_S = 0.01
_LEAVING_S = 0.002  # in which an answer leaves

UPDATES = ("message", "edited_message", "callback_query", "inline_query")
"""What Telegram is to tell the bot."""


class Polls(MeteredRequest):
    """The requests for updates; knows word for word what the last one was answered with.

    That is what is written down: to put an update into words again takes longer.
    """

    def __init__(
        self,
        meters: Meters,
        lull: Callable[[float], Awaitable[bool]],
        *,
        connections: int,
        pool_timeout: float,
    ) -> None:
        """Prepare.

        Args:
            meters: As for `MeteredRequest`.
            lull: Waits so many seconds at most until what came last has been handled; whether
                there was anything.
            connections: As for `MeteredRequest`.
            pool_timeout: As for `MeteredRequest`.
        """
        super().__init__(meters, connections=connections, pool_timeout=pool_timeout)
        self._lull = lull
        self._said: dict[int, dict[str, Any]] = {}

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Ask when what came before has been answered, or soon: people wait for that, and to
        prepare the request takes as long as to write down their tap."""
        if await self._lull(_LULL_S):
            await asyncio.sleep(_LEAVING_S)
        return await super().do_request(*args, **kwargs)

    def parse_json_payload(self, payload: bytes) -> dict[str, Any]:  # type: ignore[override]
        """Read an answer, and remember its updates."""
        answer = MeteredRequest.parse_json_payload(payload)
        self._said = {one["update_id"]: one for one in answer.get("result") or ()}
        return answer

    def body(self, update: Update) -> str:
        """What an update says, as JSON."""
        said = self._said.get(update.update_id)
        return update.to_json() if said is None else json.dumps(said)


@asynccontextmanager
async def polling(updater: Updater, stop: asyncio.Event) -> AsyncIterator[None]:
    """Poll while the block runs. A webhook that was set earlier is taken away."""
    start = updater.start_polling(
        timeout=_POLL_S,
        bootstrap_retries=-1,
        allowed_updates=list(UPDATES),
        error_callback=_Complaints(),
    )
    try:
        await unless(stop, start)
        yield
    finally:
        if updater.running:
            await updater.stop()


class _Complaints:
    """Says once what keeps polling from working, and not again until it is something else."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            text = "another process polls with this token: stop it, only one may"
        elif isinstance(error, InvalidToken):
            text = "Telegram does not know this token any more"
        else:
            text = f"updates cannot be fetched ({type(error).__name__}), trying again"
        if text != self._last:
            self._last = text
            _LOG.warning("%s", text)
