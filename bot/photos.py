"""From a file id to what the engine sees: fetches the photo from Telegram and lets it look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from telegram import Bot, File
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.budget import Budget
from bot.outbox import asked_pause
from bot.processor import waits
from engine import Heatmap, ImageEmbedding, Recommender

T = TypeVar("T")

_LOCAL_LIMIT = 50_000_000
_HEAVY = 3_000_000
_AT_ONCE = 64  # a quarter of the connections to Telegram: answers need the others

# Bytes that may be in memory at a time, while they are fetched and until the engine has looked:
# 192 MB in all. A light photo, of 3 MB at most, counts as half a MB at least, so that up to 256 of
# them are let through: more than an engine takes in. Of the heavy ones these are three of 20 MB, or
# one that a Bot API server of one's own hands out. Light ones do not wait behind heavy ones.
_LIGHT_BYTES, _LEAST = 128_000_000, 500_000
_HEAVY_BYTES = 64_000_000
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
    """Fetches and looks; so much at a time that large files do not fill the memory.

    Args:
        bot: Fetches.
        recommender: Looks.
        local: The Bot API server keeps its files on this machine, without Telegram's limit.
    """

    def __init__(self, bot: Bot, recommender: Recommender, *, local: bool) -> None:
        self._bot = bot
        self._recommender = recommender
        self._limit = _LOCAL_LIMIT if local else int(FileSizeLimit.FILESIZE_DOWNLOAD)
        self._requests = asyncio.Semaphore(_AT_ONCE)
        self._light = Budget(_LIGHT_BYTES, _LEAST)
        self._heavy = Budget(_HEAVY_BYTES, _LEAST)

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
            EngineError: see `engine.Recommender.look`; where the engine is full already, the photo
                is not fetched.
        """

        def look(photo: bytes) -> Awaitable[ImageEmbedding]:
            return self._recommender.look(photo, caller=chat_id)

        return await self._fetched(file_id, look, partial(self._recommender.expect, caller=chat_id))

    async def explain(self, file_id: str, chat_id: int, prefix: Sequence[str], tag: str) -> Heatmap:
        """Fetch a photo and ask where in it a tag comes from, on behalf of a chat.

        Raises:
            FileTooLarge, NotFetched, PhotoGone: as in `look`.
            EngineError: see `engine.Recommender.explain`.
        """

        def explain(photo: bytes) -> Awaitable[Heatmap]:
            return self._recommender.explain(photo, prefix, tag, caller=chat_id)

        return await self._fetched(file_id, explain)

    async def _fetched(
        self,
        file_id: str,
        use: Callable[[bytes], Awaitable[T]],
        expect: Callable[[], None] = lambda: None,
    ) -> T:
        """Fetch a photo and do something with it before another one takes its bytes.

        Args:
            file_id: Of the photo.
            use: What to do with it.
            expect: Raises where that would be in vain now.
        """
        waits()
        async with self._requests:
            expect()
            file, size = await self._find(file_id)
        self.check(size)
        size = self._limit if size is None else size
        budget = self._heavy if size > _HEAVY else self._light
        async with budget.share(size):
            async with self._requests:
                expect()
                photo = await self._fetch(file)
            return await use(photo)

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
