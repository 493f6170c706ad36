"""Webhooks: updates are posted to the bot's address, one after the other, until it takes them."""

from __future__ import annotations

import asyncio

import httpx

from bot.playground.answering import allowed_updates
from bot.playground.calls import Call
from bot.playground.refusals import bad_request
from bot.playground.store import Json
from bot.playground.whose import chat_of_update
from bot.playground.world import World

_RETRY_S = 1.0
_TIMEOUT_S = 60.0
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


async def set_webhook(world: World, call: Call) -> bool:
    """``setWebhook``; as with a self-hosted server, plain ``http`` will do."""
    url = call.text("url")
    if not url:
        return await delete_webhook(world, call)
    if not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: invalid webhook URL specified")
    world.updates.allow(allowed_updates(call))
    if call.flag("drop_pending_updates"):
        world.updates.drop()
    secret = call.text("secret_token")
    world.store.remember("webhook", {"url": url, "secret": secret})
    world.updates.bell.set()
    return True


async def delete_webhook(world: World, call: Call) -> bool:
    """``deleteWebhook``."""
    if call.flag("drop_pending_updates"):
        world.updates.drop()
    world.store.remember("webhook", None)
    return True


async def get_webhook_info(world: World, call: Call) -> Json:
    """``getWebhookInfo``."""
    hook = world.store.remembered("webhook") or {}
    info: Json = {
        "url": hook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": world.updates.count(),
    }
    failed = world.store.remembered("webhook_error")
    if hook and failed:
        info |= failed
    return info


async def deliver(world: World) -> None:
    """Post updates to the webhook for as long as there is one, until cancelled."""
    async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
        while True:
            world.updates.bell.clear()
            hook = world.store.remembered("webhook")
            waiting = world.updates.pending(1) if hook else []
            if not waiting:
                await world.updates.bell.wait()
                continue
            error = await _post(client, hook, waiting[0])
            if error is None:
                world.updates.delivered(waiting[0]["update_id"])
                world.journal.update(chat_of_update(waiting[0]), waiting[0])
                continue
            world.store.remember(
                "webhook_error",
                {"last_error_date": int(world.clock()), "last_error_message": error},
            )
            await asyncio.sleep(_RETRY_S)


async def _post(client: httpx.AsyncClient, hook: Json, update: Json) -> str | None:
    """Post one update; the text says what went wrong."""
    headers = {_SECRET_HEADER: hook["secret"]} if hook["secret"] else {}
    try:
        answer = await client.post(hook["url"], json=update, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"Connection failed: {type(error).__name__}"
    if answer.is_success:
        return None
    return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
