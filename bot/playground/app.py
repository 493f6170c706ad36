"""The web application: the Bot API, the person's side and the page behind one guard."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from bot.playground.api import BotApi
from bot.playground.drawer import Drawer
from bot.playground.guard import Guard, TooLargeError, too_large
from bot.playground.inline import InlineSide
from bot.playground.inputs import PersonError
from bot.playground.levers import Levers
from bot.playground.person import PersonSide
from bot.playground.posting import Posting
from bot.playground.world import World

PAGE = Path(__file__).parent / "page"
_LOG = logging.getLogger(__name__)


def build(world: World, hosts: Iterable[str] = ()) -> ASGIApp:
    """The application over a world.

    Args:
        world: What it shows and changes.
        hosts: Host names to serve besides addresses and local names.
    """
    app = Starlette(
        routes=[
            *BotApi(world).routes(),
            *PersonSide(world).routes(),
            *InlineSide(world).routes(),
            *Posting(world).routes(),
            *Levers(world).routes(),
            *Drawer(world).routes(),
            Mount("/", StaticFiles(directory=PAGE, html=True, check_dir=False)),
        ],
        exception_handlers={
            PersonError: _sorry,
            HTTPException: _not_found,
            TooLargeError: _too_large,
            OverflowError: _out_of_range,
            Exception: _broken,
        },
    )
    return Guard(app, hosts)


async def _sorry(request: Request, error: Exception) -> Response:
    assert isinstance(error, PersonError)
    return JSONResponse({"error": error.sentence}, error.status)


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code)


async def _too_large(request: Request, error: Exception) -> Response:
    return too_large()


async def _out_of_range(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "A number is out of range."}, 400)


async def _broken(request: Request, error: Exception) -> Response:
    _LOG.error("%s failed inside the playground", request.url.path, exc_info=error)
    return JSONResponse({"error": "Something went wrong inside the playground."}, 500)
