"""Many people at once: how long each waits, from update to answer, with 1, 10 and 100 chats.

``python -m benchmarks.chats`` measures this alone. In each chat somebody sends a photo, taps four
hashtags and sends the next photo, and looks at each answer for a while before.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.machine import narrow
from benchmarks.person import PATIENCE_S, Json, Panel, Person, Unanswered, person, suggestions
from benchmarks.pictures import photos
from benchmarks.processes import at, bot_api, processor_seconds, running
from benchmarks.summary import Summary
from benchmarks.table import milliseconds, table

CHATS = (1, 10, 100)
TAPS = 4
THINK_S = (2.0, 4.0)
"""People look at an answer for at least and at most so long; Telegram lets one edit a second
through."""

_LOOK_S = 0.03


@dataclass(frozen=True)
class Busy:
    """What so many chats at once had.

    Attributes:
        chats: How many.
        rate: Photos and taps a second, in all.
        photos: Seconds from each photo's delivery to its buttons.
        taps: Seconds from each tap's delivery to its new keyboard.
        core: Share of one core that the bot took.
    """

    chats: int
    rate: float
    photos: tuple[float, ...]
    taps: tuple[float, ...]
    core: float


class Log:
    """The Bot API's log of calls, each read once, when it has been answered."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._read = 0
        self._seen: set[int] = set()
        self.delivered: dict[int, float] = {}

    def news(self) -> list[Json]:
        """What has been answered since; deliveries are noted by the number of their update."""
        calls = self._http.get(f"/playground/calls?after={self._read}").raise_for_status().json()
        new = [each for each in calls if "answered" in each and each["id"] not in self._seen]
        for call in new:
            for update in call.get("delivered") or ():
                self.delivered[update] = call["answered"]
        pending = [each["id"] for each in calls if "answered" not in each]
        last = max((each["id"] for each in calls), default=self._read)
        self._read = min(pending, default=last + 1) - 1
        self._seen = {each for each in self._seen | {c["id"] for c in new} if each > self._read}
        return new


class Somebody:
    """Somebody in a chat of their own: what they do next, and since when they wait."""

    def __init__(self, people: Person, pictures: Sequence[bytes], number: int, start: float):
        self.chat = people.new_chat()
        self._people = people
        self._pictures = pictures
        self._chance = random.Random(number)
        self._number = number
        self._taps = 0
        self._panel: Panel | None = None
        self.due = start + self._chance.uniform(0, THINK_S[1])
        self.update: int | None = None
        self.asked = 0.0

    def act(self, update: int) -> None:
        """Send a photo, or tap the first hashtag; the update gets that number."""
        self.update, self.asked = update, time.monotonic()
        if self._panel is None:
            self._people.post_photo(self.chat, self._pictures[self._number % len(self._pictures)])
            self._number += 1
        else:
            self._people.post_tap(self._panel)
            self._taps += 1

    def answered(self, call: Json) -> bool | None:
        """Whether a call answers, and then whether it answers a photo; None where it does not."""
        before = self._panel
        buttons = suggestions(call, "editMessageText" if before else "sendMessage")
        if not buttons:
            return None
        message = before.message_id if before else self._people.newest(self.chat)
        if self._taps < TAPS:
            self._panel = Panel(self.chat, message, buttons)
        else:
            self._panel, self._taps = None, 0
        self.update = None
        self.due = time.monotonic() + self._chance.uniform(*THINK_S)
        return before is None


def busy(
    home: Path, pictures: Sequence[bytes], chats: int, seconds: float, *, module: str = "bot"
) -> Busy:
    """A bot with a token, and so many people at once.

    Args:
        home: Where bot and Bot API may write.
        pictures: To be sent.
        chats: How many people, each in a chat of their own.
        seconds: How long they go on.
        module: What runs as the bot.

    Raises:
        Unanswered: one of them got no answer.
    """
    with (
        bot_api(home / "api") as url,
        running(["-m", module], home / "bot", **at(url)) as bot,
        httpx.Client(base_url=url, timeout=60) as http,
        person(url) as people,
    ):
        first = people.new_chat()
        people.send(first, pictures[0])  # it waits for the start
        people.panel(first)
        log = Log(http)
        log.news()
        core, began = processor_seconds(bot.process.pid), time.monotonic()
        waits = _converse(people, log, pictures, chats, began + seconds)
        taken, clock = processor_seconds(bot.process.pid) - core, time.monotonic() - began
    seen, tapped = (tuple(wait for photo, wait in waits if photo is kind) for kind in (True, False))
    return Busy(chats, len(waits) / clock, seen, tapped, taken / clock)


def _converse(
    people: Person, log: Log, pictures: Sequence[bytes], chats: int, end: float
) -> list[tuple[bool, float]]:
    """Everybody acts, until the end; whether each answer was a photo's, and how long it took."""
    everybody = {
        one.chat: one
        for one in (Somebody(people, pictures, n, time.monotonic()) for n in range(chats))
    }
    waits: list[tuple[bool, float]] = []
    update = max(log.delivered)  # each thing that people do is one update
    while any(one.update is not None for one in everybody.values()) or time.monotonic() < end:
        now = time.monotonic()
        for one in everybody.values():
            if one.update is None and one.due <= now < end:
                update += 1
                one.act(update)
            elif one.update is not None and now - one.asked > PATIENCE_S:
                raise Unanswered(f"no answer in one of {chats} chats for {PATIENCE_S:.0f} s")
        time.sleep(_LOOK_S)
        for call in log.news():
            who = everybody.get(call["parameters"].get("chat_id"))
            if who is None or (number := who.update) is None:
                continue
            if (photo := who.answered(call)) is not None:
                waits.append((photo, call["time"] - log.delivered[number]))
    return waits


def report(all_of_them: Sequence[Busy]) -> str:
    """A table."""
    rows = [
        (
            str(one.chats),
            f"{one.rate:.1f}",
            *map(milliseconds, (photo.median, photo.p95, tap.median, tap.p95)),
            f"{100 * one.core:.0f} %",
        )
        for one in all_of_them
        for photo, tap in [(Summary.of(one.photos), Summary.of(one.taps))]
    ]
    names = (
        "chats at once",
        "photos and taps a second",
        "photo → buttons",
        "95 % of them",
        "tap → new keyboard",
        "95 % of these",
        "of a core",
    )
    return table(names, rows)


def main() -> int:
    """Measure and print.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chats", description=__doc__)
    parser.add_argument("--chats", type=int, nargs="+", default=CHATS, help="chats at once")
    parser.add_argument("--seconds", type=float, default=60, help="for each number of chats")
    parser.add_argument("--module", default="bot", help="what runs as the bot")
    arguments = parser.parse_args()
    narrow()
    pictures = photos()
    with tempfile.TemporaryDirectory() as home:
        measured = [
            busy(Path(home) / str(n), pictures, n, arguments.seconds, module=arguments.module)
            for n in arguments.chats
        ]
    print(report(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
