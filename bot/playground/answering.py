"""Bot API methods that answer a tap, hand out files, or fetch updates."""

from __future__ import annotations

from http import HTTPStatus

from bot.playground.calls import Call
from bot.playground.refusals import (
    DOWNLOAD_LIMIT,
    QUERY_TOO_OLD,
    WEBHOOK_ACTIVE,
    WRONG_FILE,
    RefusedError,
    bad_request,
)
from bot.playground.store import Json
from bot.playground.updates import QUERY_LIFETIME_S
from bot.playground.whose import chat_of_update
from bot.playground.world import World

_ANSWER_LENGTH = 200
_LONGEST_POLL_S = 50


async def get_updates(world: World, call: Call) -> list[Json]:
    """``getUpdates``."""
    if world.store.remembered("webhook"):
        raise RefusedError(HTTPStatus.CONFLICT, WEBHOOK_ACTIVE)
    world.updates.allow(allowed_updates(call))
    limit = min(max(call.number("limit", 100), 1), 100)
    timeout = min(max(call.number("timeout"), 0), _LONGEST_POLL_S)
    found = await world.updates.poll(call.number("offset"), limit, timeout)
    for update in found:
        world.journal.update(chat_of_update(update), update)
    return found


def allowed_updates(call: Call) -> list[str] | None:
    """The kinds of updates that a bot asks for; ``None``: as before."""
    kinds = call.array("allowed_updates")
    return None if kinds is None else [str(kind) for kind in kinds]


async def answer_callback_query(world: World, call: Call) -> bool:
    """``answerCallbackQuery``: once, and soon."""
    query_id, text = call.text("callback_query_id"), call.text("text")
    if len(text) > _ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    row = world.store.one(
        "SELECT chat_id FROM queries WHERE query_id = ? AND created >= ?",
        (query_id, world.clock() - QUERY_LIFETIME_S),
    )
    if row is None:
        raise bad_request(QUERY_TOO_OLD)
    answer = {
        "callback_query_id": query_id,
        "text": text,
        "show_alert": call.flag("show_alert"),
    }
    with world.store.transaction():
        world.store.change("DELETE FROM queries WHERE query_id = ?", (query_id,))
        world.events.add(row[0], "answer", {"answer": answer})
    return True


async def get_file(world: World, call: Call) -> Json:
    """``getFile``: opens a link for an hour."""
    file = world.files.get(call.text("file_id"))
    if file is None:
        raise bad_request(WRONG_FILE)
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    world.files.open_link(file.file_id)
    return {
        "file_id": file.file_id,
        "file_unique_id": file.file_id[:16],
        "file_size": file.size,
        "file_path": file.path,
    }
