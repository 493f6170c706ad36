"""The door of the server: other web sites, disguised addresses and oversized uploads stay out.

A page of another site that is open in the same browser must neither read the chats nor send into
them (cross-origin requests), not even under a host name that it points at this machine (DNS
rebinding).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.playground.refusals import UPLOAD_LIMIT, RefusedError

MAX_BODY = UPLOAD_LIMIT + (1 << 20)
# An upload somewhat too large is read to its end, so that the browser can show the answer.
_PATIENCE = 5 * MAX_BODY
# Names that no public name server answers for.
_LOCAL_SUFFIXES = (".localhost", ".local", ".lan", ".home.arpa", ".internal")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class TooLargeError(Exception):
    """The body of a request is longer than allowed."""


class Guard:
    """ASGI middleware that checks each request before anything reads it.

    Args:
        app: What it guards.
        hosts: Host names that are served besides addresses and local names.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await JSONResponse({"error": refusal}, 403)(scope, receive, send)
            return
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > MAX_BODY:
            await _drain(receive)
            await too_large()(scope, receive, send)
            return
        await self._app(scope, _measured(receive), _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> str | None:
        host = headers.get("host", "")
        if not self._known(host):
            return "This server does not go by that name."
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return "Other web sites are not let in."
        visit = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if foreign and not (visit and scope["path"] == "/"):
            return "Other web sites are not let in."
        return None

    def _known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            local = "." not in name or name.endswith(_LOCAL_SUFFIXES)
            return bool(name) and (local or name in self._hosts)
        return True


def too_large() -> JSONResponse:
    """The answer to a body that is too long, in the words of both sides."""
    return JSONResponse(
        {
            **RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE).body(),
            "error": f"This is too large: {UPLOAD_LIMIT // 10**6} MB are allowed.",
        },
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )


def _measured(receive: Receive) -> Receive:
    total = 0

    async def measured() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MAX_BODY:
            raise TooLargeError
        return message

    return measured


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
        await send(message)

    return sending


async def _drain(receive: Receive) -> None:
    total = 0
    while total < _PATIENCE:
        message = await receive()
        total += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return
