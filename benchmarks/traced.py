"""``python -m benchmarks.traced``: the bot itself, with notes of when each of its parts worked.

It is the same as ``python -m bot``, and its settings are too. When it ends it writes the file
``spans.json`` in its working folder: ``[part, begin, end]`` in seconds since the epoch.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from telegram.request import HTTPXRequest

from bot.__main__ import main
from engine import pixels
from engine.compiled import Compiled
from engine.decoder import TagDecoder
from engine.encoder import Encoder
from engine.local import LocalRecommender
from storage.database import Database

SPANS = "spans.json"
_COURTESIES = ("sendChatAction", "answerCallbackQuery")
"""They run beside what a person waits for."""

_Span = tuple[str, float, float]


class Trace:
    """Notes of all calls of some functions."""

    def __init__(self) -> None:
        self.spans: list[_Span] = []

    def block(self, owner: Any, name: str, part: str) -> None:
        """Note the calls of a function; the bot calls it under this name from now on."""
        function = getattr(owner, name)

        @functools.wraps(function)
        def noted(*args: Any, **kwargs: Any) -> Any:
            begin = time.time()
            try:
                return function(*args, **kwargs)
            finally:
                self.spans.append((part, begin, time.time()))

        setattr(owner, name, noted)

    def wait(self, owner: Any, name: str, part: Callable[..., str]) -> None:
        """Note the calls of a coroutine function; ``part`` names each by its arguments."""
        function = getattr(owner, name)

        @functools.wraps(function)
        async def noted(*args: Any, **kwargs: Any) -> Any:
            begin = time.time()
            try:
                return await function(*args, **kwargs)
            finally:
                self.spans.append((part(*args, **kwargs), begin, time.time()))

        setattr(owner, name, noted)


def _request(_: HTTPXRequest, url: str, *args: Any, **kwargs: Any) -> str:
    """A long poll waits for people, so it is named apart from the other requests."""
    method = url.rpartition("/")[2]
    if method == "getUpdates":
        return "poll"
    return "courtesy" if method in _COURTESIES else "http"


def trace() -> Trace:
    """Begin to note what the parts of this process do."""
    noted = Trace()
    noted.block(pixels, "inspect", "decode")
    noted.block(pixels, "decode", "decode")
    for network in (Encoder, Compiled):
        noted.block(network, "features", "cnn")
    noted.block(TagDecoder, "suggest", "lstm")
    for verb in ("read", "write"):
        noted.wait(Database, verb, lambda *_, **__: "database")
    for door in ("look", "suggest"):
        noted.wait(LocalRecommender, door, lambda *_, **__: "queue")
    noted.wait(HTTPXRequest, "do_request", _request)
    return noted


if __name__ == "__main__":
    traced = trace()
    status = main()
    Path(SPANS).write_text(json.dumps(traced.spans))
    sys.exit(status)
