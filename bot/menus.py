"""The menus of what a chat remembers: which command, button or answer goes to which of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot import texts
from bot.callbacks import MENUS, SETTINGS, Action, unpack
from bot.carry import NEXT, Carry
from bot.events import ButtonTapped, CommandGiven, WordsSaid
from bot.panels import RECENT
from bot.privacy import Privacy
from bot.recall import Recall
from bot.search import Search
from bot.sender import Sender
from bot.shelf import TagSets
from bot.tuning import BLOCK, Tuning
from bot.written import read
from storage import ANSWERED, Question, Session, Storage


class Menus:
    """One door for `bot.conversation`: each method says whether the event was for a menu."""

    def __init__(
        self,
        bot_id: int,
        storage: Storage,
        recall: Recall,
        sets: TagSets,
        carry: Carry,
        privacy: Privacy,
        tuning: Tuning,
        search: Search,
        sender: Sender,
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._recall = recall
        self._sets = sets
        self._carry = carry
        self._privacy = privacy
        self._tuning = tuning
        self._search = search
        self._sender = sender

    async def commanded(self, command: CommandGiven) -> bool:
        """Open a menu.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        origin = command.origin
        match command.name:
            case "settings":
                await self._tuning.open(origin)
            case "history":
                await self._recall.open(origin)
            case "sets":
                await self._sets.open(command)
            case "privacy":
                await self._privacy.explain(origin)
            case "export":
                await self._privacy.export(origin)
            case "forget":
                await self._privacy.ask(origin)
            case _:
                return False
        return True

    async def tapped(self, tap: ButtonTapped) -> bool:
        """Do what a menu's button says.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        press = unpack(tap.data)
        if press is None or press.action not in MENUS:
            return False
        if press.argument != str(tap.origin.user_id):
            self._sender.answer(tap.query_id, texts.say(tap.origin.language, "menu-not-yours"))
            return True
        match press.action:
            case Action.PAST:
                await self._recall.turn(tap, press)
            case Action.PAST_SEND:
                await self._recall.send(tap, press)
            case Action.PAST_USE:
                await self._recall.use(tap, press)
            case Action.NEXT_NOT:
                await self._carry.never_mind(tap)
            case _ if press.action in SETTINGS:
                await self._tuning.tapped(tap, press)
            case Action.FORGET:
                await self._privacy.forget(tap)
            case Action.FORGET_NOT:
                await self._privacy.keep(tap)
            case _:
                await self._sets.tapped(tap, press)
        return True

    async def said(self, said: WordsSaid) -> bool:
        """Take the answer to a question of ours.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        origin, replied = said.origin, said.reply_to
        if replied is None:
            question = await self._unreplied(said)
        else:
            question = await self._storage.question(
                self._bot_id, origin.chat_id, replied, origin.user_id
            )
        if question is None:
            return False
        if question.kind == ANSWERED:
            if replied is not None and not said.edition:
                await self._sender.reply(origin, texts.say(origin.language, "menu-answered"))
            return True
        for menu in (self._tuning, self._search, self._sets):
            if await menu.answered(said, question):
                if replied is None:
                    await self._storage.answered_before(question)
                return True
        return False

    async def _unreplied(self, said: WordsSaid) -> Question | None:
        """The question that words answer without a reply: in a private chat the newest one, as
        long as it waits and no photo has been in hand since.

        It is kept as the question of that message, so that neither an edit of it nor its being
        handled once more is taken for something else. Hashtags are for a photo, unless they are
        what was asked for.
        """
        origin = said.origin
        if not origin.private:
            return None
        place = self._bot_id, origin.chat_id
        known = await self._storage.question(*place, origin.message_id, origin.user_id)
        if known is not None or said.edition or said.inline:
            return known
        since = datetime.now(UTC) - RECENT
        waits = await self._storage.waiting_question(*place, origin.user_id, since, but=NEXT)
        if waits is None or (read(said.text).tags and waits.kind != BLOCK):
            return None
        question = replace(waits, message_id=origin.message_id)
        await self._storage.ask(question)
        return question

    async def begun(self, session: Session) -> None:
        """Give a new photo what an old caption or a set promised to the next one."""
        await self._carry.begun(session)
