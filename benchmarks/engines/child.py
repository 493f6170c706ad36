"""``python -m benchmarks.engines.child NAME``: one rival in a process of its own.

It reads an order a line on standard input (``{"do": "photos", "rate": 20, "seconds": 5}``), and
answers each with a line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.engines.client import Served
from benchmarks.engines.load import Answers, closed, offered
from benchmarks.pictures import photos

Json = dict[str, Any]
CROWD = 24
"""Clients that are enough to keep any of the rivals at its limit."""


class Child:
    """Carries out orders."""

    def __init__(self, rival: Any) -> None:
        self._rival = rival
        self._photos = photos()

    async def photos(self, seconds: float, rate: float | None = None, clients: int = CROWD) -> Json:
        """Look at photos at a rate, or as many clients as fast as answers come."""
        return asdict(await self._load(self._look, seconds, rate, clients))

    async def taps(
        self, seconds: float, rate: float | None = None, clients: int = CROWD, busy: bool = False
    ) -> Json:
        """Suggest tags; ``busy``: while photos come as fast as they are answered."""
        async with self._kept_busy() if busy else contextlib.nullcontext():
            return asdict(await self._load(self._rival.tap, seconds, rate, clients))

    async def many(self, count: int, marks: int) -> Json:
        """Look at very many photos; the memory held after each so many of them."""
        sizes = [resident()]
        for _ in range(marks):
            numbers = iter(range(count // marks))
            await asyncio.gather(*(self._all(numbers) for _ in range(CROWD)))
            sizes.append(resident())
        return {"photos": count, "bytes": sizes}

    async def bare(self, batch: int, seconds: float) -> Json:
        """Decode and run the model without any queue."""
        return asdict(await asyncio.to_thread(self._rival.flat_out, self._photos, batch, seconds))

    async def alone(self, seconds: float) -> Json:
        """How long decoding and the model take alone."""
        decode, model = await asyncio.to_thread(self._rival.alone, self._photos, seconds)
        return {"decode": decode, "model": model}

    async def _load(self, call: Any, seconds: float, rate: float | None, clients: int) -> Answers:
        if rate is None:
            return await closed(call, clients, seconds)
        return await offered(call, rate, seconds)

    async def _look(self, number: int) -> None:
        await self._rival.look(self._photos[number % len(self._photos)])

    async def _all(self, numbers: Any) -> None:
        for number in numbers:
            await self._look(number)

    @contextlib.asynccontextmanager
    async def _kept_busy(self) -> AsyncIterator[None]:
        async def client(number: int) -> None:
            while True:
                await self._look(number)
                number += 1

        clients = [asyncio.create_task(client(number)) for number in range(CROWD)]
        await asyncio.sleep(0.5)
        try:
            yield
        finally:
            for task in clients:
                task.cancel()
            await asyncio.gather(*clients, return_exceptions=True)


async def rival(name: str) -> Any:
    """Make the rival of that name."""
    if name.startswith("http:"):
        return Served(int(name.removeprefix("http:")))
    from benchmarks.engines import bare, rivals

    match name:
        case "tagalong":
            return await rivals.Tagalong.open("auto", "float32", photos()[0])
        case "tagalong-bfloat16":
            return await rivals.Tagalong.open("auto", "bfloat16", photos()[0])
        case "tagalong-torch":
            return await rivals.Tagalong.open("torch", "float32", photos()[0])
        case "eager":
            return rivals.eager()
        case "vgg16":
            return rivals.vgg16()
        case "bare":
            return bare.Bare(bare.openvino)
        case "bare-bfloat16":
            return bare.Bare(bare.openvino_bfloat16)
        case "bare-onnx":
            return bare.Bare(bare.onnxruntime)
    raise ValueError(f"nobody is called {name}")


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def main() -> None:
    """Carry out what comes on standard input, until it ends."""
    child = Child(await rival(sys.argv[1]))
    print(json.dumps({"ready": True}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        answer = await getattr(child, order.pop("do"))(**order)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
