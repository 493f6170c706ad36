"""`/healthz` and `/readyz` for whoever watches over the process (`METRICS_LISTEN`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

READY_TIMEOUT = 3.0
"""Seconds after which a check that has not answered counts as failed."""

Check = Callable[[], Awaitable[None]]


def health_pages(checks: Mapping[str, Check]) -> Starlette:
    """Build the two pages.

    Args:
        checks: By the name of a part, what raises when that part cannot work.
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        passed = await asyncio.gather(*(_passes(check) for check in checks.values()))
        failed = [name for name, good in zip(checks, passed, strict=True) if not good]
        if failed:
            return JSONResponse({"status": "not ready", "failed": failed}, status_code=503)
        return JSONResponse({"status": "ok"})

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz)])


async def _passes(check: Check) -> bool:
    try:
        await asyncio.wait_for(check(), READY_TIMEOUT)
    except Exception:  # whatever went wrong, the answer is "not ready"
        return False
    return True
