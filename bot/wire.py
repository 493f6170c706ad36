"""Puts the bot's parts together: which one gets which."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Bot, Update
from telegram.ext import Application, ApplicationBuilder

from bot.albums import Albums
from bot.arrivals import Arrivals
from bot.carry import Carry
from bot.conversation import Conversation
from bot.desk import Desk
from bot.example import Example
from bot.eyes import Eyes
from bot.finish import Finish
from bot.gallery import Gallery
from bot.inbox import Inbox
from bot.inline import Inline
from bot.ledger import Ledger
from bot.menus import Menus
from bot.meters import MeteredRequest, Meters
from bot.outbox import Limits, Outbox
from bot.panels import Panels
from bot.photos import Photos
from bot.polling import Polls
from bot.privacy import Page, Privacy
from bot.processor import ChatLanes
from bot.recall import Recall
from bot.search import Search
from bot.sender import Sender
from bot.settings import Settings
from bot.shelf import TagSets
from bot.taps import Taps
from bot.tuning import Tuning
from bot.turns import Turns
from bot.why import Why
from engine import Recommender
from storage import Storage

_POOL = 256
_POOL_WAIT_S = 30.0


@dataclass(frozen=True)
class Wire:
    """What the life of the process (`bot.app`) has to start and to stop."""

    bot_id: int
    application: Application[Any, Any, Any, Any, Any, Any]
    inbox: Inbox
    turns: Turns
    lanes: ChatLanes
    panels: Panels
    albums: Albums
    sender: Sender

    @property
    def bot(self) -> Bot:
        """The Bot API's client."""
        bot: Bot = self.application.bot
        return bot


def build(
    settings: Settings,
    base: tuple[str, str],
    storage: Storage,
    recommender: Recommender,
    meters: Meters,
    page: Page | None = None,
) -> Wire:
    """Build the application; nothing is started.

    Args:
        settings: The token, and how files are fetched.
        base: Addresses of the Bot API and of its files.
        storage: Open.
        recommender: Started.
        meters: Told what happens.
        page: What the chat page keeps, where it runs in this process.
    """
    bot_id = settings.bot_id

    def ring(chat_id: int | None) -> None:
        turns.ring(chat_id)

    async def arrived(update: Update, body: str, chat_id: int | None) -> None:
        await turns.arrived(update, body, chat_id)

    claims = storage.claims(bot_id, ring)
    lanes = ChatLanes(claims)
    # With a single connection, a request that hangs would end polling.
    polls = Polls(meters, lanes.lull, connections=8, pool_timeout=_POOL_WAIT_S)
    inbox = Inbox(arrived, polls.body)
    application = (
        ApplicationBuilder()
        .token(settings.token)
        .base_url(base[0])
        .base_file_url(base[1])
        .local_mode(settings.telegram_local_mode)
        .request(MeteredRequest(meters, connections=_POOL, pool_timeout=_POOL_WAIT_S))
        .get_updates_request(polls)
        .update_queue(inbox)
        .job_queue(None)
        .build()
    )
    outbox = Outbox(Limits(), meters.posted)
    sender = Sender(application.bot, outbox, remembers=claims.alone)
    gallery = Gallery(application.bot, outbox)
    photos = Photos(application.bot, recommender, local=settings.telegram_local_mode)
    eyes = Eyes(storage, photos)
    anew = partial(lanes.take, looks=True)
    panels = Panels(storage, recommender, eyes, sender, anew)
    albums = Albums(bot_id, storage, panels, sender, anew)
    finish = Finish(storage, panels, sender)
    why = Why(recommender, photos, eyes, gallery, sender)
    search = Search(bot_id, storage, recommender, sender)
    taps = Taps(bot_id, storage, panels, finish, sender, why, albums, search)
    carry = Carry(bot_id, storage, panels, sender)
    recall = Recall(bot_id, storage, panels, gallery, carry, finish, sender)
    sets = TagSets(bot_id, storage, carry, sender)
    privacy = Privacy(
        application.bot,
        storage,
        gallery,
        sender,
        page,
        days=settings.retention_days,
        file_days=settings.playground_file_days,
    )
    tuning = Tuning(bot_id, application.bot, storage, panels, sender)
    menus = Menus(bot_id, storage, recall, sets, carry, privacy, tuning, search, sender)
    arrivals = Arrivals(bot_id, storage, photos, panels, albums, menus, finish, sender)
    example = Example(bot_id, storage, panels, gallery, sender)
    inline = Inline(storage, recommender, sender)
    talk = Conversation(
        bot_id, storage, panels, finish, taps, arrivals, sender, menus, example, inline
    )
    desk = Desk(application.bot, talk, sender, meters)
    ledger = Ledger(application.bot, bot_id, storage)
    turns = Turns(ledger, claims, lanes, outbox, desk, albums)
    return Wire(bot_id, application, inbox, turns, lanes, panels, albums, sender)
