"""The engine in this process: the door over decoding threads, a queue, and one device.

photo → look queue → decoding threads → model queue, photo lane → embedding;
embedding + prefix → model queue, tap lane → suggestions. One thread runs both networks, taps
before photos, and the next photos are decoded while it works. A photo that is to be explained
takes the way of the others, to a heat map instead of an embedding.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine import attribution, pixels
from engine.attribution import Question, Sight
from engine.cores import on_one_core
from engine.decoder import Query, TagDecoder
from engine.door import (
    CheckpointError,
    EmbeddingMismatch,
    EngineBusy,
    EngineClosed,
    Heatmap,
    ImageEmbedding,
    Suggestions,
    Taste,
)
from engine.encoder import CARD_FILE, WEIGHTS_FILE, Encoder
from engine.head import DESCRIPTION
from engine.memory import release_freed
from engine.queue import BatchQueue, Lane
from engine.threads import Threads

SHIPPED_WEIGHTS = Path(__file__).resolve().parent.parent / "weights"

PHOTO_LIMIT = 128
TAP_LIMIT = 1024
"""Photos and taps that may wait; one more is answered with `EngineBusy`."""

BYTES_LIMIT = 256 << 20
"""Undecoded photos held at a time: a few large files weigh as much as many small ones."""

TAP_BATCH = 32
PHOTO_BATCH = {"cpu": 2, "cuda": 32}
"""A CPU gains next to nothing from larger batches, and a tap waits for the one under way."""

CLOSE_DEADLINE = 5.0
"""Seconds that `LocalRecommender.close` gives to what is queued."""


@dataclass(frozen=True)
class _Errand:
    """A photo on its way: how it is decoded, and what the model is asked about it then."""

    photo: bytes
    decode: Callable[[bytes, pixels.Geometry], Any]
    ask: Callable[[Any], Awaitable[Any]]


class LocalRecommender:
    """`engine.door.Recommender` in this process: made by `open`, ended by `close`."""

    def __init__(self, encoder: Encoder, decoder: TagDecoder) -> None:
        self._encoder = encoder
        self._decoder = decoder
        self._decoding = Threads(available_cores(), "decode")
        self._device = Threads(1, "model")
        self._large_picture = asyncio.Lock()

        batch = photo_batch(encoder)
        self._taps = Lane(self._run_decoder, TAP_BATCH, TAP_LIMIT)
        self._photos = Lane(self._run_encoder, batch, PHOTO_LIMIT)
        self._heatmaps = Lane(self._run_both, 1, PHOTO_LIMIT)
        self._model = BatchQueue([self._taps, self._heatmaps, self._photos], workers=1)
        # Photos wait undecoded, where they can still be refused or dropped at no cost; enough
        # are let through to fill one batch while another one is on the device.
        self._looks = Lane(self._run_errand, 1, PHOTO_LIMIT)
        self._looking = BatchQueue([self._looks], workers=2 * batch + available_cores())
        self._bytes_held = 0
        self._closed = False

    @classmethod
    async def open(cls, weights: str | os.PathLike[str] | None = None) -> LocalRecommender:
        """Load the checkpoint and warm it up.

        Args:
            weights: Folder of the checkpoint; None takes the shipped one.

        Raises:
            CheckpointError: the checkpoint cannot be used.
        """
        folder = SHIPPED_WEIGHTS if weights is None else Path(weights)
        encoder, decoder = await asyncio.to_thread(_load, folder)
        return cls(encoder, decoder)

    async def look(self, photo: bytes, *, caller: Hashable = None) -> ImageEmbedding:
        """Decode, queue, CNN: see `engine.door.Recommender.look`.

        Args:
            photo: Bytes of a picture file.
            caller: On whose behalf (a chat): callers take turns.
        """

        def ask(square: np.ndarray) -> Awaitable[bytes]:
            return self._model.submit(self._photos, square)

        vector = await self._send(_Errand(photo, pixels.decode, ask), caller)
        return ImageEmbedding(self._encoder.card.version, vector)

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
        """LSTM over the prefix and ranking: see `engine.door.Recommender.suggest`.

        Args:
            image: What `look` returned, or None.
            prefix: Tags chosen so far.
            k: How many suggestions.
            exclude: Tags not to be suggested.
            taste: The chat's.
            caller: On whose behalf (a chat): callers take turns.
        """
        if self._closed:
            raise EngineClosed("the engine is shutting down")
        query = Query(
            features=None if image is None else self._features(image),
            prefix=tuple(prefix),
            k=k,
            exclude=frozenset(exclude),
            taste=taste,
        )
        return await self._model.submit(self._taps, query, caller)

    async def explain(
        self, photo: bytes, prefix: Sequence[str], tag: str, *, caller: Hashable = None
    ) -> Heatmap:
        """Decode, queue, both networks: see `engine.door.Recommender.explain`.

        Args:
            photo: Bytes of a picture file.
            prefix: Tags chosen so far.
            tag: The one to explain.
            caller: On whose behalf (a chat): callers take turns.
        """
        row = attribution.row_of(tag, self._decoder)

        def ask(sight: Sight) -> Awaitable[Heatmap]:
            return self._model.submit(self._heatmaps, Question(sight, tuple(prefix), row))

        heatmap: Heatmap = await self._send(_Errand(photo, attribution.see, ask), caller)
        return heatmap

    async def close(self) -> None:
        """Refuse new work, finish what is queued within `CLOSE_DEADLINE`, stop the threads."""
        self._closed = True
        loop = asyncio.get_running_loop()
        end = loop.time() + CLOSE_DEADLINE
        await self._looking.close(CLOSE_DEADLINE)  # these still need the model queue
        await self._model.close(end - loop.time())
        self._decoding.close()
        self._device.close()

    async def _send(self, errand: _Errand, caller: Hashable) -> Any:
        """Let a photo wait for its turn, and take what the model answers."""
        size = len(errand.photo)
        if self._bytes_held and self._bytes_held + size > BYTES_LIMIT:
            raise EngineBusy(retry_after=2.0)
        self._bytes_held += size
        try:
            return await self._looking.submit(self._looks, errand, caller)
        finally:
            self._bytes_held -= size

    async def _run_errand(self, errands: Sequence[_Errand]) -> list[Any]:
        """Take one photo all the way."""
        geometry = self._encoder.card.geometry
        (errand,) = errands
        header = await self._decoding.run(partial(pixels.inspect, geometry=geometry), errand.photo)
        if header.heavy:  # one at a time: two would need the memory twice
            decode = partial(_decode_large, errand.decode, geometry)
            async with self._large_picture:
                decoded = await self._decoding.run(decode, errand.photo)
        else:
            decoded = await self._decoding.run(
                lambda photo: errand.decode(photo, geometry), errand.photo
            )
        return [await errand.ask(decoded)]

    async def _run_encoder(self, squares: Sequence[np.ndarray]) -> list[bytes]:
        """Run the CNN on pixels of ``(260, 260, 3)`` each; packed features, float16."""
        features = await self._device.run(self._encoder.features, np.stack(squares))  # (B, F)
        return [vector.tobytes() for vector in features.astype("<f2")]

    async def _run_decoder(self, queries: Sequence[Query]) -> list[Suggestions]:
        suggest = partial(on_one_core, self._decoder.suggest)
        return await self._device.run(suggest, queries)

    async def _run_both(self, questions: Sequence[Question]) -> list[Heatmap]:
        (question,) = questions
        explain = partial(attribution.explain, self._encoder, self._decoder)
        return [await self._device.run(explain, question)]

    def _features(self, image: ImageEmbedding) -> np.ndarray:
        """Unpack an embedding, float32 ``(F,)``.

        Raises:
            EmbeddingMismatch: it was made by another encoder.
        """
        if image.encoder != self._encoder.card.version:
            raise EmbeddingMismatch("this photo was seen by another encoder: look at it again")
        vector = np.frombuffer(image.vector, dtype="<f2").astype(np.float32)
        if vector.shape != (self._encoder.card.features,):
            raise EmbeddingMismatch("this image embedding is damaged: look at the photo again")
        return vector


def _decode_large(
    decode: Callable[[bytes, pixels.Geometry], Any], geometry: pixels.Geometry, photo: bytes
) -> Any:
    """Decode a heavy picture, and do not keep its memory for a next one."""
    try:
        return decode(photo, geometry)
    finally:
        release_freed()


def photo_batch(encoder: Encoder) -> int:
    """Photos in a batch at most on the encoder's device."""
    return PHOTO_BATCH.get(encoder.device.type, 1)


def available_cores() -> int:
    """Cores that this process may use: in a container often fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load(folder: Path) -> tuple[Encoder, TagDecoder]:
    """Load both networks, check that they belong together, and run each once.

    A head alone in its folder is served with the shipped encoder.

    The first run of a network picks kernels and allocates buffers; no caller should wait for
    that.
    """
    encoders = any((folder / name).exists() for name in (CARD_FILE, WEIGHTS_FILE))
    alone = not encoders and (folder / DESCRIPTION).exists()
    encoder = Encoder.load(SHIPPED_WEIGHTS if alone else folder)
    decoder = TagDecoder.load(folder)
    card = encoder.card
    if (decoder.encoder, decoder.feature_size) != (card.name, card.features):
        raise CheckpointError(
            f"the head in {folder} reads {decoder.feature_size} features of {decoder.encoder}, "
            f"but the encoder there is {card.name} with {card.features}"
        )
    side = card.geometry.crop
    blank = np.zeros((photo_batch(encoder), side, side, 3), np.uint8)
    decoder.suggest([Query(features) for features in encoder.features(blank)])
    release_freed()  # both were read in half precision
    return encoder, decoder
