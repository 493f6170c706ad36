"""Where an update comes in and goes out: out of the inbox, through the conversation, done with.

The one place that knows what to do when something goes wrong on the way.
"""

from __future__ import annotations

import asyncio
import logging
from enum import Enum

from telegram import Bot, Update

from bot import texts
from bot.conversation import Conversation
from bot.events import (
    ButtonTapped,
    CommandGiven,
    Event,
    GroupMoved,
    InlineAsked,
    PhotoSent,
    StepTapped,
    WordsSaid,
    event_of,
    spoken,
)
from bot.ledger import Started
from bot.meant import Asked
from bot.meters import Meters
from bot.preferences import Preferences
from bot.sender import ChatGone, Sender, View
from engine import EngineClosed
from storage import NoSuchChat, NoSuchSession, StorageClosed, StorageError

_LOG = logging.getLogger(__name__)
_BEGINNINGS = 3
_TRIES = 4
_KINDS = {
    PhotoSent: "photo",
    ButtonTapped: "tap",
    StepTapped: "tap",
    WordsSaid: "words",
    CommandGiven: "command",
}


class Outcome(Enum):
    """What became of an update that was to be handled."""

    DONE = "done"
    AGAIN = "again"
    """The database refused: it is begun again soon."""
    LATER = "later"
    """The process stops: it is begun at the next start, or by another process."""


class Desk:
    """Handles updates, each until it is done or can never be."""

    def __init__(
        self,
        bot: Bot,
        talk: Conversation,
        sender: Sender,
        meters: Meters,
    ) -> None:
        self._bot = bot
        self._talk = talk
        self._sender = sender
        self._meters = meters

    def asked(self, update: Update) -> Asked | None:
        """The step that a tap asks for, where it is known before the tap is handled."""
        if update.callback_query is None:
            return None
        try:
            return self._talk.asked(event_of(update, self._bot.username))
        except Exception:  # to handle it will tell; until then it has to be written down
            return None

    def looks(self, started: Started) -> bool:
        """Whether to handle an update is to look at a photo."""
        event = started.event
        try:
            if event is None and started.update is not None:
                event = event_of(started.update, self._bot.username)
        except Exception:  # to handle it will tell
            return False
        return event is not None and self._talk.looks(event)

    async def handle(self, started: Started) -> Outcome:
        """Handle one update."""
        update, begun = started.update, started.begun
        if update is None:  # it cannot be read
            return Outcome.DONE
        try:
            event = started.event or event_of(update, self._bot.username)
        except Exception as error:  # a message of no chat, for instance
            name = type(error).__name__
            _LOG.error("update %d cannot be understood, giving it up: %s", update.update_id, name)
            return Outcome.DONE
        event = _spoken(event, begun.settings)
        self._meters.begin(_KINDS.get(type(event), "other"), started.since)
        try:
            if begun.update.attempts > _BEGINNINGS:  # it has ended the process again and again
                _LOG.error("update %d is given up", update.update_id)
                await self._apologise(event)
            elif event is not None:
                await self._try(event)
            return Outcome.DONE
        except (EngineClosed, StorageClosed):
            _LOG.info("update %d is kept for the next start", update.update_id)
        except StorageError as error:
            if begun.update.attempts >= _BEGINNINGS:
                _LOG.error("update %d is given up: %s", update.update_id, error)
                await self._apologise(event)
                return Outcome.DONE
            _LOG.error("update %d has to be begun again: %s", update.update_id, error)
            if isinstance(event, ButtonTapped):  # nobody can answer it much later
                await self._apologise(event)
            return Outcome.AGAIN
        return Outcome.LATER

    async def _try(self, event: Event) -> None:
        for pause in range(_TRIES):
            try:
                await self._talk.handle(event)
                return
            except ChatGone:
                _LOG.info("a chat cannot be written to any more")
                return
            except (NoSuchSession, NoSuchChat):  # deleted while it was being handled
                return
            except (EngineClosed, StorageClosed):
                raise
            except StorageError:
                if pause == _TRIES - 1:
                    raise
                await asyncio.sleep(0.2 * 3**pause)
            except Exception:
                _LOG.exception("%s failed", type(event).__name__)
                await self._apologise(event)
                return

    async def _apologise(self, event: Event | None) -> None:
        """Say sorry, if that can be done; never raise."""
        try:
            if isinstance(event, ButtonTapped):
                self._sender.answer(event.query_id, texts.say(event.origin.language, "sorry"))
            elif isinstance(event, PhotoSent | WordsSaid | CommandGiven):
                await self._sender.send(
                    event.origin,
                    View(texts.say(event.origin.language, "sorry")),
                    reply_to=event.origin.message_id,
                )
        except Exception as error:
            _LOG.warning("an apology did not arrive: %s", type(error).__name__)


def _spoken(event: Event | None, settings: str) -> Event | None:
    """An event in the language that its chat has set."""
    if event is None or isinstance(event, GroupMoved | InlineAsked):
        return event
    return spoken(event, Preferences.read(settings).language)
