"""Asking a deployment until it answers: Serve tells the death of a replica to whoever waits for it.

A request that a replica died over may be what killed it. It is therefore asked again alone: no
other request under suspicion runs beside it, so a poisonous one takes nobody down twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, TypeVar

from ray.exceptions import (
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    RayActorError,
    RayError,
    RayTaskError,
    WorkerCrashedError,
)
from ray.serve.exceptions import BackPressureError, RayServeException, ReplicaUnavailableError

from engine.door import EngineUnavailable

T = TypeVar("T")

RETRIES = 2
"""How often a request that a replica died over is asked again."""

PATIENCE_S = 120.0
"""Seconds for an answer, in which a replica may have to be started."""

DEATHS = (
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    RayActorError,
    ReplicaUnavailableError,
    WorkerCrashedError,
)


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Wait for something that may hang, for so long at most.

    Raises:
        EngineUnavailable: it has not come to an end.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            return await work
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise EngineUnavailable(f"the Ray cluster has not answered for {seconds:.0f} s") from error


class Unreached(EngineUnavailable):
    """The request has reached nobody."""


class Retry:
    """Asks for one client; one event loop."""

    def __init__(self) -> None:
        self._suspects = asyncio.Lock()

    async def ask(self, method: Any, *args: Any) -> Any:
        """Call a method of a deployment.

        Args:
            method: Of a `DeploymentHandle`.
            *args: What it is called with.

        Raises:
            EngineUnavailable: replicas died over it again and again, or nobody answers
                (`Unreached`: it cannot even be asked).
            BackPressureError: too many requests wait already.
            Exception: what the method raised.
        """
        return await within(PATIENCE_S, self._until_answered(method, args))

    async def _until_answered(self, method: Any, args: tuple[Any, ...]) -> Any:
        with suppress(*DEATHS):
            return await _once(method, args)
        async with self._suspects:
            for _ in range(RETRIES):
                with suppress(*DEATHS):
                    return await _once(method, args)
        raise EngineUnavailable(f"{1 + RETRIES} replicas in a row died over this")


async def _once(method: Any, args: tuple[Any, ...]) -> Any:
    try:
        response = method.remote(*args)
        try:
            return await response
        except asyncio.CancelledError:
            with suppress(Exception):  # it may have failed just now
                response.cancel()
            raise
    except RayTaskError as error:
        raise error.cause from error
    except (*DEATHS, BackPressureError):
        raise
    except (RayError, RayServeException, ConnectionError) as error:
        raise Unreached(f"the Ray cluster cannot be reached: {error}") from error
