"""Puts the bot's parts together: which one gets which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import Bot, Update
from telegram.ext import Application, ApplicationBuilder, TypeHandler

from bot.conversation import Conversation
from bot.desk import Desk
from bot.finish import Finish
from bot.inbox import InboxQueue
from bot.outbox import Limits, Outbox
from bot.panels import Panels
from bot.photos import Photos
from bot.processor import ChatLanes
from bot.sender import Sender
from bot.settings import Settings
from bot.taps import Taps
from engine import Recommender
from storage import Storage

_POOL = 256
_POOL_WAIT_S = 30.0


@dataclass(frozen=True)
class Wire:
    """What the life of the process (`bot.app`) has to start and to stop."""

    bot_id: int
    application: Application[Any, Any, Any, Any, Any, Any]
    inbox: InboxQueue
    lanes: ChatLanes
    panels: Panels
    sender: Sender

    @property
    def bot(self) -> Bot:
        """The Bot API's client."""
        bot: Bot = self.application.bot
        return bot


def build(
    settings: Settings, base: tuple[str, str], storage: Storage, recommender: Recommender
) -> Wire:
    """Build the application; nothing is started.

    Args:
        settings: The token, and how files are fetched.
        base: Addresses of the Bot API and of its files.
        storage: Open.
        recommender: Started.
    """
    bot_id = settings.bot_id
    inbox, lanes = InboxQueue(storage, bot_id), ChatLanes()
    application = (
        ApplicationBuilder()
        .token(settings.token)
        .base_url(base[0])
        .base_file_url(base[1])
        .local_mode(settings.telegram_local_mode)
        .connection_pool_size(_POOL)
        .pool_timeout(_POOL_WAIT_S)
        # With a single connection, a request that hangs would end polling.
        .get_updates_connection_pool_size(8)
        .get_updates_pool_timeout(_POOL_WAIT_S)
        .update_queue(inbox)
        .concurrent_updates(lanes)
        .job_queue(None)
        .build()
    )
    sender = Sender(application.bot, Outbox(Limits()))
    photos = Photos(application.bot, recommender, local=settings.telegram_local_mode)
    panels = Panels(storage, recommender, photos, sender, lanes.take)
    finish = Finish(storage, panels, sender)
    taps = Taps(bot_id, storage, panels, finish, sender)
    talk = Conversation(bot_id, storage, panels, finish, taps, photos, sender)
    desk = Desk(bot_id, application.bot, storage, talk, sender)

    async def handle(update: Update, _: object) -> None:
        await desk.handle(update)

    application.add_handler(TypeHandler(Update, handle))
    return Wire(bot_id, application, inbox, lanes, panels, sender)
