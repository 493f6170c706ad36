"""`/healthz`, `/readyz` and `/metrics` for whoever watches over the process (`METRICS_LISTEN`)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.asgi import answering, listen
from bot.meters import Meters
from bot.settings import Settings, SettingsError, split_address
from engine import EngineBusy, Recommender
from storage import Storage, StorageError

READY_TIMEOUT = 3.0
"""Seconds after which what has not answered counts as failed."""

TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of Prometheus' text format."""

_DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAEElEQVR4nGNsYIAAJgaKGAAmCACQXTClHgAAAABJRU5ErkJggg=="
)  # a picture of one grey

T = TypeVar("T")
Check = Callable[[], Awaitable[None]]


@dataclass
class Parts:
    """What the pages ask; each part is there as soon as the start has come so far."""

    storage: Storage | None = None
    recommender: Recommender | None = None


@asynccontextmanager
async def watched(settings: Settings, parts: Parts, meters: Meters) -> AsyncIterator[None]:
    """Answer the pages while the block runs, if the settings say where.

    Raises:
        SettingsError: the address cannot be listened on.
    """
    address = settings.metrics_listen
    if address is None:
        yield
        return

    async def database() -> None:
        await _there(parts.storage).ping()

    async def engine() -> None:
        recommender = _there(parts.recommender)
        with suppress(EngineBusy):  # it works all it can
            await recommender.look(_DOT, caller=__name__)
        await recommender.suggest(None, (), k=1)

    async def metrics() -> bytes:
        if parts.storage is None:
            return meters.page(None)
        try:
            depth = parts.storage.depth(settings.bot_id)
            return meters.page(await asyncio.wait_for(depth, READY_TIMEOUT))
        except (StorageError, TimeoutError):
            return meters.page(None)

    try:
        listener = listen(*split_address(address))
    except OSError as error:
        raise SettingsError(
            f"METRICS_LISTEN: {address} cannot be listened on ({error.strerror})"
        ) from error
    pages = health_pages({"database": database, "engine": engine}, metrics)
    async with answering(pages, listener):
        yield


def health_pages(checks: Mapping[str, Check], metrics: Callable[[], Awaitable[bytes]]) -> Starlette:
    """Build the three pages.

    Args:
        checks: By the name of a part, what raises when that part cannot work.
        metrics: Gives the numbers as Prometheus reads them.
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        passed = await asyncio.gather(*(_passes(check) for check in checks.values()))
        failed = [name for name, good in zip(checks, passed, strict=True) if not good]
        if failed:
            return JSONResponse({"status": "not ready", "failed": failed}, status_code=503)
        return JSONResponse({"status": "ok"})

    async def numbers(_: Request) -> Response:
        return Response(await metrics(), media_type=TYPE)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", numbers),
        ]
    )


def _there(part: T | None) -> T:
    if part is None:
        raise LookupError("the start has not come so far")
    return part


async def _passes(check: Check) -> bool:
    try:
        await asyncio.wait_for(check(), READY_TIMEOUT)
    except Exception:  # whatever went wrong, the answer is "not ready"
        return False
    return True
