"""Text and captions as the Bot API takes them: parsed, trimmed, measured, their entities found."""

from __future__ import annotations

from dataclasses import dataclass

from bot.playground.calls import Call
from bot.playground.entities import detect, utf16_len
from bot.playground.html import parse
from bot.playground.refusals import (
    CAPTION_LIMIT,
    ENTITY_LIMIT,
    TEXT_LIMIT,
    RefusedError,
    bad_request,
)
from bot.playground.store import Json


@dataclass(frozen=True)
class Formatted:
    """Plain text with its entities."""

    text: str
    entities: list[Json]


def formatted(call: Call, field: str = "text") -> Formatted:
    """The text or caption of a call, with the entities that its sender and the server set.

    Args:
        call: A method with ``text`` or ``caption``.
        field: Which of the two.

    Raises:
        RefusedError: 400, when it cannot be parsed or is too long.
    """
    text, mode = call.text(field), call.text("parse_mode").lower()
    given = call.objects("entities" if field == "text" else "caption_entities")
    if not all(_measured(entity) for entity in given):
        raise bad_request("can't parse message entities: wrong offset or length")
    if mode == "html":
        text, given = parse(text)
    elif mode:
        raise bad_request("unsupported parse_mode")
    text, given = _trim(text, given)
    entities = detect(text, given)[:ENTITY_LIMIT]
    if utf16_len(text) > (TEXT_LIMIT if field == "text" else CAPTION_LIMIT):
        raise _too_long(call.method, field)
    return Formatted(text, entities)


def _measured(entity: Json) -> bool:
    span = (entity.get("offset"), entity.get("length"))
    return isinstance(entity.get("type"), str) and all(isinstance(part, int) for part in span)


def _too_long(method: str, field: str) -> RefusedError:
    if field == "caption":
        return bad_request("message caption is too long")
    editing = method.startswith("edit")
    return bad_request("MESSAGE_TOO_LONG" if editing else "message is too long")


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without white space around it, as the server stores it; entities move along."""
    shift = utf16_len(text) - utf16_len(text.lstrip())
    text = text.strip()
    end = utf16_len(text)
    moved = []
    for entity in entities:
        start = max(0, entity["offset"] - shift)
        stop = min(end, entity["offset"] - shift + entity["length"])
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return text, moved
