"""The one table from what can go wrong to the sentence that a person reads."""

from __future__ import annotations

from math import ceil

from bot import texts
from bot.photos import FileTooLarge, NotFetched, PhotoGone
from engine import EngineBusy, EngineClosed, ImageTooLarge, NotAnImage

FINAL = (NotAnImage, FileTooLarge, PhotoGone)
"""No further try with the same photo can help."""

PASSING = (EngineBusy, NotFetched)
"""Later it may work."""


def sentence(error: Exception) -> str:
    """What to tell a person about an error."""
    match error:
        case ImageTooLarge():
            return texts.TOO_MANY_PIXELS
        case NotAnImage():
            return texts.NOT_AN_IMAGE
        case FileTooLarge():
            return texts.FILE_TOO_LARGE.format(limit=error.limit)
        case PhotoGone():
            return texts.PHOTO_GONE
        case EngineBusy():
            return texts.BUSY.format(seconds=max(1, ceil(error.retry_after)))
        case NotFetched():
            return texts.NOT_FETCHED
        case EngineClosed():
            return texts.STOPPING
        case _:
            return texts.SORRY
