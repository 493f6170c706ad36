"""The tags that a checkpoint knows, in a fixed order: row i of every table belongs to tag i.

The END token of the paper is no tag: it is the extra last row, number `len(vocabulary)`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.tags import normalise_tag


@dataclass(frozen=True)
class Vocabulary:
    """An ordered set of normalised tags.

    Attributes:
        tags: Tag of each row; most frequent first, which is also the order in which a prefix
            is read (section 3.2 of the paper orders labels by frequency).
    """

    tags: tuple[str, ...]
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = {tag: row for row, tag in enumerate(self.tags)}
        if len(index) != len(self.tags):
            raise ValueError("a tag stands twice in the vocabulary")
        for tag in self.tags:
            if not isinstance(tag, str) or not tag or normalise_tag(tag) != tag:
                raise ValueError(f"not a normalised tag: {tag!r}")
        object.__setattr__(self, "index", index)

    def __len__(self) -> int:
        return len(self.tags)

    def __contains__(self, tag: object) -> bool:
        return tag in self.index

    @property
    def digest(self) -> str:
        """Names the tags in their order: a row is worth nothing for any other word."""
        return hashlib.sha256("\n".join(self.tags).encode()).hexdigest()[:16]

    @property
    def end(self) -> int:
        """Row of the END token."""
        return len(self.tags)

    def rows(self, tags: Iterable[str]) -> list[int]:
        """Rows of the known ones among ``tags``, in their order, each once."""
        return list(dict.fromkeys(self.index[tag] for tag in tags if tag in self.index))
