"""Levers for tests: faults, floods, redelivery, and the log of calls."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.delivery import membership
from bot.playground.faults import fault_from
from bot.playground.inputs import PersonError, chat_of, json_body
from bot.playground.world import World


class Levers:
    """Routes below ``/playground`` that no person in a real chat has."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """What tests talk to."""
        return [
            Route("/playground/faults", self.fault, methods=["POST"]),
            Route("/playground/faults", self.no_faults, methods=["DELETE"]),
            Route("/playground/redeliver", self.redeliver, methods=["POST"]),
            Route("/playground/calls", self.calls),
            Route("/playground/chats/{chat}/block", self.block, methods=["POST"]),
            Route("/playground/chats/{chat}/upgrade", self.upgrade, methods=["POST"]),
        ]

    async def fault(self, request: Request) -> Response:
        """Let coming calls fail, or limit floods: ``{"flood": {"per_second": 1, "burst": 3}}``."""
        body = await json_body(request)
        if "flood" in body:
            return self._flood(body["flood"])
        try:
            self._world.faults.add(fault_from(body))
        except ValueError as error:
            raise PersonError(f"This fault cannot be: {error}.") from error
        return JSONResponse({"ok": True})

    def _flood(self, flood: object) -> Response:
        if flood is None:
            self._world.faults.limit_floods(None, 1)
            return JSONResponse({"ok": True})
        per_second = flood.get("per_second", 1) if isinstance(flood, dict) else 0
        burst = flood.get("burst", 3) if isinstance(flood, dict) else 0
        if not isinstance(per_second, int | float) or not isinstance(burst, int):
            raise PersonError("“per_second” and “burst” must be numbers.")
        if per_second <= 0 or burst < 1:
            raise PersonError("“per_second” must be above 0, and “burst” at least 1.")
        self._world.faults.limit_floods(float(per_second), burst)
        return JSONResponse({"ok": True})

    async def no_faults(self, request: Request) -> Response:
        """Everything works again."""
        self._world.faults.clear()
        return JSONResponse({"ok": True})

    async def redeliver(self, request: Request) -> Response:
        """Send an update again although the bot has confirmed it."""
        update_id = (await json_body(request)).get("update_id")
        if not isinstance(update_id, int) or not self._world.updates.redeliver(update_id):
            raise PersonError("There is no such update.", 404)
        return JSONResponse({"ok": True})

    async def calls(self, request: Request) -> Response:
        """The latest Bot API calls, without the token; ``chat_id`` narrows them to one chat."""
        after = request.query_params.get("after", "0")
        chat = request.query_params.get("chat_id", "")
        if not after.isdecimal() or not (chat.lstrip("-").isdecimal() or not chat):
            raise PersonError("“after” and “chat_id” must be numbers.")
        entries = self._world.calls.after(int(after), int(chat) if chat else None)
        return JSONResponse(entries)

    async def block(self, request: Request) -> Response:
        """Stop the bot (in a group: remove it), or let it in again with ``{"blocked": false}``."""
        chat = chat_of(self._world, request)
        blocked = (await json_body(request)).get("blocked", True)
        if not isinstance(blocked, bool):
            raise PersonError("“blocked” must be true or false.")
        if blocked != self._world.chats.blocked(chat["id"]):
            person = self._world.chats.members(chat["id"])[0]
            out = "kicked"
            with self._world.store.transaction():
                self._world.chats.block(chat["id"], blocked)
                old, new = ("member", out) if blocked else (out, "member")
                membership(self._world, chat, person, old, new)
        return JSONResponse({"blocked": blocked})

    async def upgrade(self, request: Request) -> Response:
        """Turn a group into a supergroup, which has another id."""
        chat = chat_of(self._world, request)
        if chat["type"] != "group" or self._world.chats.migrated(chat["id"]) is not None:
            raise PersonError("Only a group can become a supergroup, and only once.")
        person = self._world.chats.members(chat["id"])[0]
        with self._world.store.transaction():
            new = self._world.chats.migrate(chat["id"])
            for place, note in (
                (chat, {"migrate_to_chat_id": new["id"]}),
                (new, {"migrate_from_chat_id": chat["id"]}),
            ):
                message = self._world.messages.post(place, person, note)
                self._world.updates.add("message", message)
        return JSONResponse({"chat_id": new["id"]})
