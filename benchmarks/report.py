"""The figures as a page for people (Markdown, which the terminal shows too) and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import chats, commands
from benchmarks.chats import Busy
from benchmarks.commands import Waits
from benchmarks.machine import Machine
from benchmarks.parts import PARTS, Shares
from benchmarks.processes import Memory
from benchmarks.summary import Summary
from benchmarks.table import milliseconds, table
from benchmarks.whole import Crowd, Run


@dataclass(frozen=True)
class Figures:
    """Everything that was measured.

    Attributes:
        starts: Seconds from the start of the process to the first buttons.
        polling: The bot with a token.
        alone: The bot without a token, and its page.
        modules: How many modules that process imported.
        timm: Whether timm was among them.
        waits: What does not look at a photo.
        busy: Many chats at once.
        load: Of the machine after all this; `machine` has that before it.
    """

    machine: Machine
    load: float
    picture_bytes: int
    starts: tuple[float, ...]
    polling: Run
    alone: Run
    modules: int
    timm: bool
    crowd: Crowd
    shares: Shares
    waits: tuple[Waits, ...]
    busy: tuple[Busy, ...]

    @property
    def photo(self) -> Summary:
        """From a photo's delivery to its buttons."""
        return Summary.of([span.seconds for span in self.polling.photos])

    @property
    def tap(self) -> Summary:
        """From a tap's delivery to its new keyboard."""
        return Summary.of([span.seconds for span in self.polling.taps])


def page(figures: Figures) -> str:
    """The figures as Markdown."""
    speed = [_speed(figures), chats.report(figures.busy), commands.report(figures.waits)]
    return "\n\n".join([_where(figures), *speed, _memory(figures), _parts(figures)]) + "\n"


def write(figures: Figures, folder: Path) -> None:
    """Write ``report.md`` and ``figures.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(page(figures), encoding="utf-8")
    values: dict[str, Any] = asdict(figures) | {
        "photo": asdict(figures.photo),
        "tap": asdict(figures.tap),
    }
    for run in ("polling", "alone"):  # the moments mean nothing outside, the durations do
        for kind in ("photos", "taps"):
            spans = getattr(getattr(figures, run), kind)
            values[run][kind] = [round(span.seconds, 6) for span in spans]
    (folder / "figures.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def _where(figures: Figures) -> str:
    machine = figures.machine
    return (
        f"{machine.when}; {machine.cores} cores of {machine.processor}, no GPU; "
        f"Python {machine.python}, torch {machine.torch}, python-telegram-bot "
        f"{machine.telegram}. Load (processes running or waiting, last minute): "
        f"{machine.load} before, {figures.load} after."
    )


def _speed(figures: Figures) -> str:
    photo, tap, starts = figures.photo, figures.tap, Summary.of(figures.starts)
    rows = [
        ("photo → buttons", *_times(photo), "500 ms"),
        ("tap → new keyboard", *_times(tap), "50 ms"),
        ("start → first buttons", *_times(starts), "10,000 ms"),
    ]
    names = ("what", "times", "median", "p95", "slowest", "aim (median)")
    crowd, polling = figures.crowd, figures.polling
    return (
        f"{table(names, rows)}\n\n"
        f"{crowd.photos} photos that waited at the start, in as many chats: all answered "
        f"{crowd.seconds:.1f} s after the first delivery "
        f"({crowd.photos / crowd.seconds:.1f} a second). "
        f"Photos: 1,280 px, {figures.picture_bytes // 1000} kB (median). "
        f"Of a core the bot took {milliseconds(polling.photo_core)} a photo and "
        f"{milliseconds(polling.tap_core)} a tap. "
        f"Calls that the Bot API refused: {polling.refused + figures.alone.refused}."
    )


def _memory(figures: Figures) -> str:
    photos = len(figures.polling.photos)
    alone = len(figures.alone.photos)
    rows = [
        ("bot, after its first photo", *_held(figures.polling.idle), ""),
        (f"bot, after {photos} photos", *_held(figures.polling.after), "1,000 MB"),
        (f"bot, after {figures.crowd.photos} photos at once", *_held(figures.crowd.memory), ""),
        ("bot with its page, after its first photo", *_held(figures.alone.idle), ""),
        (f"bot with its page, after {alone} photos", *_held(figures.alone.after), "1,000 MB"),
    ]
    names = ("who", "processes", "resident", "proportional", "highest", "aim (resident)")
    imported = "imported" if figures.timm else "not imported"
    return f"{table(names, rows)}\n\ntimm: {imported} (of {figures.modules:,} modules)."


def _parts(figures: Figures) -> str:
    shares = figures.shares
    rows = [
        (name, milliseconds(shares.photo[part]), milliseconds(shares.tap[part]))
        for part, name in PARTS.items()
    ]
    rows.append(
        ("together (median)", milliseconds(shares.photo_whole), milliseconds(shares.tap_whole))
    )
    return table(("where the time goes", "photo", "tap"), rows)


def _times(summary: Summary) -> tuple[str, ...]:
    return (
        str(summary.count),
        milliseconds(summary.median),
        milliseconds(summary.p95),
        milliseconds(summary.slowest),
    )


def _held(memory: Memory) -> tuple[str, ...]:
    sizes = (memory.resident, memory.proportional, memory.peak)
    return (str(memory.processes), *(f"{size / 1e6:,.0f} MB" for size in sizes))
