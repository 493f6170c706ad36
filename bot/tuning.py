"""``/settings``: one menu, edited in place; whatever is chosen holds from then on."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from telegram import Bot

from bot import dials, texts
from bot.callbacks import Action, Press
from bot.charge import in_charge
from bot.events import ButtonTapped, Origin, WordsSaid
from bot.options import OPTIONS, chosen, now
from bot.panels import Panels
from bot.preferences import BLOCKED_LIMIT, Preferences, preferences_of
from bot.room import named
from bot.sender import Sender, View
from bot.written import read_word
from storage import Question, Storage
from storage.steps import tag_of

BLOCK = "block"
"""The kind of question that hashtags answer."""

_WORDS = re.compile(r"[\s,;、,]+")


class Tuning:
    """The menu of a chat's settings.

    Args:
        bot_id: Whose questions are answered.
        bot: Tells who is in charge of a group.
        storage: Holds the settings.
        panels: Draws the open photo as the settings have it.
        sender: Sends and edits the menu.
    """

    def __init__(
        self, bot_id: int, bot: Bot, storage: Storage, panels: Panels, sender: Sender
    ) -> None:
        self._bot_id = bot_id
        self._bot = bot
        self._storage = storage
        self._panels = panels
        self._sender = sender

    async def open(self, origin: Origin) -> None:
        """Send the menu.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        if not await in_charge(self._bot, origin):
            await self._sender.reply(origin, texts.say(origin.language, "settings-admins"))
            return
        await self._sender.send(origin, await self._menu(origin))

    async def tapped(self, tap: ButtonTapped, press: Press) -> None:
        """Do what a button of the menu says.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        origin = tap.origin
        if not await in_charge(self._bot, origin):
            self._sender.answer(tap.query_id, texts.say(origin.language, "settings-admins"))
            return
        before = await preferences_of(self._storage, origin.chat_id)
        after: Preferences | None = before
        match press.action:
            case Action.OPTION_SET:
                after = chosen(before, press.session_id)
                if after is None:
                    self._sender.answer(tap.query_id, texts.say(origin.language, "old-button"))
                    return
                origin = await self._keep(origin, before, after)
                view = await self._menu(origin)
                told = now(after, press.session_id, origin.language)
            case Action.OPTION if press.session_id < len(OPTIONS):
                view = dials.one(origin.language, origin.user_id, before, press.session_id)
                told = ""
            case Action.BLOCKED:
                view = dials.blocked(origin.language, origin.user_id, before, press.session_id)
                told = ""
            case Action.UNBLOCK:
                left = tuple(one for one in before.blocked if dials.mark(one) != press.session_id)
                after = replace(before, blocked=left)
                await self._keep(origin, before, after)
                view, told = dials.blocked(origin.language, origin.user_id, after, 0), ""
            case Action.BLOCK:
                self._sender.answer(tap.query_id)
                await self._ask(origin)
                return
            case Action.TASTE_RESET:
                newest = await self._storage.chat_picks(origin.chat_id, limit=1)
                after = replace(before, taste_after=newest[0].id if newest else 0)
                await self._keep(origin, before, after)
                view = await self._menu(origin)
                told = texts.say(origin.language, "taste-forgotten")
            case _:
                view, told = await self._menu(origin), ""
        self._sender.answer(tap.query_id, told)
        self._sender.edit(origin.chat_id, origin.message_id, view)
        if after != before:
            await self._follow(origin.chat_id)

    async def answered(self, said: WordsSaid, question: Question) -> bool:
        """Take the tags to block; False where the question is none of this menu's.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        if question.kind != BLOCK:
            return False
        origin = said.origin
        before = await preferences_of(self._storage, origin.chat_id)
        tags = [tag for word in _WORDS.split(said.text) for tag in _tag(word)]
        together = tuple(dict.fromkeys((*before.blocked, *tags)))
        fits, left = together[:BLOCKED_LIMIT], together[BLOCKED_LIMIT:]
        if not tags:
            await self._ask(origin)
        else:
            after = replace(before, blocked=fits)
            await self._keep(origin, before, after)
            if left:
                names = named(origin.language, left)
                full = texts.say(origin.language, "left-blocked", limit=BLOCKED_LIMIT, tags=names)
                await self._sender.reply(origin, full)
            view = dials.blocked(origin.language, origin.user_id, after, 10**6)
            await self._sender.send(origin, view)
            await self._follow(origin.chat_id)
        await self._storage.answered(question)
        return True

    async def _menu(self, origin: Origin) -> View:
        preferences = await preferences_of(self._storage, origin.chat_id)
        newest = await self._storage.chat_picks(origin.chat_id, limit=1)
        learned = bool(newest) and newest[0].id > preferences.taste_after
        return dials.menu(
            origin.language,
            origin.user_id,
            preferences,
            group=not origin.private,
            learned=learned,
        )

    async def _keep(self, origin: Origin, before: Preferences, after: Preferences) -> Origin:
        """Write settings down.

        Returns:
            The origin, in the language that was chosen now.
        """
        chat = origin.chat_id
        await self._storage.remember_chat(chat, kind=origin.kind, language=origin.client)
        await self._storage.set_settings(chat, after.to_json())
        if after.language != before.language:
            origin = replace(origin, language=after.language or origin.client)
            await self._storage.set_language(chat, origin.language)
        return origin

    async def _follow(self, chat_id: int) -> None:
        """Let the open photo follow the settings; the menu does not wait for that."""
        session = await self._storage.newest_open_session(chat_id, bot_id=self._bot_id)
        if session is not None:
            await self._panels.redraw(session.id)

    async def _ask(self, origin: Origin) -> None:
        """Ask which tags; in a group the person is mentioned, so that only they are asked."""
        text = escape(texts.say(origin.language, "blocked-ask"))
        if not origin.private:
            text = f'<a href="tg://user?id={origin.user_id}">👤</a> {text}'
        field = texts.say(origin.language, "blocked-field")
        await self._storage.remember_chat(origin.chat_id, kind=origin.kind, language=origin.client)
        message_id = await self._sender.send(origin, View(text, html=True, ask=field))
        await self._storage.ask(
            Question(self._bot_id, origin.chat_id, message_id, origin.user_id, BLOCK)
        )


def _tag(word: str) -> tuple[str, ...]:
    """The tags that a word is, with or without its sign."""
    return tuple(map(tag_of, read_word(word)))
