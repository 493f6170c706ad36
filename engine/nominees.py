"""Which names of things a page owes to its photo, and which would be a crowd. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

_OBJECTS = (2, 3)  # at most so many among the first five and ten
_FIVE = 3
_LEAST = 1e-4


@dataclass(frozen=True)
class Names:
    """What the photo alone names; V rows.

    Attributes:
        certainty: (V,) how surely each tag names what is there, 0 for tags that name nothing.
        things: (V,) tags of which a photo shows one of a kind.
        objects: (V,) tags of which it shows any number.
    """

    certainty: Array
    things: Mask
    objects: Mask


@dataclass(frozen=True)
class Certainty:
    """How sure a name must be.

    Attributes:
        named: The best thing, to have a place among the first five.
        apt: A second and a third; other names do not stand among the first five.
        seen: An object, to have one among the first five.
        glimpsed: An object, to have one on the page.
        guessed: A thing, to have one on the page.
        clear: Any name, to stand among the first three.
        page: Places for them.
    """

    named: float = 0.1
    apt: float = 0.14
    seen: float = 0.15
    glimpsed: float = 0.1
    guessed: float = 0.06
    clear: float = 0.35
    page: int = 6


@dataclass(frozen=True)
class Nominees:
    """Rows that must stand on a page, the surest first.

    Attributes:
        five: Among the first five.
        ten: Among the first ten.
        later: (V,) names that do not stand among the first five; None where all may.
        clear: Those that may stand among the first three.
    """

    five: tuple[int, ...] = ()
    ten: tuple[int, ...] = ()
    later: Mask | None = None
    clear: tuple[int, ...] = ()

    def due(self, shown: Sequence[int]) -> list[int]:
        """Those that need every place left in this part of the page."""
        place = len(shown)
        part, end = (self.five, 5) if place < 5 else (self.ten, 10)
        left = [row for row in part if row not in shown]
        return left if place < end and len(left) >= end - place else []


def nominate(names: Names, open_rows: Mask, certainty: Certainty) -> Nominees:
    """Before a general tag asks for more.

    Args:
        open_rows: (V,) tags that may be shown.
    """
    sure = names.certainty
    things = _surest(names.things & open_rows & (sure >= certainty.guessed), sure)
    objects = _surest(names.objects & open_rows & (sure >= certainty.glimpsed), sure)
    least = (certainty.named, certainty.apt, certainty.apt)
    five = [row for row, needed in zip(things, least, strict=False) if sure[row] >= needed]
    five += [row for row in objects[: _OBJECTS[0]] if sure[row] >= certainty.seen]
    five = sorted(five, key=lambda row: -sure[row])[:_FIVE]
    ten = {*five, *things[: certainty.page], *objects[: _OBJECTS[1]]}
    ranked = sorted(ten, key=lambda row: (row not in five, -sure[row]))[: certainty.page]
    later = (names.things | names.objects) & (sure < certainty.apt)
    later[five] = False
    clear = tuple(row for row in five if sure[row] >= certainty.clear)
    return Nominees(tuple(five), tuple(ranked), later, clear)


def nominate_asked(names: Names, open_rows: Mask, number: int) -> Nominees:
    """Once a general tag was chosen (#food): the surest of its things (dishes).

    Args:
        open_rows: (V,) its tags, as far as they may be shown.
        number: Places for them among the first ten.
    """
    rows = _surest(names.things & open_rows & (names.certainty > _LEAST), names.certainty)
    return Nominees(tuple(rows[:_FIVE]), tuple(rows[:number]))


def _surest(mask: Mask, certainty: Array) -> list[int]:
    rows = np.flatnonzero(mask)
    found: list[int] = rows[np.argsort(-certainty[rows], kind="stable")].tolist()
    return found
