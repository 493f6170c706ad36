"""From a file id to what the engine sees: fetches the photo from Telegram and lets it look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from telegram import Bot, File
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.outbox import asked_pause
from bot.processor import waits
from engine import Heatmap, ImageEmbedding, Recommender

T = TypeVar("T")

_LOCAL_LIMIT = 50_000_000
_HEAVY = 3_000_000
_TRIES = 3
_LONGEST_PAUSE = 15.0


class FileTooLarge(Exception):
    """The file has more bytes than the bot can fetch.

    Attributes:
        limit: In megabytes.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} MB")
        self.limit = limit


class NotFetched(Exception):
    """Telegram did not hand out the file this time."""


class PhotoGone(Exception):
    """Telegram does not have the file any more."""


class Photos:
    """Fetches and looks; a few at a time, so that large files do not fill the memory.

    Args:
        bot: Fetches.
        recommender: Looks.
        local: The Bot API server keeps its files on this machine, without Telegram's limit.
    """

    def __init__(self, bot: Bot, recommender: Recommender, *, local: bool) -> None:
        self._bot = bot
        self._recommender = recommender
        self._limit = _LOCAL_LIMIT if local else int(FileSizeLimit.FILESIZE_DOWNLOAD)
        self._light = asyncio.Semaphore(16)
        self._heavy = asyncio.Semaphore(2)

    def check(self, size: int | None) -> None:
        """Refuse a file by its announced size.

        Raises:
            FileTooLarge: it has more bytes than can be fetched.
        """
        if size is not None and size > self._limit:
            raise FileTooLarge(self._limit // 1_000_000)

    async def look(self, file_id: str, chat_id: int) -> ImageEmbedding:
        """Fetch a photo and embed it, on behalf of a chat.

        Raises:
            FileTooLarge: as in `check`.
            NotFetched: it could not be fetched; later it may work.
            PhotoGone: it is not there any more.
            EngineError: see `engine.Recommender.look`.
        """

        def look(photo: bytes) -> Awaitable[ImageEmbedding]:
            return self._recommender.look(photo, caller=chat_id)

        return await self._fetched(file_id, look)

    async def explain(self, file_id: str, chat_id: int, prefix: Sequence[str], tag: str) -> Heatmap:
        """Fetch a photo and ask where in it a tag comes from, on behalf of a chat.

        Raises:
            FileTooLarge, NotFetched, PhotoGone: as in `look`.
            EngineError: see `engine.Recommender.explain`.
        """

        def explain(photo: bytes) -> Awaitable[Heatmap]:
            return self._recommender.explain(photo, prefix, tag, caller=chat_id)

        return await self._fetched(file_id, explain)

    async def _fetched(self, file_id: str, use: Callable[[bytes], Awaitable[T]]) -> T:
        """Fetch a photo and do something with it before the next one is fetched in its place."""
        waits()
        file, size = await self._find(file_id)
        self.check(size)
        places = self._heavy if size is None or size > _HEAVY else self._light
        async with places:
            return await use(await self._fetch(file))

    async def _find(self, file_id: str) -> tuple[File, int | None]:
        """Telegram's handle on a file, and its size."""
        for attempt in range(_TRIES):
            try:
                file = await self._bot.get_file(file_id)
                return file, file.file_size
            except BadRequest as error:
                if "too big" in error.message.lower():
                    raise FileTooLarge(self._limit // 1_000_000) from error
                raise PhotoGone(error.message) from error
            except (NetworkError, RetryAfter) as error:
                await _pause(error, attempt)
            except TelegramError as error:
                raise NotFetched(error.message) from error
        raise NotFetched("no answer")

    async def _fetch(self, file: File) -> bytes:
        """The bytes of a file."""
        for attempt in range(_TRIES):
            try:
                return bytes(await file.download_as_bytearray())
            except BadRequest as error:
                raise PhotoGone(error.message) from error
            except (NetworkError, RetryAfter) as error:
                await _pause(error, attempt)
            except TelegramError as error:
                raise NotFetched(error.message) from error
            except OSError as error:  # a Bot API server's file, read from the disk
                raise PhotoGone(str(error.strerror)) from error
        raise NotFetched("no answer")


async def _pause(error: NetworkError | RetryAfter, attempt: int) -> None:
    """Wait before the next try, if there is one, as long as Telegram asks for."""
    if attempt + 1 == _TRIES:
        return
    if isinstance(error, RetryAfter):
        await asyncio.sleep(min(asked_pause(error), _LONGEST_PAUSE))
    else:
        await asyncio.sleep(0.3 * 3**attempt)
