"""The door of the engine on a Ray cluster: the bot's side of it. No torch.

photo or tap → a queue in this process, where chats take turns → a replica's batch → the answer.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Hashable, Sequence
from contextlib import suppress
from functools import partial
from threading import Event
from typing import Any, TypeVar

from ray.serve.exceptions import BackPressureError

from engine.catalogue import Catalogue
from engine.cluster import connection
from engine.cluster.connection import Deployments
from engine.cluster.membership import Membership
from engine.cluster.report import Report
from engine.cluster.retry import within
from engine.cluster.signals import take_signals_back
from engine.door import (
    EngineBusy,
    EngineError,
    EngineUnavailable,
    Heatmap,
    ImageEmbedding,
    Observer,
    Suggestions,
    Taste,
    Unobserved,
)
from engine.queue import BatchQueue, Lane
from engine.threads import aside

T = TypeVar("T")

PHOTOS, TAPS = 64, 128
"""Requests on their way to the cluster at a time: what Serve sees of the demand."""

PHOTO_LIMIT, TAP_LIMIT = 128, 1024
"""Photos and taps that may wait behind them; one more is answered with `EngineBusy`."""

BYTES_LIMIT = 256 << 20
"""Bytes of photos that are held at a time."""

CLOSE_DEADLINE = 5.0
"""Seconds that `RayRecommender.close` gives to what is queued."""

STOP_S, LEAVE_S = 10.0, 10.0
"""Seconds that are given to a start that is to stop, and to leaving what it has begun."""

STILL_S = connection.READY_S + connection.ANSWER_S
"""Seconds after which a cluster that was joined counts as hanging."""


class RayRecommender:
    """`engine.door.Recommender` on a cluster: made by `open`, ended by `close`."""

    def __init__(
        self,
        cluster: Membership,
        catalogue: Catalogue,
        observer: Observer | None = None,
    ) -> None:
        self._cluster = cluster
        self._catalogue = catalogue
        self._observer = observer or Unobserved()
        self._bytes_held = 0

        def lane(
            name: str, method: Callable[[Deployments], Any], limit: int
        ) -> Lane[tuple[Any, ...], Any]:
            # Batches form in the replicas, out of what all bots ask.
            return Lane(name, partial(self._ask, method), 1, limit, drop=True)

        self._suggests = lane("tap", lambda now: now.decoder.suggest, TAP_LIMIT)
        self._explains = lane("heatmap", lambda now: now.encoder.explain, PHOTO_LIMIT)
        self._looks = lane("photo", lambda now: now.encoder.look, PHOTO_LIMIT)
        self._taps = BatchQueue([self._suggests], workers=TAPS, observer=observer)
        self._photos = BatchQueue([self._explains, self._looks], workers=PHOTOS, observer=observer)

    @classmethod
    async def open(
        cls,
        address: str | None = None,
        weights: str | os.PathLike[str] | None = None,
        observer: Observer | None = None,
        runtime: str = "auto",
        precision: str = "auto",
    ) -> RayRecommender:
        """Join a cluster, or start one on this machine.

        Args:
            address: Of a cluster, as `connection.join` takes it; None starts one.
            weights: Folder of the checkpoint of a cluster that is started.
            observer: Told what the engine does; None for nobody.
            runtime: What the CNN runs in, in a cluster that is started.
            precision: What it computes in there.

        Raises:
            EngineUnavailable: there is no such cluster, it does not run our applications, or
                none can be started.
        """
        joining = address is not None
        cluster: Membership | None = None
        try:
            if address is None:
                from engine.cluster.start import deploy, start  # this brings torch along

                await _stoppable(lambda _: start())
                take_signals_back()
                deployments = await _stoppable(partial(deploy, weights, runtime, precision))
            else:
                await within(connection.JOIN_S, aside(partial(connection.join, address)))
                joining = False
                take_signals_back()
                deployments = await within(STILL_S, _stoppable(connection.applications))
            cluster = Membership(deployments, address)
            catalogue = await cluster.ask(lambda now: now.decoder.catalogue)
        except BaseException:
            if not joining:  # a thread that hangs there goes with the process
                with suppress(EngineUnavailable):
                    await within(LEAVE_S, cluster.leave() if cluster else aside(connection.leave))
            raise
        return cls(cluster, catalogue, observer)

    async def look(self, photo: bytes, *, caller: Hashable = None) -> ImageEmbedding:
        """Queue, decode, CNN: see `engine.door.Recommender.look`.

        Args:
            photo: Bytes of a picture file.
            caller: On whose behalf (a chat): callers take turns.

        Raises:
            EngineUnavailable: the cluster does not answer.
        """
        image: ImageEmbedding = await self._send(self._looks, photo, (), caller)
        return image

    def expect(self, *, caller: Hashable = None) -> None:
        """Whether a photo would find room here: see `engine.door.Recommender.expect`."""
        self._photos.expect(self._looks, caller)

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

        Raises:
            EngineUnavailable: the cluster does not answer.
        """
        args = (image, tuple(prefix), k, frozenset(exclude), taste)
        suggestions: Suggestions = await self._submit(self._taps, self._suggests, args, caller)
        return suggestions

    async def explain(
        self, photo: bytes, prefix: Sequence[str], tag: str, *, caller: Hashable = None
    ) -> Heatmap:
        """Queue, decode, both networks: see `engine.door.Recommender.explain`.

        Args:
            photo: Bytes of a picture file.
            prefix: Tags chosen so far.
            tag: The one to explain.
            caller: On whose behalf (a chat): callers take turns.

        Raises:
            EngineUnavailable: the cluster does not answer.
        """
        args = (tuple(prefix), tag)
        heatmap: Heatmap = await self._send(self._explains, photo, args, caller)
        return heatmap

    def find(self, letters: str, k: int) -> tuple[str, ...]:
        """Tags by their letters: see `engine.door.Recommender.find`."""
        return self._catalogue.find(letters, k)

    def broad_first(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Tags from broad to specific: see `engine.door.Recommender.broad_first`."""
        return self._catalogue.broad_first(tags)

    async def close(self) -> None:
        """Refuse new work, wait for what was asked within `CLOSE_DEADLINE`, leave the cluster."""
        await asyncio.gather(self._taps.close(CLOSE_DEADLINE), self._photos.close(CLOSE_DEADLINE))
        await self._cluster.leave()

    async def _send(
        self, lane: Lane[Any, Any], photo: bytes, args: tuple[Any, ...], caller: Hashable
    ) -> Any:
        """Ask about a photo, if there is room to hold it."""
        if self._bytes_held and self._bytes_held + len(photo) > BYTES_LIMIT:
            self._observer.refused(lane.name)
            raise EngineBusy(self._photos.delay(lane))
        self._bytes_held += len(photo)
        try:
            return await self._submit(self._photos, lane, (photo, *args), caller)
        finally:
            self._bytes_held -= len(photo)

    async def _submit(
        self, queue: BatchQueue, lane: Lane[Any, Any], args: tuple[Any, ...], caller: Hashable
    ) -> Any:
        try:
            return await queue.submit(lane, args, caller)
        except BackPressureError as error:  # other bots keep the replicas busy
            self._observer.refused(lane.name)
            raise EngineBusy(queue.delay(lane)) from error

    async def _ask(
        self, method: Callable[[Deployments], Any], requests: Sequence[tuple[Any, ...]]
    ) -> list[Any]:
        (args,) = requests
        report: Report[Any] = await self._cluster.ask(method, *args)
        for done in report.work:
            self._observer.worked(done.step, done.items, done.seconds)
        if isinstance(report.answer, EngineError):
            raise report.answer
        return [report.answer]


async def _stoppable(work: Callable[[Event], T]) -> T:
    """Call something that looks now and then whether it is to stop: where nobody waits for it any
    more, it is told so and given some seconds, as Ray cannot be left meanwhile."""
    stop = Event()
    working = asyncio.create_task(aside(partial(work, stop)))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({working}, timeout=STOP_S)
        working.add_done_callback(lambda done: done.cancelled() or done.exception())
        raise
