"""``/sets``: tags saved under a name, to be used for other photos."""

from __future__ import annotations

from html import escape

from bot import caption, pages, texts
from bot.callbacks import Action, Press
from bot.carry import Carry, load_of_set
from bot.events import ButtonTapped, CommandGiven, Origin, WordsSaid
from bot.history import fold
from bot.sender import Sender, View
from storage import NameTaken, Question, Session, Storage, TagSet

NAME_LENGTH = 40
SETS_LIMIT = 100

_SAVE = "save"
_RENAME = "rename"


class TagSets:
    """The menu of saved tag sets."""

    def __init__(self, bot_id: int, storage: Storage, carry: Carry, sender: Sender) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._carry = carry
        self._sender = sender

    async def open(self, command: CommandGiven) -> None:
        """Show the sets; as a reply to a photo or caption, its tags are what can be saved.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        origin = command.origin
        view = await self._list(origin, 0, await self._meant(origin, command.reply_to))
        await self._sender.send(origin, view)

    async def tapped(self, tap: ButtonTapped, press: Press) -> None:
        """Do what a button of the menu says.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        match press.action:
            case Action.SETS:
                self._sender.answer(tap.query_id)
                await self._show_list(tap.origin, press.session_id)
            case Action.SET_SAVE:
                await self._ask_name(tap, press.session_id)
            case _:
                await self._one(tap, press)

    async def _one(self, tap: ButtonTapped, press: Press) -> None:
        """What is done with one set; where it is gone, the others are shown."""
        origin = tap.origin
        one = await self._storage.tag_set(origin.chat_id, press.session_id)
        if one is None:
            self._sender.answer(tap.query_id, texts.say(origin.language, "sets-gone"))
            await self._show_list(origin, 0)
            return
        match press.action:
            case Action.SET_USE:
                await self._carry.over(tap, load_of_set(one.id, one.tags))
                return
            case Action.SET_RENAME:
                self._sender.answer(tap.query_id)
                await self._ask(origin, "sets-ask-rename", _RENAME, one.id, name=one.name)
                return
        self._sender.answer(tap.query_id)
        match press.action:
            case Action.SET_DELETE:
                view = pages.delete_set(origin.language, origin.user_id, one)
            case Action.SET_GONE:
                await self._storage.delete_set(origin.chat_id, one.id)
                note = texts.say(origin.language, "sets-deleted", name=one.name)
                view = await self._list(origin, 0, await self._meant(origin, None), note)
            case _:
                view = pages.tag_set(origin.language, origin.user_id, one)
        self._sender.edit(origin.chat_id, origin.message_id, view)

    async def answered(self, said: WordsSaid, question: Question) -> bool:
        """Take a reply to one of this menu's questions; False where it is none of them.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        if question.kind not in (_SAVE, _RENAME):
            return False
        origin, name = said.origin, _name(said.text)
        if not name or caption.length(name) > NAME_LENGTH:
            key = "sets-ask-rename" if question.kind == _RENAME else "sets-ask-name"
            note = texts.say(origin.language, "sets-name-too-long", limit=NAME_LENGTH)
            number = int(question.argument)
            renamed = question.kind == _RENAME
            one = await self._storage.tag_set(origin.chat_id, number) if renamed else None
            await self._ask(origin, key, question.kind, number, note, name=one.name if one else "…")
        elif question.kind == _RENAME:
            if not await self._rename(origin, int(question.argument), name):
                return True
        else:
            await self._save(origin, int(question.argument), name)
        await self._storage.answered(question)
        return True

    async def _save(self, origin: Origin, session_id: int, name: str) -> None:
        found = await self._storage.session_and_picks(session_id)
        tags = fold(found[1]).written if found and found[0].chat_id == origin.chat_id else ()
        if not tags:
            await self._sender.reply(origin, texts.say(origin.language, "sets-nothing"))
            return
        saved = await self._storage.sets(origin.chat_id)
        replaced = any(one.name == name for one in saved)
        if len(saved) >= SETS_LIMIT and not replaced:
            await self._sender.reply(
                origin, texts.say(origin.language, "sets-full", limit=SETS_LIMIT)
            )
            return
        one = await self._storage.save_set(origin.chat_id, name, tags)
        await self._send_set(origin, one, "sets-replaced" if replaced else "sets-saved")

    async def _rename(self, origin: Origin, set_id: int, name: str) -> bool:
        """Whether that is settled: a name that is taken may be answered again."""
        try:
            one = await self._storage.rename_set(origin.chat_id, set_id, name)
        except NameTaken:
            await self._sender.reply(
                origin, texts.say(origin.language, "sets-name-taken", name=name)
            )
            return False
        if one is None:
            await self._sender.reply(origin, texts.say(origin.language, "sets-gone"))
        else:
            await self._send_set(origin, one, "sets-renamed")
        return True

    async def _send_set(self, origin: Origin, one: TagSet, note: str) -> None:
        told = texts.say(origin.language, note, name=one.name)
        view = pages.tag_set(origin.language, origin.user_id, one, note=told)
        await self._sender.send(origin, view)

    async def _ask_name(self, tap: ButtonTapped, session_id: int) -> None:
        origin = tap.origin
        found = await self._storage.session_and_picks(session_id)
        own = found is not None and self._may_save(found[0], origin)
        if not own or found is None or not fold(found[1]).chosen:
            self._sender.answer(tap.query_id, texts.say(origin.language, "sets-nothing"))
            return
        self._sender.answer(tap.query_id)
        tags = pages.hashtags(fold(found[1]).written, 1_000)
        await self._ask(origin, "sets-ask-name", _SAVE, session_id, tags)

    async def _ask(
        self, origin: Origin, key: str, kind: str, number: int, note: str = "", **values: str
    ) -> None:
        """Ask for a name; in a group the person is mentioned, so that only they are asked."""
        text = escape("\n\n".join(filter(None, (note, texts.say(origin.language, key, **values)))))
        if not origin.private:
            text = f'<a href="tg://user?id={origin.user_id}">👤</a> {text}'
        field = texts.say(origin.language, "sets-field")
        message_id = await self._sender.send(origin, View(text, html=True, ask=field))
        await self._storage.ask(
            Question(self._bot_id, origin.chat_id, message_id, origin.user_id, kind, str(number))
        )

    async def _show_list(self, origin: Origin, page: int) -> None:
        view = await self._list(origin, page, await self._meant(origin, None))
        self._sender.edit(origin.chat_id, origin.message_id, view)

    async def _list(
        self, origin: Origin, page: int, session_id: int | None, note: str = ""
    ) -> View:
        saved = await self._storage.sets(origin.chat_id)
        return pages.sets(origin.language, origin.user_id, saved, page, session_id, note)

    async def _meant(self, origin: Origin, reply_to: int | None) -> int | None:
        """The session whose tags could be saved: the one replied to, else the open one, else
        the newest finished one."""
        chat, user, bot = origin.chat_id, origin.user_id, self._bot_id
        if reply_to is not None:
            session = await self._storage.session_of_message(chat, reply_to, bot)
            if session is not None and self._may_save(session, origin):
                return session.id
        session = await self._storage.newest_open_session(chat, user, bot)
        if session is not None and fold(await self._storage.picks(session.id)).chosen:
            return session.id
        return await self._storage.last_caption(bot, chat, user)

    def _may_save(self, session: Session, origin: Origin) -> bool:
        place = self._bot_id, origin.chat_id, origin.user_id
        return (session.bot_id, session.chat_id, session.owner_id) == place


def _name(text: str) -> str:
    """What a person wrote, as a name: one line, no sign of a hashtag before it."""
    return " ".join(text.split()).lstrip("#＃").strip()
