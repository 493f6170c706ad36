"""``python -m benchmarks.costs``: what a photo costs, in time of a core, calls, rows and bytes.

Real conversations (a photo, some taps, Done) go through the real bot. Nothing here is a waiting
time, so a machine that is busy with other things changes little; `benchmarks.capacity` builds on
these figures.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.conversations import Bot, bot
from benchmarks.machine import load
from benchmarks.pictures import in_turn, photos
from benchmarks.table import milliseconds, table
from engine import ImageEmbedding, open_recommender, pixels
from engine.local import LocalRecommender

_AT_ONCE = 96
"""Photos that wait for the engine together: enough for several of its largest batches."""


@dataclass(frozen=True)
class Engine:
    """Seconds of a core that the engine alone takes; `rate` is photos a second, at the limit."""

    device: str
    decode: float
    look: float
    tap: float
    rate: float


async def engine(pictures: Sequence[bytes], count: int) -> Engine:
    """The engine alone, in this process, on whatever it chooses to run."""
    ours = await open_recommender()
    assert isinstance(ours, LocalRecommender)
    many = in_turn(pictures, count)
    await _all(ours, many[:_AT_ONCE])
    began, clock = time.process_time(), time.perf_counter()
    seen = await _all(ours, many)
    looked, rate = time.process_time() - began, count / (time.perf_counter() - clock)
    began = time.process_time()
    for number, image in enumerate(seen):
        await ours.suggest(image, ("travel", "summer", "sea", "sun")[: number % 5])
    tapped = time.process_time() - began
    geometry, device = ours._encoder.card.geometry, ours._encoder.device.type
    began = time.process_time()
    for picture in many:
        pixels.decode(picture, geometry)
    decoded = time.process_time() - began
    await ours.close()
    return Engine(device, decoded / count, looked / count, tapped / count, rate)


async def _all(ours: LocalRecommender, many: Sequence[bytes]) -> list[ImageEmbedding]:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> ImageEmbedding:
        async with places:
            return await ours.look(many[number], caller=number)

    return await asyncio.gather(*map(one, range(len(many))))


def page(seen: Engine, one: Bot, chats: int, taps: int) -> str:
    """Everything as Markdown."""
    steps = one.photo, one.tap, one.done, one.idle
    times = table(
        ("time of a core", "photo", "tap", "Done", "a second idle"),
        [
            ("bot and engine", *(milliseconds(each.whole) for each in steps)),
            ("the bot's own process", *(milliseconds(each.own) for each in steps)),
            ("engine alone", *map(milliseconds, (seen.look, seen.tap)), "", ""),
        ],
    )
    rows = table(
        ("a conversation leaves", "rows", "bytes"),
        [
            (name, f"{held.rows / chats:.1f}", f"{held.size / chats:,.0f}")
            for name, held in one.held.items()
        ],
    )
    calls = ", ".join(f"{name} {n / chats:.1f}" for name, n in one.calls.most_common())
    said = (
        f"{chats} conversations of a photo, {taps} taps and Done; load now {load()}. "
        f"Decoding takes {milliseconds(seen.decode)} of the engine's photo. The engine alone on "
        f"{seen.device}: {seen.rate:,.1f} photos a second at the limit."
    )
    memory = (
        f"Memory of the bot's own process: {one.resident / 1e6:,.0f} MB, and "
        f"{one.chat / 1000:,.1f} kB for each further chat with an open photo."
    )
    parts = [said, times, rows, f"Calls: {calls}.", memory]
    if one.work is not None:
        core = one.work.processor
        parts.append(
            f"The server: {one.work.transactions / chats:.1f} transactions, "
            f"{one.work.writes / chats:.1f} of them writing, {one.work.log / chats:,.0f} bytes of "
            f"write-ahead log, "
            + ("its core time unknown." if core is None else f"{milliseconds(core / chats)}.")
        )
    return "\n\n".join(parts)


def main() -> int:
    """Measure and print.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=__doc__)
    parser.add_argument("--chats", type=int, default=100, help="conversations")
    parser.add_argument("--taps", type=int, default=4, help="taps in each")
    parser.add_argument("--photos", type=int, default=200, help="that the engine alone looks at")
    parser.add_argument("--open", type=int, default=200, help="further chats, for the memory")
    parser.add_argument("--engine", choices=("local", "ray"), default="local", help="of the bot")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database's address")
    given = parser.parse_args()
    seen = asyncio.run(engine(photos(), given.photos))
    with tempfile.TemporaryDirectory() as home:
        one = bot(Path(home), given.engine, given.database, given.chats, given.taps, given.open)
    print(page(seen, one, given.chats, given.taps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
