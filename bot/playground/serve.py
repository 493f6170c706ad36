"""The life of the playground's server, in the caller's event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.asgi import answering, listen
from bot.playground.app import build
from bot.playground.belongings import Belongings
from bot.playground.store import Clock
from bot.playground.webhook import deliver
from bot.playground.world import World


@dataclass(frozen=True)
class Playground:
    """A running server.

    Attributes:
        host: Where it listens.
        port: On which port.
        url: Where the page is; the Bot API is at ``{url}/bot`` and ``{url}/file/bot``.
        belongings: What it keeps of each chat.
    """

    host: str
    port: int
    url: str
    belongings: Belongings


@asynccontextmanager
async def serve(
    host: str,
    port: int,
    data_dir: Path,
    *,
    hosts: Iterable[str] = (),
    clock: Clock = time.time,
    file_days: int = 1,
    days: int = 0,
) -> AsyncIterator[Playground]:
    """Run the local Bot API and the chat page.

    Args:
        host: Address to listen on; ``127.0.0.1`` keeps it to this machine.
        port: Port; 0 takes any free one.
        data_dir: State is kept in its folder ``playground`` and survives a restart.
        hosts: Host names to serve besides addresses and local names.
        clock: Seconds since the epoch; lifetimes are counted by it.
        file_days: How long files are kept.
        days: How long messages are kept; 0 for ever.

    Yields:
        The running server.

    Raises:
        OSError: The address is in use or not of this machine.
        OtherVersionError: The folder holds state of another version.
    """
    listener = listen(host, port)
    try:
        world = World.open(data_dir / "playground", clock, file_days=file_days, days=days)
    except BaseException:
        listener.close()
        raise
    port = int(listener.getsockname()[1])
    shown = "127.0.0.1" if host in ("0.0.0.0", "") else host
    shown = f"[{shown}]" if ":" in shown else shown
    try:
        async with answering(build(world, (*hosts, host)), listener):
            chores = [asyncio.create_task(world.keep_clean()), asyncio.create_task(deliver(world))]
            try:
                yield Playground(host, port, f"http://{shown}:{port}", Belongings(world))
            finally:
                for chore in chores:
                    chore.cancel()
                    with suppress(asyncio.CancelledError):
                        await chore
                world.hang_up()
    finally:
        world.close()
