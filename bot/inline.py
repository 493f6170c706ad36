"""Inline mode: ``@bot beach sunset`` in any chat suggests tags for words alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent

from bot import caption, texts, troubles
from bot.events import InlineAsked
from bot.preferences import preferences_of
from bot.sender import Sender
from bot.written import once, read_word
from engine import Recommender
from storage import Storage

_WORD = re.compile(r"[#＃]?[^\s,;#＃]+")
_RESULTS = 20
_TOGETHER = 5
_KEPT_S = 300


class Inline:
    """Answers inline queries."""

    def __init__(self, storage: Storage, recommender: Recommender, sender: Sender) -> None:
        self._storage = storage
        self._recommender = recommender
        self._sender = sender

    async def asked(self, asked: InlineAsked) -> None:
        """Suggest tags that go with words; none while the engine is busy or away.

        Raises:
            EngineClosed: the engine is shutting down.
        """
        tags = words(asked.text)
        liked = await preferences_of(self._storage, asked.user_id)
        language = liked.language or asked.language
        suggested: tuple[str, ...] = ()
        kept = _KEPT_S
        try:
            answer = await self._recommender.suggest(
                None, tags, k=_RESULTS, exclude=liked.blocked, caller=asked.user_id
            )
            suggested = tuple(one.tag for one in answer.items)
        except troubles.PASSING:
            kept = 0
        self._sender.suggest(
            asked.query_id,
            results(language, tags, suggested),
            InlineQueryResultsButton(texts.say(language, "inline-photo"), start_parameter="photo"),
            cache_time=kept,
        )


def words(text: str) -> tuple[str, ...]:
    """The tags that somebody writes, each a word, with or without its sign."""
    return once(tag for one in _WORD.findall(text) for tag in read_word(one))


def results(
    language: str | None, tags: Sequence[str], suggested: Sequence[str]
) -> list[InlineQueryResultArticle]:
    """What can be sent: the words with the best suggestions, or with any one of them. Pure."""
    if not suggested:
        return []
    together = caption.compose("", (*tags, *suggested[:_TOGETHER]))
    found = [_result("all", texts.say(language, "inline-all"), together)]
    found += [
        _result(str(number), f"#{tag}", caption.compose("", (*tags, tag)))
        for number, tag in enumerate(suggested)
    ]
    return found


def _result(name: str, title: str, text: str) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(name, title, InputTextMessageContent(text), description=text)
