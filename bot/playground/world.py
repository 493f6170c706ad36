"""Everything that the playground holds, in one value that both sides' routes are given."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bot.playground.calls import CallLog
from bot.playground.chats import Chats
from bot.playground.events import Events
from bot.playground.faults import Faults
from bot.playground.files import DAY_S, Files
from bot.playground.journal import Journal
from bot.playground.messages import Messages
from bot.playground.photos import Darkroom
from bot.playground.queries import InlineQueries
from bot.playground.store import Clock, Store
from bot.playground.updates import Updates

SWEEP_EVERY_S = 600.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class World:
    """The parts of the playground."""

    clock: Clock
    store: Store
    chats: Chats
    events: Events
    messages: Messages
    updates: Updates
    files: Files
    darkroom: Darkroom
    faults: Faults
    calls: CallLog
    journal: Journal
    queries: InlineQueries
    days: int = 0

    @classmethod
    def open(cls, folder: Path, clock: Clock, *, file_days: int = 1, days: int = 0) -> World:
        """Open what an earlier run left in a folder, or begin anew.

        Args:
            folder: Where.
            clock: Seconds since the epoch.
            file_days: How long files are kept.
            days: How long messages are kept; 0 for ever.
        """
        store = Store(folder)
        events = Events(store, clock)
        return cls(
            clock=clock,
            store=store,
            chats=Chats(store),
            events=events,
            messages=Messages(store, events, clock),
            updates=Updates(store, clock),
            files=Files(store, folder / "files", clock, file_days),
            darkroom=Darkroom(),
            faults=Faults(clock),
            calls=CallLog(clock),
            journal=Journal(clock),
            queries=InlineQueries(clock),
            days=days,
        )

    def sweep(self) -> None:
        """Throw away what nobody needs any more: events, updates and the journal's lines of
        more than a day, files and messages when their days are over."""
        before = self.clock() - DAY_S
        with self.store.transaction():
            for chat_id, message_id in self.events.outdated(before):
                message = self.messages.get(chat_id, message_id)
                self.events.renew(chat_id, message_id, message)
            self.events.sweep(before)
            self.updates.sweep(before)
            if self.days:
                self.messages.sweep(self.clock() - self.days * DAY_S)
        self.files.sweep()
        self.journal.sweep(before)
        self.store.empty_log()

    async def keep_clean(self) -> None:
        """Sweep now and then, until cancelled."""
        while True:
            try:
                self.sweep()
            except (OSError, sqlite3.Error):
                _LOG.exception("old files and updates could not be thrown away")
            await asyncio.sleep(SWEEP_EVERY_S)

    def hang_up(self) -> None:
        """Let streams and pollers end, so that the server can stop."""
        self.events.close()
        self.journal.close()
        self.updates.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()
