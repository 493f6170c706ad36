"""A page of suggestions while it is filled."""

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
