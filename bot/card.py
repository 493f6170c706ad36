"""The bot's card on Telegram: its descriptions in every language, and its menu button."""

from __future__ import annotations

import logging

from telegram import Bot, MenuButtonCommands
from telegram.error import TelegramError

from bot import texts

_LOG = logging.getLogger(__name__)


async def introduce(bot: Bot) -> None:
    """Tell Telegram what the bot is, where it says something else so far.

    Telegram lets a bot change its card only so often. What cannot be changed now is left to the
    next start: the bot works without.
    """
    try:
        for language in texts.LANGUAGES:
            await _describe(bot, language)
        if not isinstance(await bot.get_chat_menu_button(), MenuButtonCommands):
            await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    except TelegramError as error:
        _LOG.warning("the bot's card is not up to date: %s", error.message)


async def _describe(bot: Bot, language: str) -> None:
    # Who has another language sees what is said in none: the English texts.
    code = None if language == "en" else texts.code(language)
    whole, short = texts.say(language, "card-description"), texts.say(language, "card-about")
    if (await bot.get_my_description(code)).description != whole:
        await bot.set_my_description(whole, code)
    if (await bot.get_my_short_description(code)).short_description != short:
        await bot.set_my_short_description(short, code)
