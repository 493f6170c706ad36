"""A page of suggestions while it is filled, place by place. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from engine.nominees import Nominees
from engine.policy import Policy
from engine.rules import Rules

_CANDIDATES = 120  # best tags that a page is filled from
_EARLY = 5
_SURE = 3  # places without guesses
_PAGE = 10

_Entry = tuple[float, int, int, float]
"""What a tag lacks, its row, how many tags of the page it was held against, and how alike it is."""


@dataclass
class Page:
    """Rows in the order in which they are shown.

    Attributes:
        guesses: How many tags of each exclusive group stand on it.
    """

    rows: list[int] = field(default_factory=list)
    guesses: dict[int, int] = field(default_factory=dict)

    def add(self, row: int, groups: Iterable[int]) -> None:
        """Put a tag on the next place."""
        self.rows.append(row)
        for group in groups:
            self.guesses[group] = self.guesses.get(group, 0) + 1


@dataclass(frozen=True)
class Choice:
    """What a page is filled from; V rows.

    Attributes:
        score: (V,) what orders the tags; −∞ for those that may not be shown.
        share: (V,) part of each tag in its exclusive groups.
        asked: (V,) tags of which a general one was chosen.
        nominees: What the page owes to its photo.
        alike: (V, V) cosine between the tags' embeddings.
    """

    score: NDArray[np.float32]
    share: NDArray[np.float32]
    asked: NDArray[np.bool_]
    nominees: Nominees
    alike: NDArray[np.float16]


class Waiting:
    """Tags that wait for a place, by maximal marginal relevance.

    What a tag is worth beside those on the page only falls as the page grows, so what it was
    worth when it was looked at last is a bound: only the first in line is looked at again.
    """

    def __init__(self, choice: Choice, page: Page, diversity: float, k: int) -> None:
        """Let the best tags wait, and all nominees."""
        self._alike, self._page, self._diversity = choice.alike, page, diversity
        score, self._later = choice.score, choice.nominees.later
        amount = min(len(score), max(_CANDIDATES, 4 * k))
        rows = np.sort(np.argpartition(-score, amount - 1)[:amount])
        rows = rows[np.argsort(-score[rows], kind="stable")]
        further = [row for row in choice.nominees.ten if score[row] < score[rows[-1]]]
        fresh = [*rows.tolist(), *sorted(further, key=lambda row: (-score[row], row))]
        self._fresh = iter(zip((-score[fresh]).tolist(), fresh, strict=True))
        self._next = next(self._fresh, None)
        self._seen: list[_Entry] = []
        self._held: list[_Entry] = []
        self._gone: set[int] = set()

    def drop(self, rows: Iterable[int]) -> None:
        """Let some go: they have a place, or another spelling of theirs has one."""
        self._gone.update(rows)

    def first(self, fits: Callable[[int], bool]) -> int | None:
        """The tag that is worth most on the next place, of those that fit there."""
        shown, passed, found = self._page.rows, [], None
        if len(shown) >= _EARLY and self._later is not None:
            self._later = None
            self._seen += self._held
            heapify(self._seen)
        while found is None and (best := self._best()) is not None:
            loss, row, looked, near = best
            if row in self._gone:
                continue
            if self._later is not None and self._later[row]:
                self._held.append(best)
            elif looked < len(shown):
                closer = max(near, *(self._alike.item(other, row) for other in shown[looked:]))
                loss += self._diversity * (closer - near)
                heappush(self._seen, (loss, row, len(shown), closer))
            elif fits(row):
                found = row
            else:
                passed.append(best)
        for one in passed:
            heappush(self._seen, one)
        return found

    def _best(self) -> _Entry | None:
        """The first in line."""
        while self._next is not None and (not self._seen or self._next[0] <= self._seen[0][0]):
            loss, row = self._next
            self._next = next(self._fresh, None)
            if loss < np.inf:
                heappush(self._seen, (loss, row, 0, 0.0))
        return heappop(self._seen) if self._seen else None


def fill(choice: Choice, k: int, rules: Rules, policy: Policy) -> list[int]:
    """Greedy maximal marginal relevance under the rules of the exclusive groups.

    Returns:
        Up to ``k`` rows, in the order in which they are shown.
    """
    page, nominees = Page(), choice.nominees
    waiting = Waiting(choice, page, policy.diversity, k)

    def fits(row: int) -> bool:
        return _fits(row, page, choice, rules, policy)

    while len(page.rows) < k:
        due = (one for one in nominees.due(page.rows) if choice.score[one] > -np.inf)
        row = next(filter(fits, due), None)
        if row is None and (row := waiting.first(fits)) is None:
            break
        page.add(row, rules.member.get(row, ()))
        waiting.drop((row, *rules.spellings.get(row, ())))
    return page.rows


def arrange(
    rows: Sequence[int],
    likely: NDArray[np.float32],
    choice: Choice,
    rules: Rules,
    policy: Policy,
) -> list[int]:
    """The same tags with those first that are likeliest to be right, under the rules of each place.

    Args:
        rows: A page; those after the first ten stay where they are.
        likely: How likely each of them is, (len(rows),).
        choice: What the page was filled from.
    """
    page, later = Page(), choice.nominees.later
    order = np.argsort(-likely[:_PAGE], kind="stable").tolist()
    left = [rows[place] for place in order]

    def stands(row: int) -> bool:
        place = len(page.rows)
        held = later is not None and place < _EARLY and bool(later[row])
        held = held or (place < _SURE and row in choice.nominees.guesses)
        return not held and _fits(row, page, choice, rules, policy)

    while left:
        due = (row for row in choice.nominees.due(page.rows) if row in left)
        row = next(filter(stands, due), None)
        if row is None and (row := next(filter(stands, left), None)) is None:
            break
        page.add(row, rules.member.get(row, ()))
        left.remove(row)
    return [*page.rows, *(row for row in rows if row not in page.rows)]


def _fits(row: int, page: Page, choice: Choice, rules: Rules, policy: Policy) -> bool:
    """Whether a tag may stand on the next place, as a guess among others of its groups."""
    groups = rules.member.get(row, ())
    if not groups:
        return True
    place, nominees = len(page.rows), choice.nominees
    sure = bool(choice.asked[row]) or row in (nominees.five if place >= _SURE else nominees.clear)
    shown = max(page.guesses.get(group, 0) for group in groups)
    if shown == 0:
        return place >= _SURE or sure or float(choice.share[row]) >= policy.clear
    if place < _SURE or shown >= (policy.asked if sure else policy.page):
        return False
    return place >= 5 or sure or float(choice.share[row]) >= policy.likely
