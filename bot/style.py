"""How one chat wants its captions: its settings, made ready for what is shown.

Between `bot.preferences` (what was chosen) and `bot.views` (what is drawn).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot import texts
from bot.caption import TAGS_LIMIT, compose
from bot.platforms import Platform
from bot.preferences import Order, Preferences
from bot.spelling import also
from storage import Session


class Orders(Protocol):
    """Knows which hashtags are broad: a part of the engine's door."""

    def broad_first(self, tags: Sequence[str]) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Style:
    """The settings of a chat, and what follows from them for one caption.

    Attributes:
        language: Of the texts and of the tags that are added.
    """

    language: str | None
    preferences: Preferences
    orders: Orders

    @property
    def platform(self) -> Platform | None:
        """Where the caption is posted."""
        return self.preferences.where

    @property
    def limit(self) -> int:
        """Hashtags that may be chosen."""
        tags = self.platform.tags if self.platform else None
        return TAGS_LIMIT if tags is None else min(tags, TAGS_LIMIT)

    def caption(self, words: str, chosen: Sequence[str]) -> str:
        """The caption as it is posted."""
        return compose(words, self._posted(words, chosen), self.preferences.layout)

    def _posted(self, words: str, chosen: Sequence[str]) -> tuple[str, ...]:
        """The tags of the caption: those that were chosen, and what is added to them."""
        tags = tuple(chosen)
        if self.preferences.order is Order.BROAD:
            tags = self.orders.broad_first(tags)
        if not self.preferences.local_tags:
            return tags
        room = max(0, min(self.limit - len(tags), len(tags)))
        while True:  # what is added gives way to what was chosen
            both = also(tags, texts.spoken(self.language), room)
            whole = compose(words, both, self.preferences.layout)
            if not room or self.platform is None or not self.platform.excess(whole):
                return tuple(both)
            room -= 1

    def use(self, words: str, chosen: Sequence[str]) -> tuple[str, ...]:
        """What a platform has to say about a caption: how much of it is used, what is too much."""
        said = (self._count(words, chosen), self.too_many(chosen), self.overlong(words, chosen))
        return tuple(filter(None, said))

    def _count(self, words: str, chosen: Sequence[str]) -> str:
        """``3 of 5 hashtags``; empty without a platform."""
        platform = self.platform
        if platform is None:
            return ""
        if platform.tags is not None:
            used, limit, kind = len(self._posted(words, chosen)), self.limit, "count-tags"
        else:
            used, limit = platform.length(self.caption(words, chosen)), platform.characters
            kind = "count-characters"
        return texts.say(self.language, kind, used=used, limit=limit, platform=platform.name)

    def too_many(self, chosen: Sequence[str]) -> str:
        """That so many tags do not fit; empty where they do."""
        return self.full() if len(chosen) > self.limit else ""

    def full(self) -> str:
        """That no further tag fits."""
        platform = self.platform
        if platform is None or platform.tags is None:
            return texts.say(self.language, "too-many-tags", limit=self.limit)
        return texts.say(self.language, "full-tags", limit=self.limit, platform=platform.name)

    def excess(self, words: str, chosen: Sequence[str]) -> int:
        """Characters of a caption that its platform does not take any more.

        What is added to the chosen tags does not count: it gives way.
        """
        whole = compose(words, chosen, self.preferences.layout)
        return self.platform.excess(whole) if self.platform else 0

    def overlong(self, words: str, chosen: Sequence[str]) -> str:
        """How far a caption outgrows its platform; empty where it fits."""
        return self._outgrown("full-characters", words, chosen)

    def too_wordy(self, words: str) -> str:
        """How far words outgrow the platform without any hashtag; empty where they fit."""
        return self._outgrown("text-too-long", words, ())

    def _outgrown(self, message_id: str, words: str, chosen: Sequence[str]) -> str:
        platform, excess = self.platform, self.excess(words, chosen)
        if platform is None or not excess:
            return ""
        return texts.say(
            self.language,
            message_id,
            limit=platform.characters,
            excess=excess,
            platform=platform.name,
        )


def style_of(orders: Orders, session: Session, settings: str) -> Style:
    """How the chat of a session wants its caption, by the settings that are kept of it."""
    preferences = Preferences.read(settings)
    return Style(preferences.language or session.language, preferences, orders)
