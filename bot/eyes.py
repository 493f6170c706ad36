"""The photos of a session as the engine saw them: each looked at once, and all of them as one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot import troubles
from bot.photos import Photos
from engine import EngineClosed, ImageEmbedding
from storage import Session, SessionPhoto, Storage

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Frame:
    """One photo of a session; the session's own is number 0."""

    position: int
    file_id: str
    embedding: bytes | None


@dataclass(frozen=True)
class Unseen:
    """Photos of a session that are not seen, beside others that are.

    Attributes:
        reason: Why; of several reasons the one that leaves most hope for another try.
        count: How many there are.
    """

    reason: Exception
    count: int = 1

    @property
    def final(self) -> bool:
        """Whether no further try with them can help."""
        return isinstance(self.reason, troubles.FINAL)


class Eyes:
    """Looks at photos, and keeps what was seen with their session."""

    def __init__(self, storage: Storage, photos: Photos) -> None:
        self._storage = storage
        self._photos = photos

    async def frames(self, session: Session) -> list[Frame]:
        """All photos of a session, in the order in which they came."""
        return frames_of(session, await self._storage.photos(session.id))

    async def look(self, session: Session) -> tuple[Session, Unseen | None]:
        """Look at the photos that have not been looked at.

        Returns:
            The session as it stands then, and which photos are not seen, as far as a person can be
            told why; None where there is nothing to tell. A photo that is gone or broken, or that
            the engine fails on, is left out beside others.

        Raises:
            NotAnImage, FileTooLarge, PhotoGone: no photo of the session can ever be seen.
            EngineBusy, EngineUnavailable, NotFetched: none can be seen now.
            EngineClosed: the engine is shutting down.
            Exception: none can be seen, and nobody foresaw why.
        """
        frames = await self.frames(session)
        new = [one for one in frames if one.embedding is None]
        session, errors = await self._look_at(session, new)
        if errors and len(errors) == len(frames):
            raise _mildest(errors)
        _note(errors)
        known = [one for one in errors if isinstance(one, troubles.FORESEEN)]
        return session, Unseen(_mildest(known), len(known)) if known else None

    async def look_again(self, session: Session) -> ImageEmbedding | None:
        """Look at all photos anew: the weights are others than those that saw them.

        Returns:
            All photos as one; None where none is there any more.

        Raises:
            EngineBusy, EngineUnavailable, NotFetched: none can be seen now.
            EngineClosed: the engine is shutting down.
            Exception: none can be seen, and nobody foresaw why.
        """
        frames = await self.frames(session)
        session, errors = await self._look_at(session, frames)
        if len(errors) == len(frames):
            trouble = _mildest(errors)
            if not isinstance(trouble, troubles.FINAL):
                raise trouble
        _note(errors)
        return blend(await self.frames(session))

    async def _look_at(
        self, session: Session, frames: Sequence[Frame]
    ) -> tuple[Session, list[Exception]]:
        """Look at photos at the same time, and keep what each shows.

        Returns:
            The session as it stands then, and what went wrong.
        """
        looks = (self._photos.look(one.file_id, session.chat_id) for one in frames)
        seen = await asyncio.gather(*looks, return_exceptions=True)
        errors: list[Exception] = []
        for frame, image in zip(frames, seen, strict=True):
            if isinstance(image, ImageEmbedding):
                session = await self._keep(session, frame, image.to_bytes())
                continue
            if isinstance(image, EngineClosed) or not isinstance(image, Exception):
                raise image
            if frame.embedding is not None:
                session = await self._keep(session, frame, None)
            errors.append(image)
        return session, errors

    async def _keep(self, session: Session, frame: Frame, embedding: bytes | None) -> Session:
        if frame.position == 0:
            return await self._storage.update_session(session.id, embedding=embedding)
        await self._storage.set_photo_embedding(session.id, frame.position, embedding)
        return session


def _note(errors: Sequence[Exception]) -> None:
    """Write down what nobody foresaw, where other photos are shown without it."""
    for error in errors:
        if not isinstance(error, troubles.FORESEEN):
            _LOG.error("one of several photos cannot be looked at", exc_info=error)


def _mildest(errors: Sequence[Exception]) -> Exception:
    """What to say of photos of which none can be seen: what leaves most hope for another try."""

    def despair(error: Exception) -> int:
        return 0 if isinstance(error, troubles.PASSING) else 1 + isinstance(error, troubles.FINAL)

    return min(errors, key=despair)


def frames_of(session: Session, further: Sequence[SessionPhoto]) -> list[Frame]:
    """All photos of a session, in the order in which they came."""
    return [
        Frame(0, session.photo_file_id, session.embedding),
        *(Frame(one.position, one.file_id, one.embedding) for one in further),
    ]


def blend(frames: Sequence[Frame]) -> ImageEmbedding | None:
    """All photos as one; None where none has been looked at yet.

    Raises:
        EmbeddingMismatch: the weights have changed between two of them.
    """
    seen = [ImageEmbedding.from_bytes(one.embedding) for one in frames if one.embedding]
    return ImageEmbedding.mean(seen) if seen else None
