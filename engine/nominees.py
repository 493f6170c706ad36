"""Which names of things a page owes to its photo, and which would be a crowd. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Kinds = NDArray[np.int16]

_OBJECTS = (2, 3)  # at most so many among the first five and ten
_FIVE = 3
_LEAST = 1e-4
_LIKELY = 50  # so many tags are likely
_AT_ONCE = 5  # so many come to mind at once
_SOON = 8  # and so many soon


@dataclass(frozen=True)
class Names:
    """What the photo alone names; V rows.

    Attributes:
        certainty: (V,) how surely each tag names what is there, 0 for tags that name nothing.
        kind: (V,) number of the kind of thing that a tag names (dishes, sports…), -1 for none:
            of a kind, a photo shows one.
        objects: (V,) tags of which it shows any number.
    """

    certainty: Array
    kind: Kinds
    objects: Mask

    @cached_property
    def things(self) -> Mask:
        """(V,) tags that name one thing of a kind."""
        return self.kind >= 0

    @cached_property
    def surest_things(self) -> list[tuple[int, float]]:
        """Their rows with how surely they are there, the surest first."""
        return _surest(self.things, self.certainty)

    @cached_property
    def surest_objects(self) -> list[tuple[int, float]]:
        """Rows of objects with how surely they are there, the surest first."""
        return _surest(self.objects, self.certainty)

    @cached_property
    def of_kind(self) -> Array:
        """(V,) how surely the photo shows a thing of each tag's kind, 0 for those of no kind.

        A certainty is a root of chance × chance within its kind: their sum is the kind's root.
        """
        things = self.things
        roots = np.bincount(self.kind[things], weights=self.certainty[things])
        found = np.zeros_like(self.certainty)
        found[things] = roots[self.kind[things]] ** 2
        return found


@dataclass(frozen=True)
class Certainty:
    """How sure a name must be.

    Attributes:
        named: The best thing, to have a place among the first five.
        apt: A second and a third; other names do not stand among the first five.
        seen: An object, to have one among the first five.
        glimpsed: An object, to have one on the page.
        guessed: A thing, to have one on the page where its kind is there for sure.
        stray: A thing, to have one on the page where its kind is not.
        kind: How sure that is.
        clear: Any name, to stand among the first three.
        alone: A name, to have a place where it is not among the tags that are likely besides.
        first: The surest thing, to have one.
        present: How sure its kind must be in place of that.
        obvious: A name, to have a place without the tag that its kind comes with.
        settled: The surest thing, for a second guess not to be welcome.
        possible: A kind, for one to be.
        page: Places for them.
    """

    named: float = 0.06
    apt: float = 0.14
    seen: float = 0.2
    glimpsed: float = 0.11
    guessed: float = 0.05
    stray: float = 0.1
    kind: float = 0.3
    clear: float = 0.35
    alone: float = 0.2
    first: float = 0.12
    present: float = 0.8
    obvious: float = 0.5
    settled: float = 0.8
    possible: float = 0.1
    page: int = 6


BEFORE = Certainty()
AFTER = Certainty(named=0.25, apt=0.25, seen=0.3, glimpsed=0.3, guessed=0.25, stray=0.25, page=2)
"""Once a tag was chosen: names were offered before it, now they say less than what goes with it."""


@dataclass(frozen=True)
class Nominees:
    """Rows that must stand on a page, the surest first.

    Attributes:
        five: Among the first five.
        ten: Among the first ten.
        later: (V,) names that do not stand among the first five; None where all may.
        clear: Those that may stand among the first three.
        guesses: Those among the first five that stand after the third place.
    """

    five: tuple[int, ...] = ()
    ten: tuple[int, ...] = ()
    later: Mask | None = None
    clear: tuple[int, ...] = ()
    guesses: tuple[int, ...] = ()

    def due(self, shown: Sequence[int]) -> list[int]:
        """Those that need every place left in this part of the page."""
        place = len(shown)
        part, end = (self.five, 5) if place < 5 else (self.ten, 10)
        if place >= end or len(part) < end - place:
            return []
        left = [row for row in part if row not in shown]
        return left if len(left) >= end - place else []


def nominate(
    names: Names,
    score: Array,
    certainty: Certainty,
    company: NDArray[np.int64] | None = None,
    open_names: Array | None = None,
) -> Nominees:
    """Before a general tag asks for more.

    A name of which the photo is not sure needs a second voice: that it is likely as a tag. And
    where its kind comes with a tag (a dish with #food), that one should come to mind at once (with
    an open kind soon), if it may be shown.

    Args:
        score: (V,) what orders the tags; −∞ for those that may not be shown.
        company: (V,) rows of what names come with, −1 for those that need nothing.
        open_names: (V,) how sure a second and a third name of an open kind must be, and where its
            company comes to mind also the first; 1 for names of other kinds.
    """
    sure, of_kind = names.certainty, names.of_kind

    def enough(row: int, usual: float, *, first: bool = False) -> float:
        if open_names is None:
            return usual
        accompanied = company is not None and company[row] >= 0
        if first:
            eased = accompanied
        else:
            settled = names.surest_things[0][1] >= certainty.settled
            eased = not settled and (accompanied or of_kind[row] >= certainty.possible)
        return min(usual, float(open_names[row])) if eased else usual

    @cache
    def least(number: int) -> float:
        return float(np.partition(score, -number)[-number]) if len(score) > number else -np.inf

    def alone(row: int) -> bool:
        beside = -1 if company is None else company[row]
        early = _AT_ONCE if open_names is None or open_names[row] == 1 else _SOON
        return bool(beside >= 0 and -np.inf < score[beside] < least(early))

    def owed(row: int, unheard: float) -> bool:
        if score[row] == -np.inf or (sure[row] < certainty.obvious and alone(row)):
            return False
        sure_enough = sure[row] >= unheard or of_kind[row] >= certainty.present
        return bool(sure_enough or score[row] >= least(_LIKELY))

    things: list[int] = []
    for row, chance in _down_to(min(certainty.guessed, certainty.stray), names.surest_things):
        there = of_kind[row] >= certainty.kind
        guessed = certainty.guessed if there else enough(row, certainty.stray, first=True)
        unheard = certainty.alone if things else certainty.first
        if chance >= guessed and owed(row, enough(row, unheard, first=not things)):
            things.append(row)
    objects = [
        row
        for row, _ in _down_to(certainty.glimpsed, names.surest_objects)
        if owed(row, certainty.alone)
    ]
    five = [row for row in things[:1] if sure[row] >= certainty.named]
    five += [row for row in things[1:_FIVE] if sure[row] >= enough(row, certainty.apt)]
    five += [row for row in objects[: _OBJECTS[0]] if sure[row] >= certainty.seen]
    five = sorted(five, key=lambda row: -sure[row])[:_FIVE]
    ten = {*five, *things[: certainty.page], *objects[: _OBJECTS[1]]}
    ranked = sorted(ten, key=lambda row: (row not in five, -sure[row]))[: certainty.page]
    later = (names.things | names.objects) & (sure < certainty.apt)
    later[five] = False
    clear = tuple(row for row in five if sure[row] >= certainty.clear)
    guesses = tuple(row for row in things[1:_FIVE] if row in five and sure[row] < certainty.apt)
    return Nominees(tuple(five), tuple(ranked), later, clear, guesses)


def nominate_asked(names: Names, open_rows: Mask, number: int) -> Nominees:
    """Once a general tag was chosen (#food): the surest of its things (dishes), and of its objects
    those that are apt (the breed of a #dog).

    Of a kind that the photo does not show (a #city is chosen, and no monument is there) it asks
    for none.

    Args:
        open_rows: (V,) its tags, as far as they may be shown.
        number: Places for them among the first ten.
    """
    there = _down_to(_LEAST, names.surest_things)
    rows = [row for row, _ in there if open_rows[row] and names.of_kind[row] >= AFTER.kind]
    seen = _down_to(BEFORE.apt, names.surest_objects)
    rows += [row for row, _ in seen if open_rows[row]]
    rows.sort(key=lambda row: -names.certainty[row])
    return Nominees(tuple(rows[:_FIVE]), tuple(rows[:number]))


def _surest(mask: Mask, certainty: Array) -> list[tuple[int, float]]:
    rows = np.flatnonzero(mask & (certainty > _LEAST))
    rows = rows[np.argsort(-certainty[rows], kind="stable")]
    return list(zip(rows.tolist(), certainty[rows].tolist(), strict=True))


def _down_to(least: float, surest: Iterable[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    return takewhile(lambda one: one[1] >= least, surest)
