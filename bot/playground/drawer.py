"""The developers' drawer of the chat page: what went over the wire for one chat."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.playground.inputs import chat_of, event_stream, known_until
from bot.playground.world import World


class Drawer:
    """The route below ``/playground`` that the drawer follows."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What the chat page and the tests talk to."""
        return [Route("/playground/chats/{chat}/wire", self.wire)]

    async def wire(self, request: Request) -> Response:
        """A chat's calls and delivered updates, as server-sent events."""
        chat_id = chat_of(self._world, request)["id"]
        return event_stream(self._world.journal.stream(chat_id, known_until(request)))
