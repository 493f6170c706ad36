"""The bot as a person has it: photos and taps, how long they take, and what the bot then holds."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.person import Panel, Person, Span, person
from benchmarks.processes import (
    Child,
    Memory,
    at,
    bot_api,
    free_port,
    processor_seconds,
    running,
    wait_for,
)

_CHATS = 20
_APART_S = 1.1
"""Between two taps in a chat: Telegram lets one edit a second through."""


@dataclass(frozen=True)
class Plan:
    """How much is measured: photos one after the other, then taps in turn in the chats."""

    photos: int
    taps: int


@dataclass(frozen=True)
class Run:
    """What a run of the bot gave.

    Attributes:
        photos: From each photo's delivery to its buttons.
        taps: From each tap's delivery to its new keyboard.
        idle: What the bot held when it had answered one photo.
        after: What it held after all photos; its peak is that of the whole run.
        photo_core: Seconds of a core that the bot took for each photo.
        tap_core: The same for each tap.
        refused: How many calls the Bot API refused.
    """

    photos: tuple[Span, ...]
    taps: tuple[Span, ...]
    idle: Memory
    after: Memory
    photo_core: float
    tap_core: float
    refused: int


@dataclass(frozen=True)
class Crowd:
    """Photos that all waited when the bot started.

    Attributes:
        photos: How many.
        seconds: From the first delivery to the last buttons.
        memory: What the bot held then.
    """

    photos: int
    seconds: float
    memory: Memory


def polling(home: Path, pictures: Sequence[bytes], plan: Plan, *, module: str = "bot") -> Run:
    """A bot with a token, and the Bot API in another process.

    Args:
        home: Where both may write.
        pictures: To be sent, again and again in this order.
        plan: How much.
        module: What runs as the bot.
    """
    with (
        bot_api(home / "api") as url,
        running(["-m", module], home / "bot", **at(url)) as bot,
        person(url) as people,
    ):
        return _use(bot, people, pictures, plan)


def alone(home: Path, pictures: Sequence[bytes], plan: Plan) -> tuple[Run, frozenset[str]]:
    """The bot without a token, with its page in the same process.

    Returns:
        The run, and the names of all modules that the process imported.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(["-X", "importtime", "-m", "bot"], home, playground_port=port) as bot:
        wait_for(url, bot)
        with person(url) as people:
            run = _use(bot, people, pictures, plan)
        lines = bot.log.read_text(errors="replace").splitlines()
    imports = [line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")]
    return run, frozenset(imports)


def start(home: Path, picture: bytes) -> float:
    """Seconds from the start of a bot to the buttons of a photo that was sent before."""
    with bot_api(home / "api") as url, person(url) as somebody:
        chat_id = somebody.new_chat()
        somebody.send(chat_id, picture)
        began = time.time()
        with running(["-m", "bot"], home / "bot", **at(url)):
            _, span = somebody.panel(chat_id)
        return span.arrived - began


def crowd(home: Path, pictures: Sequence[bytes], count: int) -> Crowd:
    """Start a bot that finds many photos waiting, each in a chat of its own."""
    waiting = list(itertools.islice(itertools.cycle(pictures), count))
    with bot_api(home / "api") as url, person(url) as people:
        people.crowd(waiting)
        with running(["-m", "bot"], home / "bot", **at(url)) as bot:
            span = people.panels(count)
            return Crowd(count, span.seconds, bot.memory())


def _use(bot: Child, people: Person, pictures: Sequence[bytes], plan: Plan) -> Run:
    chats = [people.new_chat() for _ in range(_CHATS)]
    panels: dict[int, Panel] = {}
    people.send(chats[0], pictures[0])  # the first one waits for the start
    people.panel(chats[0])
    idle = bot.memory()
    photos = []
    core = [processor_seconds(bot.process.pid)]
    order = zip(itertools.cycle(chats), itertools.cycle(pictures), strict=False)
    for chat_id, picture in itertools.islice(order, plan.photos):
        people.send(chat_id, picture)
        panels[chat_id], span = people.panel(chat_id)
        photos.append(span)
    after = bot.memory()
    core.append(processor_seconds(bot.process.pid))
    taps = _tap(people, panels, plan.taps)
    core.append(processor_seconds(bot.process.pid))
    after = replace(after, peak=bot.memory().peak)
    photo_core, tap_core = (core[1] - core[0]) / len(photos), (core[2] - core[1]) / len(taps)
    return Run(tuple(photos), taps, idle, after, photo_core, tap_core, people.refused())


def _tap(people: Person, panels: dict[int, Panel], count: int) -> tuple[Span, ...]:
    """Tap in turn, in no chat sooner than a second after its last message."""
    spans = []
    last = dict.fromkeys(panels, time.monotonic())
    for chat_id in itertools.islice(itertools.cycle(panels), count):
        time.sleep(max(0.0, last[chat_id] + _APART_S - time.monotonic()))
        panels[chat_id], span = people.tap(panels[chat_id])
        last[chat_id] = time.monotonic()
        spans.append(span)
    return tuple(spans)
