"""Updates by being told of them: Telegram posts each to an address of ours, for any number of
processes behind it. An update is in the inbox before it is answered with 200."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, Update
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.asgi import answering, listen
from bot.calling import persist, unless
from bot.inbox import Inbox, owner
from bot.polling import UPDATES
from bot.settings import Settings, SettingsError, split_address
from storage import Storage

_LOG = logging.getLogger(__name__)
_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LARGEST = 1_000_000
_CONNECTIONS = 100


@asynccontextmanager
async def receiving(
    settings: Settings, bot: Bot, inbox: Inbox, storage: Storage, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Take updates while the block runs.

    The webhook stays set at the end: other processes may be behind the same address, and what
    comes while there is none waits at Telegram.

    Raises:
        SettingsError: the address cannot be listened on, or Telegram refuses it.
        StorageError: the secret cannot be read.
    """
    address, given = settings.telegram_webhook_listen, settings.telegram_webhook_secret
    secret = await storage.secret(settings.bot_id, "webhook")
    if given is not None:
        secret = given.get_secret_value()
    try:
        listener = listen(*split_address(address))
    except OSError as error:
        raise SettingsError(
            f"TELEGRAM_WEBHOOK_LISTEN: {address} cannot be listened on ({error.strerror})"
        ) from error
    set_webhook = partial(
        bot.set_webhook,
        settings.telegram_webhook_url or "",
        allowed_updates=list(UPDATES),
        max_connections=_CONNECTIONS,
        secret_token=secret,
    )
    async with answering(webhook_page(bot, inbox, secret), listener):
        try:
            await unless(stop, persist(set_webhook))
        except BadRequest as error:
            raise SettingsError(
                f"TELEGRAM_WEBHOOK_URL: Telegram refuses it ({error.message})"
            ) from error
        yield


def webhook_page(bot: Bot, inbox: Inbox, secret: str) -> Starlette:
    """Build the page that Telegram posts to; whatever its path, as a proxy may have changed it."""

    async def take(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(_HEADER, "").encode(), secret.encode()):
            return Response(status_code=403)
        try:
            posted = json.loads(await _body(request))
            update = Update.de_json(posted, bot)
            known = _is_id(update.update_id) and _is_id(owner(update) or 0)
        except ClientDisconnect:
            return Response(status_code=400)
        except OverflowError:
            return Response(status_code=413)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, TelegramError):
            known = False
        if not known:
            _LOG.warning("what was posted to the webhook is no update")
            return Response(status_code=400)
        try:
            await inbox.take(update, json.dumps(posted))
        except NetworkError:
            return Response(status_code=503)  # Telegram posts it again
        return Response()

    return Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])


def _is_id(value: object) -> bool:
    """Whether a number can be one of Telegram's: they have at most 52 bits."""
    return type(value) is int and abs(value) < 1 << 52


async def _body(request: Request) -> bytes:
    """The body, if it is not too large.

    Raises:
        OverflowError: it is.
        ClientDisconnect: it did not come to its end.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST:
            raise OverflowError
    return bytes(body)
