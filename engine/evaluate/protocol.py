"""The parts of the protocol, each a function from what is measured to its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module

from engine.evaluate.report import Section
from engine.evaluate.world import World

MODULES = {
    "seen": "seen",
    "fitting": "fitting",
    "pairs": "real",
    "matched": "matched",
    "words": "words",
    "person": "person",
    "quality": "quality",
    "calibration": "calibration",
    "papers": "papers",
}


def _measure(module: str, world: World) -> Sequence[Section]:
    found: Sequence[Section] = import_module(f"engine.evaluate.{module}").sections(world)
    return found


PARTS: dict[str, Callable[[World], Sequence[Section]]] = {
    name: partial(_measure, module) for name, module in MODULES.items()
}
"""Name → part, in the order of the report."""
