"""The door of the engine: what goes in, what comes out, and what can go wrong.

Nothing here imports torch, so the bot and the tests may import it freely.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

PREFIX_LIMIT = 30
"""Tags of a prefix that the model reads: beyond it only the last ones count."""


@dataclass(frozen=True)
class ImageEmbedding:
    """A photo as the encoder saw it: small, serialisable, tied to the encoder that made it.

    Attributes:
        encoder: Version of the encoder's weights.
        vector: The pooled features, float16 little-endian, shape ``(F,)``.
    """

    encoder: str
    vector: bytes

    def to_bytes(self) -> bytes:
        """Pack for storage; `from_bytes` reads it back."""
        return self.encoder.encode() + b"\0" + self.vector

    @classmethod
    def from_bytes(cls, data: bytes) -> ImageEmbedding:
        """Read what `to_bytes` wrote.

        Raises:
            EmbeddingMismatch: the bytes are not an embedding.
        """
        encoder, separator, vector = data.partition(b"\0")
        if not separator or len(vector) % 2:
            raise EmbeddingMismatch("these bytes are not an image embedding")
        return cls(encoder.decode(errors="replace"), vector)


@dataclass(frozen=True)
class Suggestion:
    """One hashtag, written without ``#`` in lower case, and its score in 0–1."""

    tag: str
    score: float


@dataclass(frozen=True)
class Suggestions:
    """Ranked suggestions, best first.

    Attributes:
        items: At most ``k`` of them, none of which is in the prefix or excluded.
        complete: Probability of END: how finished the caption looks, 0–1.
        relatives: For each prefix tag that the vocabulary lacks, the known tags that it
            steered through (an empty tuple where none came near).
    """

    items: tuple[Suggestion, ...]
    complete: float
    relatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Taste:
    """What a chat tends to pick (above 0) and to take out or pass over (below 0), by tag."""

    weights: Mapping[str, float] = field(default_factory=dict)


class EngineError(Exception):
    """Base of everything that the engine raises on purpose; its text is fit for people."""


class NotAnImage(EngineError):
    """The bytes are not a picture that can be decoded."""


class ImageTooLarge(NotAnImage):
    """The picture's header announces more pixels than the engine decodes."""


class EngineBusy(EngineError):
    """The queue is full: nothing was started.

    Attributes:
        retry_after: Seconds after which trying again makes sense.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"the engine is busy, try again in {retry_after:.0f} s")
        self.retry_after = retry_after


class EngineClosed(EngineError):
    """The engine is shutting down and takes no new work."""


class EmbeddingMismatch(EngineError):
    """The embedding was made by another encoder than the loaded one."""


class CheckpointError(EngineError):
    """A checkpoint is missing, broken, or does not fit the code, vocabulary or encoder."""


class Recommender(Protocol):
    """Photo and prefix in, ranked hashtags out. Safe to call from many tasks at once."""

    async def look(self, photo: bytes, *, caller: Hashable = None) -> ImageEmbedding:
        """Decode, queue, CNN: once a photo.

        Args:
            photo: Bytes of a picture file.
            caller: On whose behalf (a chat): callers take turns.

        Raises:
            NotAnImage: not a picture (`ImageTooLarge`: too many pixels to decode).
            EngineBusy: the queue is full.
            EngineClosed: the engine is shutting down.
        """
        ...

    async def suggest(
        self,
        image: ImageEmbedding | None,
        prefix: Sequence[str],
        *,
        k: int = 10,
        exclude: Collection[str] = (),
        taste: Taste | None = None,
        caller: Hashable = None,
    ) -> Suggestions:
        """LSTM over the prefix, joint embedding, ranking: once a tap.

        Args:
            image: None suggests from the words alone.
            prefix: Tags chosen so far, in order; ``#`` and case do not matter. Empty and
                repeated ones are dropped; beyond `PREFIX_LIMIT` the last ones count.
            exclude: Tags not to be suggested (passed over, blocked).
            taste: What the chat tends to pick and to pass over.
            caller: On whose behalf (a chat): callers take turns.

        Raises:
            EmbeddingMismatch: ``image`` is of another encoder: look at the photo again.
            EngineBusy: the queue is full.
            EngineClosed: the engine is shutting down.
        """
        ...

    async def close(self) -> None:
        """Refuse new work, finish what is queued within a deadline, free the device."""
        ...
