"""The tags that a head knows, by letters and by use: no torch, so any process may hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.languages import meanings
from engine.tags import normalise_tag


@dataclass(frozen=True)
class Catalogue:
    """What is to be known of a head's tags without running it.

    Attributes:
        popularity: Log of each tag's share in posts.
        held: Tags that are never offered unasked.
    """

    popularity: Mapping[str, float] = field(repr=False)
    held: frozenset[str]

    def find(self, letters: str, k: int) -> tuple[str, ...]:
        """Tags that begin with some letters, then those that hold them, the most used first.

        A word of another language finds what it means, too.
        """
        asked = normalise_tag(letters)
        meant = meanings().get(asked, ())
        found = [tag for tag in self._offered if asked and (asked in tag or tag in meant)]
        found.sort(key=lambda tag: not (tag.startswith(asked) or tag in meant))
        return tuple(found[:k])

    def broad_first(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Tags by their share in posts, the broadest first; unknown ones last, as they stood."""
        rarest = float("-inf")
        return tuple(sorted(tags, key=lambda tag: -self.popularity.get(normalise_tag(tag), rarest)))

    @cached_property
    def _offered(self) -> tuple[str, ...]:
        offered = self.popularity.keys() - self.held
        return tuple(sorted(offered, key=lambda tag: (-self.popularity[tag], tag)))
