"""Offering work to an engine: as much as it can take, or so many requests a second."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine import EngineBusy

Call = Callable[[int], Awaitable[None]]
"""One request, the so-manieth."""


@dataclass(frozen=True)
class Answers:
    """What became of requests.

    Attributes:
        offered: Requests a second; None where the next one came when one was answered.
        done: How many were answered.
        refused: How many were refused because too many waited.
        rate: Answers a second, until the last one.
        p50: Seconds that half of the answers took at most; `p95` and `p99` likewise.
        processor: Seconds of a core for each answer, with all that is at work for it.
    """

    offered: float | None
    done: int
    refused: int
    rate: float
    p50: float
    p95: float
    p99: float
    processor: float = 0.0


async def closed(call: Call, clients: int, seconds: float) -> Answers:
    """So many clients, each of whom asks again as soon as it is answered."""
    numbers = itertools.count()
    waits: list[float] = []
    began = time.perf_counter()

    async def client() -> None:
        while time.perf_counter() < began + seconds:
            asked = time.perf_counter()
            await call(next(numbers))
            waits.append(time.perf_counter() - asked)

    await asyncio.gather(*(client() for _ in range(clients)))
    return answered(None, waits, 0, time.perf_counter() - began)


async def offered(call: Call, rate: float, seconds: float, seed: int = 0) -> Answers:
    """Requests at random moments (Poisson), whether or not earlier ones have been answered.

    A request's time begins when it was due, so a generator that lags behind hides nothing.
    """
    chance = random.Random(seed)
    waits: list[float] = []
    refused = 0
    began = time.perf_counter()

    async def request(number: int, due: float) -> None:
        nonlocal refused
        try:
            await call(number)
            waits.append(time.perf_counter() - due)
        except EngineBusy:
            refused += 1

    due = began
    tasks: list[asyncio.Task[None]] = []
    while (due := due + chance.expovariate(rate)) < began + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(request(len(tasks), due)))
    await asyncio.gather(*tasks)
    return answered(rate, waits, refused, time.perf_counter() - began)


def answered(rate: float | None, waits: Sequence[float], refused: int, seconds: float) -> Answers:
    """Sum up how long each answer took."""
    p50, p95, p99 = (float(p) for p in np.percentile(waits or [0.0], [50, 95, 99]))
    return Answers(rate, len(waits), refused, len(waits) / seconds, p50, p95, p99)
