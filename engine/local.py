"""The engine in this process: the door over decoding threads, a queue, and one device.

photo → look queue → decoding threads → model queue, photo lane → embedding;
embedding + prefix → model queue, tap lane → suggestions. One thread runs both networks, taps
before photos, and the next photos are decoded while it works. A picture that turns out heavy, when
its header is read, goes on in a queue of the heavy ones, so that small photos pass it.

A photo that is to be explained has a queue and a thread of its own: a heat map takes as long as
fifty taps, which are not to wait for it.

Where the CNN is compiled for the processor (`engine.compiled`) photos have a queue and threads of
their own, one a core, and no tap waits for a photo.
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
from engine.compiled import AUTO, Compiled, compile_for
from engine.cores import granted, learn_cores, on_one_core
from engine.darkroom import Darkroom
from engine.decoder import Query, TagDecoder
from engine.door import (
    CheckpointError,
    EngineBusy,
    EngineClosed,
    Heatmap,
    ImageEmbedding,
    Observer,
    Suggestions,
    Taste,
    Unobserved,
)
from engine.embeddings import pack, unpack
from engine.encoder import CARD_FILE, WEIGHTS_FILE, Encoder
from engine.head import DESCRIPTION
from engine.memory import release_freed
from engine.precision import for_torch
from engine.queue import BatchQueue, Lane
from engine.threads import BEHIND_TAPS, Threads

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


class _Heavy:
    """Said of a photo whose turn among the heavy ones is yet to come."""


class LocalRecommender:
    """`engine.door.Recommender` in this process: made by `open`, ended by `close`."""

    def __init__(
        self,
        encoder: Encoder,
        decoder: TagDecoder,
        observer: Observer | None = None,
        compiled: Compiled | None = None,
    ) -> None:
        cores = available_cores()
        self._encoder = encoder
        self._decoder = decoder
        self._observer = observer or Unobserved()
        self._darkroom = Darkroom(encoder.card.geometry, cores, observer)
        self._device = Threads(1, "model")
        self._explainer = Threads(1, "heatmap", BEHIND_TAPS)

        batch = 1 if compiled else photo_batch(encoder)
        streams = compiled.streams if compiled else 1
        # Photos wait undecoded, where they can still be refused or dropped at no cost; enough
        # are let through to fill one batch while another one is on the device.
        places = 2 * batch * streams + cores
        self._looks = Lane("photo", self._run_light, 1, PHOTO_LIMIT, drop=True)
        self._looking = BatchQueue([self._looks], workers=places, observer=observer)
        self._heatmaps = Lane("heatmap", self._run_light, 1, PHOTO_LIMIT, drop=True)
        self._explaining = BatchQueue([self._heatmaps], workers=1, observer=observer)
        self._heavies = Lane("heavy", self._run_heavy, 1, PHOTO_LIMIT, drop=True)
        self._hauling = BatchQueue([self._heavies], workers=1, observer=observer)
        # What was let through, a heavy one included, is not refused any more.
        self._photos = Lane("cnn", self._run_encoder, batch, places + 1)
        self._taps = Lane("lstm", self._run_decoder, TAP_BATCH, TAP_LIMIT)
        lanes: list[Lane[Any, Any]] = [self._taps, self._photos]
        if compiled is None:  # one device for everything
            self._model = self._seeing = BatchQueue(lanes, workers=1, observer=observer)
            self._cnn, self._see = self._device, encoder.features
        else:
            self._model = BatchQueue(lanes[:1], workers=1, observer=observer)
            self._seeing = BatchQueue(lanes[1:], workers=streams, observer=observer)
            self._cnn, self._see = Threads(streams, "cnn", BEHIND_TAPS), compiled.features
        self._bytes_held = 0
        self._closed = False

    @classmethod
    async def open(
        cls,
        weights: str | os.PathLike[str] | None = None,
        observer: Observer | None = None,
        runtime: str = AUTO,
        precision: str = AUTO,
    ) -> LocalRecommender:
        """Load the checkpoint and warm it up.

        Args:
            weights: Folder of the checkpoint; None takes the shipped one.
            observer: Told what the engine does; None for nobody.
            runtime: What the CNN runs in: one of `engine.compiled.RUNTIMES`.
            precision: What it computes in: one of `engine.precision.PRECISIONS`.

        Raises:
            CheckpointError: the checkpoint cannot be used.
            NoRuntime: the runtime cannot be had, or not for this encoder.
            ValueError: no such runtime, or no such precision.
        """
        folder = SHIPPED_WEIGHTS if weights is None else Path(weights)
        cores = available_cores()
        networks = await asyncio.to_thread(load, folder, cores, runtime, precision)
        encoder, decoder, compiled = networks
        engine = cls(encoder, decoder, observer, compiled)
        for threads in (engine._device, engine._explainer):
            await threads.run(learn_cores, None)
        return engine

    async def look(self, photo: bytes, *, caller: Hashable = None) -> ImageEmbedding:
        """Decode, queue, CNN: see `engine.door.Recommender.look`.

        Args:
            photo: Bytes of a picture file.
            caller: On whose behalf (a chat): callers take turns.
        """

        def ask(square: np.ndarray) -> Awaitable[bytes]:
            return self._seeing.submit(self._photos, square)

        errand = _Errand(photo, pixels.decode, ask)
        vector = await self._send(self._looking, self._looks, errand, caller)
        return ImageEmbedding(self._encoder.card.version, vector)

    def expect(self, *, caller: Hashable = None) -> None:
        """Whether a photo would find room: see `engine.door.Recommender.expect`."""
        self._looking.expect(self._looks, caller)

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
            features=None if image is None else unpack(image, self._encoder.card),
            prefix=tuple(prefix),
            k=k,
            exclude=frozenset(exclude),
            taste=taste,
        )
        return await self._model.submit(self._taps, query, caller)

    async def explain(
        self, photo: bytes, prefix: Sequence[str], tag: str, *, caller: Hashable = None
    ) -> Heatmap:
        """Queue, decode, both networks: see `engine.door.Recommender.explain`.

        Args:
            photo: Bytes of a picture file.
            prefix: Tags chosen so far.
            tag: The one to explain.
            caller: On whose behalf (a chat): callers take turns.
        """
        row = attribution.row_of(tag, self._decoder)
        explain = partial(attribution.explain, self._encoder, self._decoder, self._see)

        def ask(sight: Sight) -> Awaitable[Heatmap]:
            question = Question(sight, tuple(prefix), row)
            return self._explainer.run(partial(on_one_core, explain), question)

        errand = _Errand(photo, attribution.see, ask)
        heatmap: Heatmap = await self._send(self._explaining, self._heatmaps, errand, caller)
        return heatmap

    def find(self, letters: str, k: int) -> tuple[str, ...]:
        """Tags by their letters: see `engine.door.Recommender.find`."""
        return self._decoder.catalogue.find(letters, k)

    def broad_first(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Tags from broad to specific: see `engine.door.Recommender.broad_first`."""
        return self._decoder.catalogue.broad_first(tags)

    async def close(self) -> None:
        """Refuse new work, finish what is queued within `CLOSE_DEADLINE`, stop the threads."""
        self._closed = True
        loop = asyncio.get_running_loop()
        end = loop.time() + CLOSE_DEADLINE
        # Each still needs those after it.
        photos = (self._looking, self._explaining, self._hauling)
        for queue in (*photos, self._seeing, self._model):
            await queue.close(end - loop.time())
        for threads in (self._darkroom, self._cnn, self._explainer, self._device):
            threads.close()

    async def _send(
        self, queue: BatchQueue, lane: Lane[_Errand, Any], errand: _Errand, caller: Hashable
    ) -> Any:
        """Let a photo wait for its turn, and take what the model answers.

        Args:
            queue: Where it waits, until its header is read.
            lane: Of that queue.
            errand: The photo.
            caller: On whose behalf.

        Raises:
            EngineBusy: too many wait, or too many bytes are held.
            EngineClosed: the engine is shutting down.
        """
        if self._closed:
            raise EngineClosed("the engine is shutting down")
        size = len(errand.photo)
        if self._bytes_held and self._bytes_held + size > BYTES_LIMIT:
            self._observer.refused(lane.name)
            raise EngineBusy(max(queue.delay(lane), self._hauling.delay(self._heavies)))
        self._bytes_held += size
        try:
            answer = await queue.submit(lane, errand, caller)
            if isinstance(answer, _Heavy):
                answer = await self._hauling.submit(self._heavies, errand, caller)
            return answer
        finally:
            self._bytes_held -= size

    async def _run_light(self, errands: Sequence[_Errand]) -> list[Any]:
        """Take one photo all the way, unless it is heavy."""
        (errand,) = errands
        heavy = await self._darkroom.weigh(errand.photo)
        return [_Heavy() if heavy else await self._run(errand, heavy=False)]

    async def _run_heavy(self, errands: Sequence[_Errand]) -> list[Any]:
        (errand,) = errands
        return [await self._run(errand, heavy=True)]

    async def _run(self, errand: _Errand, *, heavy: bool) -> Any:
        return await errand.ask(
            await self._darkroom.develop(errand.photo, errand.decode, heavy=heavy)
        )

    async def _run_encoder(self, squares: Sequence[np.ndarray]) -> list[bytes]:
        """Run the CNN on pixels of ``(260, 260, 3)`` each; packed features, float16."""
        return pack(await self._cnn.run(self._see, np.stack(squares)))

    async def _run_decoder(self, queries: Sequence[Query]) -> list[Suggestions]:
        suggest = partial(on_one_core, self._decoder.suggest)
        return await self._device.run(suggest, queries)


def photo_batch(encoder: Encoder) -> int:
    """Photos in a batch at most on the encoder's device."""
    return PHOTO_BATCH.get(encoder.device.type, 1)


def available_cores() -> int:
    """Cores that this process may use: in a container often fewer than the machine has."""
    affinity = hasattr(os, "sched_getaffinity")
    seen = len(os.sched_getaffinity(0)) if affinity else os.cpu_count() or 1
    return int(min(seen, granted()))


def load(
    folder: Path, cores: int, runtime: str = AUTO, precision: str = AUTO
) -> tuple[Encoder, TagDecoder, Compiled | None]:
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
    compiled = compile_for(encoder, runtime, cores, precision)
    if compiled is None:
        encoder.compute_in(for_torch(precision, encoder))
    side = card.geometry.crop
    blank = np.zeros((photo_batch(encoder), side, side, 3), np.uint8)
    decoder.suggest([Query(features) for features in (compiled or encoder).features(blank)])
    release_freed()  # both were read in half precision
    return encoder, decoder, compiled
