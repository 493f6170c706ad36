"""Updates by asking for them: the usual way in, for one process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from telegram import Update
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
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

    The library reads all updates of an answer or none, and asks for the same ones again. So where
    nobody has taken anything out of an answer, each of the next one is tried first: to read them
    all twice would take a tenth of a tap's time.
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
        self._refused = False

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Ask when what came before has been answered, or soon: people wait for that, and to
        prepare the request takes as long as to write down their tap."""
        if await self._lull(_LULL_S):
            await asyncio.sleep(_LEAVING_S)
        return await super().do_request(*args, **kwargs)

    def parse_json_payload(self, payload: bytes) -> dict[str, Any]:  # type: ignore[override]
        """Read an answer, and remember its updates; of one that the library cannot read only the
        number is left, so that Telegram is told that it has arrived.

        Raises:
            NetworkError: there is one that has no number. Polling asks again, after a pause.
        """
        answer = MeteredRequest.parse_json_payload(payload)
        updates = answer.get("result") or []
        try:
            if updates and self._refused:
                updates = answer["result"] = [_readable(one) for one in updates]
            self._said = {one["update_id"]: one for one in updates}
            if updates:
                answer["result"] = [_light(one) for one in updates]
        except (KeyError, TypeError) as error:
            raise NetworkError("what was answered are no updates") from error
        self._refused |= bool(updates)
        return answer

    def body(self, update: Update) -> str:
        """What an update says, as JSON; asked for each one when it is taken."""
        self._refused = False
        said = self._said.get(update.update_id)
        return update.to_json() if said is None else json.dumps(said)


def _light(update: dict[str, Any]) -> dict[str, Any]:
    """A tap without the photo that its message replies to: nobody asks for it, and to read it takes
    as long as all else but the buttons."""
    query = update.get("callback_query")
    message = query.get("message") if isinstance(query, dict) else None
    if query is None or not isinstance(message, dict) or "reply_to_message" not in message:
        return update
    message = {key: value for key, value in message.items() if key != "reply_to_message"}
    return {**update, "callback_query": {**query, "message": message}}


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    """An update, or its bare number where the library cannot read it."""
    try:
        Update.de_json(update, None)
    except Exception:  # it raises what it likes for what is no update
        _LOG.error("update %d cannot be read, giving it up", update["update_id"])
        return {"update_id": update["update_id"]}
    return update


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
