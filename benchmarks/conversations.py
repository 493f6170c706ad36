"""Conversations with the real bot, and what they took and left: the half of `benchmarks.costs`
that needs a bot."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.person import Person, person
from benchmarks.pictures import in_turn, photos
from benchmarks.processes import Child, at, bot_api, processor_seconds, running
from benchmarks.regulars import Regular
from benchmarks.rows import TABLES, Counted, Held, Postgres, Sqlite, Work
from bot.callbacks import Action

_FIRST = 10
"""Photos before anything is measured: the first ones allocate and import."""

_SETTLE_S = 12
"""A server's idle processes report what they did after ten seconds."""


@dataclass(frozen=True)
class Core:
    """Seconds of a core: of all processes of a bot, and of its own one (Ray has further ones).

    Attributes:
        clock: Seconds that have passed meanwhile.
    """

    whole: float
    own: float
    clock: float

    def since(self, before: Core) -> Core:
        """What came to it."""
        clock = self.clock - before.clock
        return Core(self.whole - before.whole, self.own - before.own, clock)

    def each(self, count: float) -> Core:
        """A share of it."""
        return Core(self.whole / count, self.own / count, self.clock / count)

    def beyond(self, idle: Core) -> Core:
        """What an idle bot would not have taken in that time: ``idle`` is that of a second."""
        whole = self.whole - self.clock * idle.whole
        return Core(whole, self.own - self.clock * idle.own, self.clock)


@dataclass(frozen=True)
class Bot:
    """What a bot took.

    Attributes:
        photo: For each photo, beyond what it takes idle.
        tap: For each tap, likewise.
        done: For each Done, likewise.
        idle: In each second in which nothing happens.
        calls: Calls of the Bot API, by method, in all.
        held: What all conversations left in each table.
        work: What the database's server did for all of them.
        resident: Bytes of memory of its own process after the conversations.
        chat: What each further chat with an open photo adds.
    """

    photo: Core
    tap: Core
    done: Core
    idle: Core
    calls: Counter[str]
    held: dict[str, Held]
    work: Work | None
    resident: int
    chat: float


class Calls:
    """Counts the bot's calls; the Bot API remembers the latest two thousand."""

    def __init__(self, http: httpx.Client) -> None:
        self.methods: Counter[str] = Counter()
        self._http = http
        self._last = 0
        self.count()
        self.methods.clear()

    def count(self) -> None:
        """Count those that came since the last time."""
        new = self._http.get(f"/playground/calls?after={self._last}").json()
        self.methods.update(call["method"] for call in new)
        self._last = max((call["id"] for call in new), default=self._last)


def bot(home: Path, kind: str, database: str, chats: int, taps: int, opened: int) -> Bot:
    """Conversations with a real bot, one step after the other in all chats.

    Args:
        home: Where it may write.
        kind: Of its engine: ``local`` or ``ray``.
        database: Address of an empty PostgreSQL database; else it is a SQLite file.
        chats: So many conversations, each in a chat of its own.
        taps: Suggestions tapped in each.
        opened: Photos in as many more chats, for the memory.
    """
    pictures = photos()
    own = {"engine": kind} | ({"database_url": database} if database else {})
    file = home / "bot" / "data" / "tagalong.db"
    counted: Counted = Postgres(database) if database else Sqlite(file)
    with (
        bot_api(home / "api") as url,
        running(["-m", "bot"], home / "bot", **at(url), **own) as child,
        person(url) as people,
        httpx.Client(base_url=url, timeout=60) as http,
    ):
        for number in range(_FIRST):
            _shows(people, people.new_chat(), pictures[number])
        regulars = [
            Regular(people, http, people.new_chat(), picture)
            for picture in in_turn(pictures, chats)
        ]
        time.sleep(_SETTLE_S)
        core = _core(child)
        time.sleep(_SETTLE_S)
        idle = _core(child).since(core)
        idle = idle.each(idle.clock)
        held, work, calls = counted.held(), counted.work(), Calls(http)
        photo, tap, done = _converse(child, people, regulars, taps, calls)
        time.sleep(_SETTLE_S)
        left, after = counted.held(), counted.work()
        before = _resident(child)
        for picture in in_turn(pictures, opened):
            _shows(people, people.new_chat(), picture)
        chat = (_resident(child) - before) / max(1, opened)
    added = {
        name: Held(left[name].rows - held[name].rows, left[name].size - held[name].size)
        for name in TABLES
    }
    return Bot(
        photo.beyond(idle).each(chats),
        tap.beyond(idle).each(chats * taps),
        done.beyond(idle).each(chats),
        idle,
        calls.methods,
        added,
        after.since(work) if after and work else None,
        before,
        chat,
    )


def _shows(people: Person, chat_id: int, picture: bytes) -> None:
    people.send(chat_id, picture)
    people.panel(chat_id)


def _converse(
    child: Child,
    people: Person,
    all_of_them: Sequence[Regular],
    taps: int,
    calls: Calls,
) -> tuple[Core, Core, Core]:
    """What all photos, all taps and all ends took."""
    core = [_core(child)]
    for one in all_of_them:
        with one.turn(1):
            _shows(people, one.chat, one.picture)
    calls.count()
    core.append(_core(child))
    for _ in range(taps):
        for one in all_of_them:
            with one.turn(1):
                one.answered(("editMessageText",), one.tap(Action.ADD))
        calls.count()
    core.append(_core(child))
    for one in all_of_them:
        with one.turn(2):
            one.tap(Action.DONE)
            one.answered(("sendMessage",), None)
    time.sleep(2)  # the last panel is closed
    calls.count()
    core.append(_core(child))
    return core[1].since(core[0]), core[2].since(core[1]), core[3].since(core[2])


def _core(child: Child) -> Core:
    pid = child.process.pid
    return Core(processor_seconds(pid), processor_seconds(pid, alone=True), time.monotonic())


def _resident(child: Child) -> int:
    """Bytes of memory of the bot's own process."""
    pages = int(Path(f"/proc/{child.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
