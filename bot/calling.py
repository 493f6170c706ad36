"""Waiting: for Telegram until it can be reached; for work unless the process is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter

from bot.outbox import asked_pause
from bot.settings import SettingsError

_LOG = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 15.0

T = TypeVar("T")


async def persist(call: Callable[[], Awaitable[Any]]) -> None:
    """Make a request to Telegram until it works.

    Raises:
        SettingsError: the token is wrong.
        BadRequest: Telegram refuses what it is asked.
    """
    pause = 0.5
    while True:
        try:
            await call()
            return
        except InvalidToken:
            raise SettingsError("TELEGRAM_BOT_TOKEN: Telegram does not know this token") from None
        except RetryAfter as error:
            pause = asked_pause(error)
        except BadRequest:
            raise
        except NetworkError as error:
            _LOG.warning("Telegram cannot be reached (%s), trying again", type(error).__name__)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        await asyncio.sleep(pause)


async def unless(stop: asyncio.Event, work: Awaitable[T]) -> T | None:
    """Wait for some work; None where the process was told to stop before its end."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return None
    return working.result()
