"""NUS-WIDE (Chua et al. 2009): Flickr photos, 81 concepts as labels, their owners' tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from engine.datasets.source import DatasetError, Source, read_lines
from engine.train.data import Photo

LISTS = {None: "Imagelist.txt", "train": "TrainImagelist.txt", "test": "TestImagelist.txt"}
PHOTO_ID = re.compile(r"_(\d+)\.\w+$")


def read(source: Source) -> Iterator[Photo]:
    r"""Read the set's folders as they come out of its archives.

    ``ImageList/`` names the photos (``actor\0001_2124494179.jpg``), a file of ``Groundtruth/``
    for each concept says 0 or 1 in the same order, and a line of ``NUS_WID_Tags/All_Tags.txt``
    is a photo's number and its tags.
    """
    source.one_of("train", "test")
    names = read_lines(_place(source, "ImageList", LISTS[source.split]))
    concepts = [name.strip() for name in read_lines(_concepts(source)) if name.strip()]
    columns = [_column(source, concept, len(names)) for concept in concepts]
    tags = _tags(source)
    root = source.path
    pictures = source.pictures(root / "Flickr", root / "images", root / "Images")
    for row, name in enumerate(names):
        path = PurePosixPath(name.strip().replace("\\", "/"))
        number = PHOTO_ID.search(path.name)
        values = [column[row].strip() for column in columns]
        if number is None or not {"0", "1"}.issuperset(values):
            source.tally.broken += 1
            continue
        image = pictures.find(str(path), path.name)
        if pictures.folder is not None and image is None:
            source.tally.missing += 1
            continue
        said = zip(concepts, values, strict=True)
        yield Photo(
            tags=source.tally.distinct(tags.get(number[1], "").split()),
            labels=tuple(concept for concept, value in said if value == "1"),
            image=image,
            number=int(number[1]),
        )


def _place(source: Source, folder: str, name: str) -> Path:
    """A file in its archive's folder, or in the one above: both are met."""
    usual = source.path / folder / name
    return usual if usual.exists() or not (source.path / name).exists() else source.path / name


def _concepts(source: Source) -> Path:
    inside = source.path / "ConceptsList" / "Concepts81.txt"
    return inside if inside.exists() else source.path / "Concepts81.txt"


def _column(source: Source, concept: str, length: int) -> list[str]:
    """Whether each photo shows the concept, as 0 or 1."""
    if source.split is None:
        name = f"AllLabels/Labels_{concept}.txt"
    else:
        name = f"TrainTestLabels/Labels_{concept}_{source.split.capitalize()}.txt"
    path = _place(source, "Groundtruth", name)
    column = read_lines(path)
    if len(column) != length:
        raise DatasetError(
            f"{path} has {len(column)} lines for {length} photos: "
            "which belong together cannot be told"
        )
    return column


def _tags(source: Source) -> dict[str, str]:
    """Each photo's tags by its number; none where the file is not there."""
    path = _place(source, "NUS_WID_Tags", "All_Tags.txt")
    tags = {}
    for line in read_lines(path) if path.exists() else ():
        number, *rest = line.split(maxsplit=1)[:2] or [""]
        if number.isdecimal():
            tags[number] = rest[0] if rest else ""
        elif number:
            source.tally.broken += 1
    return tags
