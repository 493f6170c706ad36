"""The parts of the protocol, each a function from what is measured to its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.evaluate.report import Section
from engine.evaluate.world import World


def _seen(world: World) -> Sequence[Section]:
    from engine.evaluate.seen import sections

    return sections(world)


def _pairs(world: World) -> Sequence[Section]:
    from engine.evaluate.pairs import sections

    return sections(world)


def _words(world: World) -> Sequence[Section]:
    from engine.evaluate.words import sections

    return sections(world)


PARTS: dict[str, Callable[[World], Sequence[Section]]] = {
    "seen": _seen,
    "pairs": _pairs,
    "words": _words,
}
"""Name → part, in the order of the report."""
