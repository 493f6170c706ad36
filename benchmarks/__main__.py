"""``python -m benchmarks``: run everything, print the tables, keep them in ``runs/bench``."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.chats import CHATS, busy
from benchmarks.commands import commands
from benchmarks.machine import load, machine, narrow
from benchmarks.parts import parts
from benchmarks.pictures import photos
from benchmarks.plot import draw
from benchmarks.report import Figures, page, write
from benchmarks.whole import Plan, alone, crowd, polling, start

_TRACED = Plan(photos=40, taps=60)
_PAGE_TAPS = 20
_ROUNDS = 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--photos", type=int, default=100, help="photos, one after the other")
    parser.add_argument("--taps", type=int, default=100, help="taps, a second apart in each chat")
    parser.add_argument("--starts", type=int, default=3, help="starts of the bot")
    parser.add_argument("--chats", type=int, default=10, help="chats in which all else is done")
    parser.add_argument("--busy", type=float, default=60, help="seconds with many chats at once")
    parser.add_argument("--out", type=Path, default=Path("runs/bench"), help="where files go")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _measure(arguments: argparse.Namespace, home: Path) -> Figures:
    here = machine(narrow())
    pictures = photos()
    plan = Plan(arguments.photos, arguments.taps)
    _say(f"start to first buttons, {arguments.starts} times")
    starts = tuple(start(home / f"start{n}", pictures[n]) for n in range(arguments.starts))
    _say(f"{plan.photos} photos and {plan.taps} taps, the Bot API in another process")
    polled = polling(home / "polling", pictures, plan)
    _say(f"{plan.photos} photos through the page's own process")
    lone, modules = alone(home / "alone", pictures, Plan(plan.photos, _PAGE_TAPS))
    _say(f"{plan.photos} photos at once")
    many = crowd(home / "crowd", pictures, plan.photos)
    _say(f"every command and tap, {_ROUNDS} times in {arguments.chats} chats")
    waits = commands(home / "commands", pictures, arguments.chats, _ROUNDS)
    _say(f"{', '.join(map(str, CHATS))} chats at once, {arguments.busy:.0f} s each")
    together = tuple(busy(home / f"busy{n}", pictures, n, arguments.busy) for n in CHATS)
    _say("where the time goes")
    return Figures(
        machine=here,
        picture_bytes=int(statistics.median(map(len, pictures))),
        starts=starts,
        polling=polled,
        alone=lone,
        modules=len(modules),
        timm="timm" in modules,
        crowd=many,
        shares=parts(home / "parts", pictures, _TRACED),
        waits=waits,
        busy=together,
        load=load(),
    )


def main() -> int:
    """Measure, print, write.

    Returns:
        The exit status.
    """
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as home:
        figures = _measure(arguments, Path(home))
    write(figures, arguments.out)
    draw(figures.shares, arguments.out / "parts.png")
    print(page(figures))
    _say(f"written to {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
