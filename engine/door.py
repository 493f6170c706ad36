"""The door of the engine: what goes in, what comes out, and what can go wrong.

Nothing here imports torch, so the bot and the tests may import it freely.
"""

from __future__ import annotations

import struct
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

    @classmethod
    def mean(cls, images: Sequence[ImageEmbedding]) -> ImageEmbedding:
        """Several photos as one: the mean of what the encoder saw in each.

        Args:
            images: One or more.

        Raises:
            EmbeddingMismatch: they were made by different encoders.
        """
        first, *others = images
        if not others:
            return first
        if any(
            (one.encoder, len(one.vector)) != (first.encoder, len(first.vector)) for one in others
        ):
            raise EmbeddingMismatch("these photos were seen by different encoders")
        floats = f"<{len(first.vector) // 2}e"
        columns = zip(*(struct.unpack(floats, one.vector) for one in images), strict=True)
        means = (sum(column) / len(images) for column in columns)
        return cls(first.encoder, struct.pack(floats, *means))


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
    """What a chat likes.

    Attributes:
        weights: What it tends to pick (above 0) and to take out or pass over (below 0), by tag.
        specific: Common tags first (−1), specific ones first (1), or as usual (0).
        promotional: Whether tags that only ask for followers may be shown.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    specific: float = 0.0
    promotional: bool = False


@dataclass(frozen=True)
class Parts:
    """The terms that a logit is exactly the sum of.

    Attributes:
        cells: What each spot of the photo adds, row by row from the top; an average photo
            would add nothing.
        prefix: What the prefix adds through the joint embedding.
        tags: What the prefix adds beside it, by which tags are used together.
        bias: What is there whatever the photo; it varies with the prefix.
    """

    cells: tuple[float, ...]
    prefix: float
    tags: float
    bias: float

    @property
    def from_photo(self) -> float:
        """All spots together."""
        return sum(self.cells)

    @property
    def from_tags(self) -> float:
        """What the chosen tags add, in both ways."""
        return self.prefix + self.tags

    @property
    def logit(self) -> float:
        """The sum."""
        return self.from_photo + self.from_tags + self.bias

    def __sub__(self, other: Parts) -> Parts:
        return Parts(
            tuple(one - less for one, less in zip(self.cells, other.cells, strict=True)),
            self.prefix - other.prefix,
            self.tags - other.tags,
            self.bias - other.bias,
        )


@dataclass(frozen=True)
class Heatmap:
    """Where in a photo a tag comes from, after a prefix.

    Attributes:
        tag: The one that is explained.
        prefix: Tags that it is suggested after, as the model reads them; never ``tag`` itself.
        rows: Height of the grid of spots that the encoder divides its view into.
        columns: Width of that grid.
        parts: The tag's logit, split.
        usual: The mean logit of all tags, split. What a spot adds to every tag alike changes
            no suggestion: people are shown `lift`.
        crop: The encoder's view: left, top, right and bottom as fractions of the upright photo.
        photo: The upright photo, small, as JPEG: what the map is laid over.
        earlier: The maps before any tag was chosen and after each but the last; without
            photos and earlier maps of their own.
    """

    tag: str
    prefix: tuple[str, ...]
    rows: int
    columns: int
    parts: Parts
    usual: Parts
    crop: tuple[float, float, float, float]
    photo: bytes = field(default=b"", repr=False)
    earlier: tuple[Heatmap, ...] = field(default=(), repr=False)

    @property
    def logit(self) -> float:
        """The tag's score before the softmax, which its parts sum to."""
        return self.parts.logit

    @property
    def lift(self) -> Parts:
        """What speaks for this tag more than for an average one."""
        return self.parts - self.usual


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


class EngineUnavailable(EngineError):
    """The engine runs elsewhere, and cannot be reached there or does not answer."""


class EmbeddingMismatch(EngineError):
    """The embedding was made by another encoder than the loaded one."""


class UnknownTag(EngineError):
    """The vocabulary lacks the tag, so that nothing can say where it comes from."""


class NoHeatmap(EngineError):
    """The tag never comes from a photo, or the encoder does not tell one spot from another."""


class CheckpointError(EngineError):
    """A checkpoint is missing, broken, or does not fit the code, vocabulary or encoder."""


class NoRuntime(EngineError):
    """What the encoder was to run in is not installed, or does not run this encoder."""


class Observer(Protocol):
    """Who is told what the engine does, for metrics: on the event loop, so it must not block."""

    def waiting(self, lane: str, number: int) -> None:
        """So many items wait in a lane now."""
        ...

    def waited(self, lane: str, seconds: float) -> None:
        """An item left a lane for work after so long."""
        ...

    def worked(self, step: str, items: int, seconds: float) -> None:
        """A step (``decode``, ``cnn``, ``lstm``, ``heatmap``) was done on so many items at once."""
        ...

    def refused(self, lane: str) -> None:
        """An item was answered with `EngineBusy`."""
        ...


class Unobserved:
    """Nobody wants to know."""

    def waiting(self, lane: str, number: int) -> None:
        """Nothing."""

    def waited(self, lane: str, seconds: float) -> None:
        """Nothing."""

    def worked(self, step: str, items: int, seconds: float) -> None:
        """Nothing."""

    def refused(self, lane: str) -> None:
        """Nothing."""


class Wording(Protocol):
    """What stands on the picture of a heat map, in somebody's language."""

    def __call__(self, name: str, *, tag: str, value: str) -> str:
        """A piece of its lettering.

        Args:
            name: ``heading``; ``photo``, ``before`` and ``after`` label the panels; ``from-photo``
                and ``from-tags`` say how much comes from where; ``against`` and ``for`` stand
                beside the colours.
            tag: With its ``#``, for ``heading`` and ``after``.
            value: With its sign, for ``from-photo`` and ``from-tags``.
        """
        ...


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

    def expect(self, *, caller: Hashable = None) -> None:
        """Say whether a photo that still has to be fetched could be looked at: costs nothing.

        Args:
            caller: On whose behalf (a chat).

        Raises:
            EngineBusy: it would be refused now.
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
            taste: What the chat likes.
            caller: On whose behalf (a chat): callers take turns.

        Raises:
            EmbeddingMismatch: ``image`` is of another encoder: look at the photo again.
            EngineBusy: the queue is full.
            EngineClosed: the engine is shutting down.
        """
        ...

    async def explain(
        self, photo: bytes, prefix: Sequence[str], tag: str, *, caller: Hashable = None
    ) -> Heatmap:
        """Where in the photo a tag comes from after this prefix, and what the tags add to it.

        Args:
            photo: Bytes of a picture file.
            prefix: Tags chosen so far, read as `suggest` does; ``tag`` is left out of it.
            tag: One that the model may suggest.
            caller: On whose behalf (a chat): callers take turns.

        Raises:
            UnknownTag: the vocabulary lacks the tag.
            NoHeatmap: there is none of this tag, or with this encoder.
            NotAnImage: not a picture (`ImageTooLarge`: too many pixels to decode).
            EngineBusy: the queue is full.
            EngineClosed: the engine is shutting down.
        """
        ...

    def find(self, letters: str, k: int) -> tuple[str, ...]:
        """Tags that may be suggested and begin with some letters, then those that hold them."""
        ...

    def broad_first(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Tags from broad to specific, by how many posts use them; unknown ones come last."""
        ...

    async def close(self) -> None:
        """Refuse new work, finish what is queued within a deadline, free the device."""
        ...
