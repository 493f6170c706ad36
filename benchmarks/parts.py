"""Where the time goes between an update's delivery and its answer's arrival.

Each moment belongs to one part: to the work that goes on then, and to a wait only where no work
does. So the parts add up to the whole.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.person import Span
from benchmarks.traced import SPANS
from benchmarks.whole import Plan, polling

PARTS = {
    "decode": "decode",
    "cnn": "CNN",
    "lstm": "LSTM and ranking",
    "database": "database",
    "http": "HTTP",
    "queue": "engine's queue and threads",
    "rest": "everything else",
}
"""In order of precedence, as they are shown. Everything else is the library, the event loop, and
the courtesies beside it (“typing”, the answer to a tap)."""

_Noted = tuple[str, float, float]


@dataclass(frozen=True)
class Shares:
    """Median seconds by part, of photos and of taps."""

    photo: dict[str, float]
    tap: dict[str, float]
    photo_whole: float
    tap_whole: float


def parts(home: Path, pictures: Sequence[bytes], plan: Plan) -> Shares:
    """Run the bot once more, with notes of what it does when."""
    run = polling(home, pictures, plan, module="benchmarks.traced")
    noted: list[_Noted] = [tuple(one) for one in json.loads((home / "bot" / SPANS).read_text())]
    return Shares(
        photo=_medians([_split(span, noted) for span in run.photos]),
        tap=_medians([_split(span, noted) for span in run.taps]),
        photo_whole=float(np.median([span.seconds for span in run.photos])),
        tap_whole=float(np.median([span.seconds for span in run.taps])),
    )


def _medians(splits: Sequence[dict[str, float]]) -> dict[str, float]:
    return {part: float(np.median([split[part] for split in splits])) for part in PARTS}


def _split(span: Span, noted: Sequence[_Noted]) -> dict[str, float]:
    """Divide a span among the parts."""
    inside = [_clip(one, span) for one in noted if _counts(one, span)]
    edges = sorted({span.delivered, span.arrived, *(t for _, *ends in inside for t in ends)})
    seconds = dict.fromkeys(PARTS, 0.0)
    order = list(PARTS)
    for begin, end in itertools.pairwise(edges):
        working = {part for part, first, last in inside if first <= begin and end <= last}
        seconds[min(working, key=order.index, default="rest")] += end - begin
    return seconds


def _counts(one: _Noted, span: Span) -> bool:
    """Whether a note is about what this span waited for."""
    part, begin, end = one
    if part == "poll":  # the poll that brought the update; the next one waits for another
        return span.delivered <= end <= span.arrived and begin < span.delivered
    return part in PARTS and begin < span.arrived and end > span.delivered


def _clip(one: _Noted, span: Span) -> _Noted:
    part, begin, end = one
    name = "http" if part == "poll" else part
    return name, max(begin, span.delivered), min(end, span.arrived)
