"""A page of suggestions while it is filled, and the guesses that it owes to its topic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


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
class Guess:
    """The exclusive group that a photo is about.

    Attributes:
        five: Guesses of it that must stand among the first five.
        ten: Guesses of it that must stand among the first ten.
    """

    group: int
    five: int
    ten: int

    def due(self, page: Page) -> bool:
        """Whether every place left in this part of the page is needed for a guess."""
        place, shown = len(page.rows), page.guesses.get(self.group, 0)
        if place < 5:
            return self.five - shown >= 5 - place
        return place < 10 and self.ten - shown >= 10 - place
