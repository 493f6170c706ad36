"""Being part of a cluster: whom to ask there now, also when its Serve was ended and begun again.

The handles of a Serve that has ended answer nobody ever after, and a process that has joined a
cluster goes on looking for the Serve that it knew. It has to leave the cluster and to join it anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from engine.cluster import connection, retry
from engine.cluster.connection import Deployments
from engine.cluster.retry import Retry, Unreached, within
from engine.cluster.signals import take_signals_back
from engine.door import EngineUnavailable
from engine.threads import aside

PAUSE_S = 1.0
"""Seconds between two looks at Serve."""

LOOKS = 5
"""How often a Serve that cannot be asked is looked at: its applications end before it does."""

LEAVING_S = 5.0
"""Seconds that `Membership.leave` gives to an attempt to join, and to forgetting what is known."""

_log = logging.getLogger(__name__)


class Membership:
    """Asks the deployments of a cluster; one event loop.

    Args:
        deployments: Those of the cluster that this process has joined.
        address: Of the cluster, as `connection.join` takes it; None for one that this process
            has started, whose Serve nobody else ends.
    """

    def __init__(self, deployments: Deployments, address: str | None = None) -> None:
        self._deployments: Deployments | None = deployments  # None: on the way to others
        self._address = address
        self._retry = Retry()
        self._asking: set[asyncio.Timeout] = set()
        self._nobody_asks = asyncio.Event()
        self._joining: asyncio.Task[bool] | None = None
        self._left = False

    async def ask(self, method: Callable[[Deployments], Any], *args: Any) -> Any:
        """Call a method of a deployment, also of the next Serve when the present one has ended.

        Args:
            method: Finds it.
            *args: What it is called with.

        Raises:
            EngineUnavailable: nobody answers.
            Exception: see `Retry.ask`.
        """
        while True:
            known, gone = self._deployments, Unreached("Ray Serve has ended")
            if known is not None:
                try:
                    return await self._until_left(self._retry.ask(method(known), *args))
                except Unreached as error:
                    gone = error
            if self._deployments is known and not await self._joined_anew():
                raise gone

    async def leave(self) -> None:
        """Leave the cluster; one that this process started ends."""
        self._left = True
        if self._joining is not None:
            await asyncio.wait({self._joining}, timeout=LEAVING_S)
        if self._deployments is not None:
            with suppress(EngineUnavailable):  # its thread hangs
                await within(LEAVING_S, aside(partial(connection.forget, self._deployments)))
        await asyncio.to_thread(connection.leave)

    async def _until_left(self, answer: Awaitable[Any]) -> Any:
        """Wait for an answer, unless this process leaves the cluster meanwhile.

        Raises:
            Unreached: it does.
        """
        try:
            async with asyncio.timeout(None) as limit:
                self._asking.add(limit)
                self._nobody_asks.clear()
                try:
                    return await answer
                finally:
                    self._asking.remove(limit)
                    if not self._asking:
                        self._nobody_asks.set()
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise Unreached("Ray Serve has ended") from error

    async def _joined_anew(self) -> bool:
        """Wait for other deployments; False where those that are known are still the right ones."""
        if self._joining is None:
            self._joining = asyncio.create_task(self._join_anew())
            self._joining.add_done_callback(self._has_joined)
        try:
            async with asyncio.timeout(retry.PATIENCE_S):
                return await asyncio.shield(self._joining)
        except TimeoutError:
            return False

    def _has_joined(self, _: asyncio.Task[bool]) -> None:
        self._joining = None

    async def _join_anew(self) -> bool:
        """Join the cluster again if its Serve has ended, and wait until there is another."""
        if self._address is None or not await self._lost():
            return False
        _log.warning("Ray Serve has ended: waiting for it to be there again")
        known, self._deployments = self._deployments, None
        for limit in self._asking:
            limit.reschedule(0)
        if self._asking:
            await self._nobody_asks.wait()
        if known is not None:
            await asyncio.to_thread(connection.forget, known)
        while not self._left:
            found = await asyncio.to_thread(connection.rejoin, self._address)
            take_signals_back()
            if found is not None:
                self._deployments = found
                _log.warning("Ray Serve is there again")
                return True
            await asyncio.sleep(PAUSE_S)
        return False

    async def _lost(self) -> bool:
        """Whether Serve has ended, or does within the next seconds."""
        for _ in range(LOOKS):
            if self._deployments is None or await asyncio.to_thread(connection.lost):
                return True
            await asyncio.sleep(PAUSE_S)
        return False
