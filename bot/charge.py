"""Who decides for a chat: in a private one the person, in a group its administrators."""

from __future__ import annotations

import logging

from telegram import Bot
from telegram.constants import ChatID
from telegram.error import TelegramError

from bot.events import Origin
from bot.preferences import Preferences, preferences_of
from storage import Session, Storage

_LOG = logging.getLogger(__name__)
_NAMELESS = (ChatID.ANONYMOUS_ADMIN, ChatID.FAKE_CHANNEL)  # they tap under their own names


async def may_steer(storage: Storage, session: Session, origin: Origin) -> bool:
    """Whether a person may choose for a photo: its sender, or everybody where the chat says so."""
    return _owns(session, origin) or (await preferences_of(storage, origin.chat_id)).everyone


def may_choose(session: Session, origin: Origin, settings: str) -> bool:
    """`may_steer`, by the settings that are kept of the chat."""
    return _owns(session, origin) or Preferences.read(settings).everyone


def _owns(session: Session, origin: Origin) -> bool:
    return origin.private or session.owner_id in (origin.user_id, *_NAMELESS)


async def in_charge(bot: Bot, origin: Origin) -> bool:
    """Whether a person may decide for their chat."""
    if origin.private or origin.user_id in (ChatID.ANONYMOUS_ADMIN, origin.chat_id):
        return True
    try:
        members = await bot.get_chat_administrators(origin.chat_id)
    except TelegramError as error:
        _LOG.warning("who is in charge cannot be told: %s", type(error).__name__)
        return False
    return origin.user_id in (member.user.id for member in members)
