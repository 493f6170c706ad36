"""What runs in the replicas: each network with its batches, and a check that it still works.

Errors of the engine are answers here, which `engine.cluster.client` raises: a photo that is no
picture is no failure of Serve, and needs no trace in its logs. With its answers a replica reports
what it has done, for the bots' metrics.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import ray
import torch
from ray import serve

from engine import attribution, pixels
from engine.attribution import Question
from engine.catalogue import Catalogue
from engine.cluster.report import Notes, Report
from engine.compiled import AUTO, TORCH
from engine.cores import on_one_core
from engine.darkroom import Darkroom
from engine.decoder import Query
from engine.door import EngineError, Heatmap, ImageEmbedding, Suggestions, Taste
from engine.embeddings import pack, unpack
from engine.local import SHIPPED_WEIGHTS, TAP_BATCH, available_cores, load, photo_batch
from engine.pixels import Geometry
from engine.threads import Threads

Picture = TypeVar("Picture")
Item = TypeVar("Item")
Result = TypeVar("Result")

PHOTO_WAIT_S = 0.01
TAP_WAIT_S = 0.002
"""How long a batch waits for more, where a network gains by larger ones."""


class EncoderReplica:
    """Photos in; what the CNN saw out, or where in them a tag comes from.

    Args:
        weights: Folder of the checkpoint on this machine; None takes the shipped one.
        runtime: What the CNN runs in: one of `engine.compiled.RUNTIMES`.
        precision: What it computes in: one of `engine.precision.PRECISIONS`.
    """

    def __init__(
        self, weights: str | None = None, runtime: str = AUTO, precision: str = AUTO
    ) -> None:
        cores = _own_cores()
        torch.set_num_threads(cores)
        self._encoder, self._decoder, compiled = load(_folder(weights), cores, runtime, precision)
        card = self._encoder.card
        self._version = card.version
        self._notes = Notes()
        self._darkroom = Darkroom(card.geometry, cores, self._notes)
        streams = compiled.streams if compiled else 1
        self._device = Threads(streams, "cnn")
        self._features = compiled.features if compiled else self._encoder.features
        size = 1 if compiled else photo_batch(self._encoder)
        self._see = serve.batch(
            max_batch_size=size,
            batch_wait_timeout_s=PHOTO_WAIT_S if size > 1 else 0,
            max_concurrent_batches=streams,
        )(isolating(noting(self._notes, "cnn", self._run)))
        self._blank = np.zeros((card.geometry.crop, card.geometry.crop, 3), np.uint8)

    async def look(self, photo: bytes) -> Report[ImageEmbedding]:
        """Decode, batch, CNN."""
        return self._notes.along_with(await _told(self._look(photo)))

    async def explain(self, photo: bytes, prefix: tuple[str, ...], tag: str) -> Report[Heatmap]:
        """Decode, both networks."""
        return self._notes.along_with(await _told(self._explain(photo, prefix, tag)))

    async def check_health(self) -> None:
        """Look at a blank photo: a device that fails or hangs costs the replica its place."""
        await self._run([self._blank])

    async def _look(self, photo: bytes) -> ImageEmbedding:
        square = await self._develop(photo, pixels.decode)
        return ImageEmbedding(self._version, _unless_failed(await self._see(square)))

    async def _explain(self, photo: bytes, prefix: tuple[str, ...], tag: str) -> Heatmap:
        row = attribution.row_of(tag, self._decoder)
        sight = await self._develop(photo, attribution.see)
        explain = partial(attribution.explain, self._encoder, self._decoder, self._features)
        return await self._device.run(explain, Question(sight, prefix, row))

    async def _develop(self, photo: bytes, decode: Callable[[bytes, Geometry], Picture]) -> Picture:
        heavy = await self._darkroom.weigh(photo)
        return await self._darkroom.develop(photo, decode, heavy=heavy)

    async def _run(self, squares: Sequence[np.ndarray]) -> list[bytes]:
        return pack(await self._device.run(self._features, np.stack(squares)))


class DecoderReplica:
    """Embeddings and prefixes in, suggestions out.

    Args:
        weights: Folder of the checkpoint on this machine; None takes the shipped one.
    """

    def __init__(self, weights: str | None = None) -> None:
        torch.set_num_threads(1)
        encoder, self._decoder, _ = load(_folder(weights), 1, TORCH)
        self._card = encoder.card
        self._device = Threads(1, "lstm")
        self._notes = Notes()
        self._suggest = serve.batch(max_batch_size=TAP_BATCH, batch_wait_timeout_s=TAP_WAIT_S)(
            isolating(noting(self._notes, "lstm", self._run))
        )

    async def suggest(
        self,
        image: ImageEmbedding | None,
        prefix: tuple[str, ...],
        k: int,
        exclude: frozenset[str],
        taste: Taste | None,
    ) -> Report[Suggestions]:
        """Batch, LSTM over the prefix, ranking."""
        try:
            features = None if image is None else unpack(image, self._card)
        except EngineError as error:
            return self._notes.along_with(error)
        query = Query(features, prefix, k, exclude, taste)
        return self._notes.along_with(_unless_failed(await self._suggest(query)))

    async def catalogue(self) -> Catalogue:
        """The head's tags."""
        return self._decoder.catalogue

    async def check_health(self) -> None:
        """Suggest from nothing: a network that fails or hangs costs the replica its place."""
        await self._run([Query(None)])

    async def _run(self, queries: Sequence[Query]) -> list[Suggestions]:
        return await self._device.run(partial(on_one_core, self._decoder.suggest), queries)


def noting(
    notes: Notes, step: str, work: Callable[[Sequence[Item]], Awaitable[list[Result]]]
) -> Callable[[Sequence[Item]], Awaitable[list[Result]]]:
    """Do work in batches, and note how large each was and how long it took."""

    async def answer(items: Sequence[Item]) -> list[Result]:
        began = time.perf_counter()
        results = await work(items)
        notes.worked(step, len(items), time.perf_counter() - began)
        return results

    return answer


def isolating(
    work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
) -> Callable[[list[Item]], Coroutine[Any, Any, list[Result | Exception]]]:
    """Do work in batches such that an item on which it fails costs no other its result.

    Returns:
        The same work, which gives an exception in place of such an item's result.
    """

    async def answer(items: list[Item]) -> list[Result | Exception]:
        try:
            return list(await work(items))
        except Exception as error:
            if len(items) == 1:
                return [error]
        return [each for item in items for each in await answer([item])]

    return answer


def _unless_failed(answer: Result | Exception) -> Result:
    """What `isolating` gave for an item.

    Raises:
        Exception: the work failed on it.
    """
    if isinstance(answer, Exception):
        raise answer
    return answer


async def _told(work: Awaitable[Result]) -> Result | EngineError:
    try:
        return await work
    except EngineError as error:
        return error


def _folder(weights: str | None) -> Path:
    return SHIPPED_WEIGHTS if weights is None else Path(weights)


def _own_cores() -> int:
    """Cores that Ray gave to this replica, at least one."""
    given = ray.get_runtime_context().get_assigned_resources().get("CPU", 1)
    return max(1, min(int(given), available_cores()))
