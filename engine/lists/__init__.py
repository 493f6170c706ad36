"""The curated lists beside this file, read into values: what may be shown to whom, and why.

Used by `engine.ranking` at serving time and by `engine.train` for the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Lists:
    """Everything that the list files say.

    Attributes:
        vocabulary: Tags that a model may know.
        forms: Spelling as data writes it → the one that people use.
        clusters: Near-duplicates that share one slot, best spelling first.
        promotional: Tags that ask for followers; off by default.
        sensitive: Never suggested to anyone.
        never_from_pixels: Sections of tags that no photo alone may suggest.
        entities: Names that need strong evidence.
        exclusive: Group → tags of which at most one is right.
        general: Specific tag → tags that are right whenever it is.
        company: General tags that come to mind with the names of their things.
        kin: General tags that come to mind with what the encoder's classes name, the nearest last.
        open_kinds: Kind of things of which a second guess is welcome → how sure it must be.
        lane: Promotional tags in the order in which a chat that asks for them is offered them.
    """

    vocabulary: tuple[str, ...]
    forms: dict[str, str]
    clusters: tuple[tuple[str, ...], ...]
    promotional: frozenset[str]
    sensitive: frozenset[str]
    never_from_pixels: tuple[frozenset[str], ...]
    entities: frozenset[str]
    exclusive: dict[str, tuple[str, ...]]
    general: dict[str, tuple[str, ...]]
    lane: tuple[str, ...] = ()
    company: frozenset[str] = frozenset()
    kin: tuple[str, ...] = ()
    open_kinds: dict[str, float] = field(default_factory=dict)

    @cached_property
    def kept_back(self) -> frozenset[str]:
        """Tags that no photo alone names to anybody."""
        listed = self.entities | self.promotional | self.sensitive
        return listed.union(*self.never_from_pixels)


NO_LISTS = Lists((), {}, (), frozenset(), frozenset(), (), frozenset(), {}, {})
"""For a head with a vocabulary of somebody's own: every word of theirs may be shown."""


def read_lists(folder: Path = FOLDER) -> Lists:
    """Read all list files; they are part of the package."""
    vocabulary = tuple(dict.fromkeys(row[0] for row in rows(folder / "vocabulary.tsv")))
    forms = {row[0]: row[1] for row in rows(folder / "forms.tsv")}
    exclusive: dict[str, tuple[str, ...]] = {}
    for row in rows(folder / "exclusive.tsv"):
        words = tuple(" ".join(row[1:]).split())
        exclusive[row[0]] = tuple(dict.fromkeys(exclusive.get(row[0], ()) + words))
    general = {row[0]: tuple(" ".join(row[1:]).split()) for row in rows(folder / "general.tsv")}
    return Lists(
        vocabulary=vocabulary,
        forms=forms,
        clusters=tuple(tuple(" ".join(row).split()) for row in rows(folder / "clusters.tsv")),
        promotional=_tags(folder / "promotional.txt"),
        sensitive=_tags(folder / "sensitive.txt"),
        never_from_pixels=tuple(_sections(folder / "never_from_pixels.txt")),
        entities=_tags(folder / "entities.txt"),
        exclusive=exclusive,
        general=general,
        company=_tags(folder / "company.txt"),
        kin=tuple(row[0] for row in rows(folder / "kin.txt")),
        open_kinds={row[0]: float(row[1]) for row in rows(folder / "open_kinds.tsv")},
        lane=tuple(" ".join(" ".join(row) for row in rows(folder / "lane.txt")).split()),
    )


def rows(path: Path) -> Iterator[list[str]]:
    """The tab-separated fields of each line that is neither empty nor a comment."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield [field.strip() for field in line.split("\t")]


def _tags(path: Path) -> frozenset[str]:
    return frozenset(tag for section in _sections(path) for tag in section)


def _sections(path: Path) -> Iterator[frozenset[str]]:
    """Tags between two comments belong together: a comment line starts a section."""
    section: set[str] = set()
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            if section:
                yield frozenset(section)
            section = set()
        else:
            section.update(line.split("#")[0].split())
    if section:
        yield frozenset(section)
