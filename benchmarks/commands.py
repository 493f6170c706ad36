"""Every command and every other tap: how long a person waits for what does not look at a photo.

``python -m benchmarks.commands`` measures these alone.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.machine import narrow
from benchmarks.person import Unanswered, person
from benchmarks.pictures import in_turn, photos
from benchmarks.processes import TOKEN, at, bot_api, running
from benchmarks.regulars import Regular, remember
from benchmarks.steps import EVERY_ROUND, IN_THE_END, Step
from benchmarks.summary import Summary
from benchmarks.table import milliseconds, table

AIM_S = 0.1

_SHOWN = 8
"""Photos that the bot is shown before, in chats of their own; the past is made of them."""


@dataclass(frozen=True)
class Waits:
    """How long people waited for one kind of step, in seconds."""

    name: str
    seconds: tuple[float, ...]


def commands(
    home: Path, pictures: Sequence[bytes], chats: int, rounds: int, *, module: str = "bot"
) -> tuple[Waits, ...]:
    """A bot with a token, and people who have used it for long.

    Args:
        home: Where bot and Bot API may write.
        pictures: To be sent.
        chats: In so many chats, one after the other, each step is taken.
        rounds: How often all steps are taken in each, before the end.
        module: What runs as the bot.
    """
    waits: dict[str, list[float]] = defaultdict(list)
    with (
        bot_api(home / "api") as url,
        running(["-m", module], home / "bot", **at(url)),
        person(url) as people,
        httpx.Client(base_url=url, timeout=60) as http,
    ):
        for picture in pictures[:_SHOWN]:
            chat_id = people.new_chat()
            people.send(chat_id, picture)
            people.panel(chat_id)
        regulars = [
            Regular(people, http, people.new_chat(), picture)
            for picture in in_turn(pictures, chats)
        ]
        database, bot_id = home / "bot" / "data" / "tagalong.db", int(TOKEN.partition(":")[0])
        asyncio.run(remember(database, bot_id, [one.chat for one in regulars]))
        for regular in regulars:
            people.send(regular.chat, regular.picture)
            people.panel(regular.chat)
        for step in (*EVERY_ROUND * rounds, *IN_THE_END):
            for regular in regulars:
                waits[step.name].append(_take(step, regular))
    return tuple(Waits(name, tuple(seconds)) for name, seconds in waits.items())


def _take(step: Step, regular: Regular) -> float:
    """Take a step; how long its answer took."""
    if step.before is not None:
        with regular.turn(1):
            step.before(regular)
    with regular.turn(step.messages):
        try:
            return regular.answered(step.methods, step.act(regular)).seconds
        except Unanswered as error:
            raise Unanswered(f"{step.name}: {error}") from error


def report(waits: Sequence[Waits]) -> str:
    """A table, and a word about the slowest."""
    rows = []
    for one in waits:
        summary = Summary.of(one.seconds)
        times = (summary.median, summary.p95, summary.slowest)
        rows.append((one.name, str(summary.count), *map(milliseconds, times)))
    late = sum(second > AIM_S for one in waits for second in one.seconds)
    all_of_them = sum(len(one.seconds) for one in waits)
    names = ("what does not look at a photo", "times", "median", "p95", "slowest")
    return (
        f"{table(names, rows)}\n\n"
        f"Slower than the aim of {milliseconds(AIM_S)}: {late} of {all_of_them:,}."
    )


def main() -> int:
    """Measure and print.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__)
    parser.add_argument("--chats", type=int, default=10, help="chats in which all is done")
    parser.add_argument("--rounds", type=int, default=2, help="how often in each")
    parser.add_argument("--module", default="bot", help="what runs as the bot")
    arguments = parser.parse_args()
    narrow()
    with tempfile.TemporaryDirectory() as home:
        waits = commands(
            Path(home), photos(), arguments.chats, arguments.rounds, module=arguments.module
        )
    print(report(waits))
    return 0


if __name__ == "__main__":
    sys.exit(main())
