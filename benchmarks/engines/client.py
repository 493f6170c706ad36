"""A client of LitServe that costs next to nothing: the server has the same two cores."""

from __future__ import annotations

import asyncio
import base64
import json
import time

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_FRESH_S = 2.0
"""A connection that has been idle for longer may have been closed at the other end."""


class Served:
    """LitServe over HTTP, with connections that are kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[float, _Connection]] = []
        self._bodies: dict[bytes, bytes] = {}

    async def look(self, photo: bytes) -> bytes:
        """The features of a photo.

        Raises:
            RuntimeError: the server gave none.
        """
        body = self._bodies.get(photo) or self._body(photo)
        reader, writer = await self._connection()
        writer.write(body)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        length = next(
            int(line.split(":")[1]) for line in lines if line.startswith("content-length")
        )
        answer = await reader.readexactly(length)
        self._idle.append((time.monotonic(), (reader, writer)))
        if " 200 " not in lines[0]:
            raise RuntimeError(answer.decode(errors="replace"))
        return base64.b64decode(json.loads(answer)["features"])

    async def tap(self, number: int) -> None:
        """It has no tags to suggest."""
        raise NotImplementedError

    async def _connection(self) -> _Connection:
        while self._idle:
            since, connection = self._idle.pop()
            if time.monotonic() - since < _FRESH_S:
                return connection
            connection[1].close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    def _body(self, photo: bytes) -> bytes:
        content = json.dumps({"photo": base64.b64encode(photo).decode()}).encode()
        head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        whole = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
        self._bodies[photo] = whole
        return whole
