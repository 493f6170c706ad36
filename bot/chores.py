"""What runs beside the conversation: emptying the inbox, and redrawing keyboards after a start."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from bot.panels import RECENT, Panels
from bot.processor import ChatLanes
from storage import Storage, StorageClosed, StorageError

_LOG = logging.getLogger(__name__)

KEPT = timedelta(days=1)
"""How long a finished update stays in the inbox, to be known if it comes again."""

_HOUR = 3600.0
_PAUSE_S = 0.1


async def sweep(storage: Storage) -> None:
    """Empty the inbox of what was finished a day ago, now and every hour."""
    while True:
        try:
            gone = await storage.sweep(datetime.now(UTC) - KEPT)
            _LOG.debug("%d finished updates left the inbox", gone)
        except StorageClosed:
            return
        except StorageError as error:
            _LOG.warning("the inbox could not be emptied: %s", error)
        await asyncio.sleep(_HOUR)


async def redraw(bot_id: int, storage: Storage, panels: Panels, lanes: ChatLanes) -> None:
    """Bring the panels of the last day to where their sessions stand, newest first.

    An edit that was under way when the process ended is not in the inbox; and Telegram drops
    taps that wait for more than 150 s, so a keyboard may be older than what was chosen.
    """
    try:
        sessions = await storage.open_sessions(bot_id, since=datetime.now(UTC) - RECENT)
    except StorageError as error:
        _LOG.warning("open photos cannot be drawn again: %s", error)
        return
    for session in reversed(sessions):
        if session.panel_message_id is not None and session.embedding is not None:
            await lanes.take(session.chat_id, panels.redraw(session.id))
            await asyncio.sleep(_PAUSE_S)
