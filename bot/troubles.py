"""The one table from what can go wrong to the sentence that a person reads."""

from __future__ import annotations

from math import ceil

from bot import texts
from bot.photos import FileTooLarge, NotFetched, PhotoGone
from engine import EngineBusy, EngineClosed, EngineUnavailable, ImageTooLarge, NotAnImage

FINAL = (NotAnImage, FileTooLarge, PhotoGone)
"""No further try with the same photo can help."""

PASSING = (EngineBusy, EngineUnavailable, NotFetched)
"""Later it may work."""

FORESEEN = (*FINAL, *PASSING)
"""A person can be told why."""


def sentence(error: Exception, language: str | None) -> str:
    """What to tell a person about an error, in their language."""
    match error:
        case ImageTooLarge():
            return texts.say(language, "too-many-pixels")
        case NotAnImage():
            return texts.say(language, "not-an-image")
        case FileTooLarge():
            return texts.say(language, "file-too-large", limit=error.limit)
        case PhotoGone():
            return texts.say(language, "photo-gone")
        case EngineBusy():
            return texts.say(language, "busy", seconds=max(1, ceil(error.retry_after)))
        case EngineUnavailable():
            return texts.say(language, "engine-away")
        case NotFetched():
            return texts.say(language, "not-fetched")
        case EngineClosed():
            return texts.say(language, "stopping")
        case _:
            return texts.say(language, "sorry")
