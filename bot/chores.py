"""What runs beside the conversation: forgetting what is old, redrawing keyboards after a start."""

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


async def sweep(storage: Storage, days: int = 0) -> None:
    """Throw away, now and every hour, what nobody needs or nobody has used for long.

    Args:
        storage: The inbox loses what was finished a day ago.
        days: Sessions and chats go that nobody has used for so many days; 0 keeps them.
    """
    while True:
        try:
            moment = datetime.now(UTC)
            gone = await storage.sweep(moment - KEPT)
            _LOG.debug("%d finished updates left the inbox", gone)
            old = await storage.expire(moment - timedelta(days=days) if days else None)
            if old:
                _LOG.info("%d photos and chats are forgotten: unused for %d days", old, days)
        except StorageClosed:
            return
        except StorageError as error:
            _LOG.warning("what is old could not be thrown away: %s", error)
        await asyncio.sleep(_HOUR)


async def redraw(bot_id: int, storage: Storage, panels: Panels, lanes: ChatLanes) -> None:
    """Bring the panels of the last day to where their sessions stand, newest first.

    An edit that was under way when the process ended is not in the inbox; and Telegram drops
    taps that wait for more than 150 s, so a keyboard may be older than what was chosen. An album
    may not have been shown at all: the bot waited for more of its photos.
    """
    try:
        sessions = await storage.open_sessions(bot_id, since=datetime.now(UTC) - RECENT)
    except StorageError as error:
        _LOG.warning("open photos cannot be drawn again: %s", error)
        return
    for session in reversed(sessions):
        shown = session.panel_message_id is not None and session.embedding is not None
        if shown or session.album is not None:
            await lanes.take(session.chat_id, panels.redraw(session.id), looks=True)
            await asyncio.sleep(_PAUSE_S)
