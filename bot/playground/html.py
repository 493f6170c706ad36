"""Telegram's HTML into plain text with entities."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.playground.entities import utf16_len
from bot.playground.refusals import (
    RefusedError,
    bad_request,
)
from bot.playground.store import Json

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
_TOKEN = re.compile(
    r"<(?P<close>/?)(?P<name>[^\s<>/]*)(?P<rest>[^<>]*)>"
    r"|(?P<lonely><)"
    r"|&(?P<named>lt|gt|amp|quot);"
    r"|&#(?:x(?P<hex>[0-9a-fA-F]{1,6})|(?P<decimal>[0-9]{1,7}));"
)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


@dataclass(frozen=True)
class _Open:
    name: str
    start: int
    attributes: dict[str, str]


def parse(source: str) -> tuple[str, list[Json]]:
    """Telegram's HTML.

    Args:
        source: Text with tags.

    Returns:
        The text without them, and the entities in UTF-16 units.

    Raises:
        RefusedError: 400 "can't parse entities", with the place in UTF-8 bytes.
    """
    out: list[str] = []
    length = 0  # of the text so far, in UTF-16 units
    stack: list[_Open] = []
    entities: list[Json] = []
    position = 0

    def put(text: str) -> None:
        nonlocal length
        out.append(text)
        length += utf16_len(text)

    for token in _TOKEN.finditer(source):
        put(source[position : token.start()])
        position = token.end()
        offset = len(source[: token.start()].encode())
        if token["named"]:
            put(_NAMED[token["named"]])
        elif token["hex"] or token["decimal"]:
            put(_character(token))
        elif token["lonely"]:
            raise _unparsable(f'Unsupported start tag "" at byte offset {offset}')
        elif token["close"]:
            entity = _closed(stack, token["name"].lower(), offset, length)
            if entity is not None:
                entities.append(entity)
        else:
            stack.append(_opened(token["name"].lower(), token["rest"], offset, length))
    put(source[position:])
    if stack:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{stack[-1].name}"')
    return "".join(out), _joined(entities)


def _opened(name: str, rest: str, offset: int, length: int) -> _Open:
    attributes = {
        match[1].lower(): _plain(match[2] or match[3] or match[4] or "")
        for match in _ATTRIBUTE.finditer(rest)
    }
    if name not in _KINDS or (name == "span" and attributes.get("class") != "tg-spoiler"):
        raise _unparsable(f'Unsupported start tag "{name}" at byte offset {offset}')
    return _Open(name, length, attributes)


def _closed(stack: list[_Open], name: str, offset: int, length: int) -> Json | None:
    if not stack:
        raise _unparsable(f"Unexpected end tag at byte offset {offset}")
    start = stack.pop()
    if name not in ("", start.name):
        raise _unparsable(
            f'Unmatched end tag at byte offset {offset}, expected "</{start.name}>", '
            f'found "</{name}>"'
        )
    if length == start.start:
        return None
    kind = _KINDS[start.name]
    entity: Json = {"type": kind, "offset": start.start, "length": length - start.start}
    if kind == "text_link":
        url = start.attributes.get("href", "")
        if not url.startswith(("http://", "https://", "tg://")):
            return None
        entity["url"] = url
    if kind == "code" and start.attributes.get("class", "").startswith("language-"):
        entity["language"] = start.attributes["class"].removeprefix("language-")
    if kind == "blockquote" and "expandable" in start.attributes:
        entity["type"] = "expandable_blockquote"
    return entity


def _joined(entities: list[Json]) -> list[Json]:
    """``<pre><code class="language-x">`` is one block with a language; plain code has none."""
    blocks = {(e["offset"], e["length"]): e for e in entities if e["type"] == "pre"}
    kept = []
    for entity in entities:
        block = blocks.get((entity["offset"], entity["length"]))
        if entity["type"] == "code" and block is not None:
            if "language" in entity:
                block["language"] = entity["language"]
            continue
        if entity["type"] == "code":
            entity.pop("language", None)
        kept.append(entity)
    return sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


def _plain(value: str) -> str:
    """An attribute's value with its character references resolved."""
    return re.sub(r"&(lt|gt|amp|quot);", lambda match: _NAMED[match[1]], value)


def _character(token: re.Match[str]) -> str:
    code = int(token["hex"], 16) if token["hex"] else int(token["decimal"])
    valid = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if valid else token[0]


def _unparsable(reason: str) -> RefusedError:
    return bad_request(f"can't parse entities: {reason}")
