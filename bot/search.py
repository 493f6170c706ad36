"""Search by letters: the bot asks, a reply names some, hashtags that have them are offered."""

from __future__ import annotations

from html import escape

from bot import keyboard, texts
from bot.caption import clip
from bot.events import Origin, WordsSaid
from bot.sender import Sender, View
from bot.written import read_word
from engine import Recommender, hashtags_in
from storage import Question, Session, Storage
from storage.steps import tag_of

FOUND = 12
"""Hashtags of one answer."""

_SEARCH = "search"
_LETTERS = 60


class Search:
    """Searches for hashtags on behalf of a photo."""

    def __init__(
        self, bot_id: int, storage: Storage, recommender: Recommender, sender: Sender
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._recommender = recommender
        self._sender = sender

    async def ask(self, session: Session, origin: Origin) -> None:
        """Ask a person for letters; in a group they are mentioned, so that only they are asked.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        text = escape(texts.say(origin.language, "search-ask"))
        if not origin.private:
            text = f'<a href="tg://user?id={origin.user_id}">👤</a> {text}'
        field = texts.say(origin.language, "search-field")
        message_id = await self._sender.send(origin, View(text, html=True, ask=field))
        await self._storage.ask(
            Question(
                self._bot_id, origin.chat_id, message_id, origin.user_id, _SEARCH, str(session.id)
            )
        )

    async def answered(self, said: WordsSaid, question: Question) -> bool:
        """Offer what was found; False where the question is none of ours.

        Raises:
            ChatGone: the chat cannot be written to.
        """
        if question.kind != _SEARCH:
            return False
        origin, session_id = said.origin, int(question.argument)
        typed = "".join(said.text.split())
        own = read_word(typed)
        if not own:
            await self._sender.reply(origin, texts.say(origin.language, "search-letters"))
            return True  # it may be answered again
        name = tag_of(own[0])
        tags = self._recommender.find(name, FOUND)
        theirs = hashtags_in(texts.spoken(origin.language)).values()
        mine = own[:1] if not tags or name in {*tags, *map(tag_of, theirs)} else ()
        others = (tag for tag in tags if not mine or tag != name)
        buttons = keyboard.found(session_id, (*mine, *others))
        which = "search-found" if tags else "search-none"
        if not buttons.inline_keyboard:
            which = "search-none-long"  # no button can carry it
        letters = typed.lstrip("#＃")
        letters = letters if tag_of(letters) == name else own[0]
        told = texts.say(origin.language, which, letters=clip(letters, _LETTERS))
        view = View(told, buttons)
        await self._sender.send(origin, view)
        await self._storage.answered(question)
        return True
