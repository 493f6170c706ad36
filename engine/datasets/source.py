"""The one interface of all data sets: a source on disk, what was wrong with it, and its photos."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from engine.door import EngineError
from engine.tags import normalise_tag
from engine.train.data import Photo, lines_of


class DatasetError(EngineError):
    """A data set cannot be read at all: not there, or not of that form."""


@dataclass
class Tally:
    """What was found wrong on the way; none of it ends the reading.

    Attributes:
        missing: Photos that the set names, and that are not there.
        broken: Lines or entries that could not be understood.
        duplicates: Tags that one photo had twice.
        foreign: Embeddings of another encoder than the one at hand.
        notes: What else is to be told, in words.
    """

    missing: int = 0
    broken: int = 0
    duplicates: int = 0
    foreign: int = 0
    notes: list[str] = field(default_factory=list)

    def distinct(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Tags as the engine writes them, empty ones dropped, each once."""
        written = [tag for tag in map(normalise_tag, tags) if tag]
        once = tuple(dict.fromkeys(written))
        self.duplicates += len(written) - len(once)
        return once


class Pictures:
    """The files of a folder of photos; without a folder none is looked for."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._files: dict[Path, frozenset[str]] = {}

    def find(self, *names: str) -> str | None:
        """Path of the first of these files that is there."""
        if self.folder is None:
            return None
        for name in names:
            path = self.folder / name
            if Path(name).name and path.name in self._listed(path.parent):
                return str(path)
        return None

    def _listed(self, folder: Path) -> frozenset[str]:
        """The files of a folder: one look for all its photos, and not one for each."""
        if folder not in self._files:
            try:
                with os.scandir(folder) as entries:
                    self._files[folder] = frozenset(one.name for one in entries if one.is_file())
            except (OSError, ValueError):  # a name may hold what no file's name can
                self._files[folder] = frozenset()
        return self._files[folder]


@dataclass(frozen=True)
class Source:
    """What was asked for.

    Attributes:
        path: Folder or file of the data set.
        images: Folder of the photos, where it is not the usual one.
        split: The part; None for everything.
        tally: Counts while the photos are read.
    """

    path: Path
    images: Path | None = None
    split: str | None = None
    tally: Tally = field(default_factory=Tally)

    def pictures(self, *usual: Path) -> Pictures:
        """Where the photos are: ``--images``, else the first of the usual places that exists.

        Raises:
            DatasetError: ``--images`` is no folder.
        """
        if self.images is None:
            return Pictures(next((place for place in usual if place.is_dir()), None))
        if not self.images.is_dir():
            raise DatasetError(f"there is no folder {self.images}")
        return Pictures(self.images)

    def one_of(self, *splits: str) -> None:
        """Refuse a split that the set does not have.

        Raises:
            DatasetError: it was asked for.
        """
        if self.split is not None and self.split not in splits:
            have = f"the parts {', '.join(splits)}" if splits else "no parts"
            raise DatasetError(f"there is no {self.split} part: this set has {have}")


Reader: TypeAlias = Callable[[Source], Iterator[Photo]]
"""A data set's adapter. Yields the photos in the set's own order, ``image`` being the path of a
file that exists; a photo that is not there is counted and left out. A set without any folder of
photos gives what is said about them, ``image`` being None."""


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, as `lines_of`.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        return lines_of(path)
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}") from error
