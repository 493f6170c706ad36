"""Pascal VOC: one XML file a photo, and lists of which photos make a part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from engine.datasets.source import DatasetError, Source, read_lines
from engine.train.data import Photo


def read(source: Source) -> Iterator[Photo]:
    """Read ``VOC2007`` (or another year), or the one year in a ``VOCdevkit``.

    Objects marked as difficult count as absent, as in the set's own classification task.
    """
    source.one_of("train", "val", "trainval", "test")
    year = _year(source.path)
    pictures = source.pictures(year / "JPEGImages")
    for name in _names(year, source.split):
        try:
            tree = ElementTree.parse(year / "Annotations" / f"{name}.xml")
        except (OSError, ValueError, LookupError, ElementTree.ParseError):
            # It is not there, its name or its encoding is none, or it is no XML.
            source.tally.broken += 1
            continue
        image = pictures.find(tree.findtext("filename", "").strip(), f"{name}.jpg")
        if pictures.folder is not None and image is None:
            source.tally.missing += 1
            continue
        named = (
            thing.findtext("name", "").strip()
            for thing in tree.iter("object")
            if thing.findtext("difficult", "0").strip() != "1"
        )
        yield Photo(labels=tuple(dict.fromkeys(filter(None, named))), image=image)


def _year(path: Path) -> Path:
    if (path / "Annotations").is_dir():
        return path
    years = sorted(one.parent for one in path.glob("VOC*/Annotations"))
    if len(years) != 1:
        problem = "holds no VOC2007/Annotations" if not years else "holds several years: name one"
        raise DatasetError(f"{path} {problem}")
    return years[0]


def _names(year: Path, split: str | None) -> list[str]:
    """Names of the photos, without an ending."""
    if split is None:
        return sorted(path.stem for path in (year / "Annotations").glob("*.xml"))
    lines = read_lines(year / "ImageSets" / "Main" / f"{split}.txt")
    return [line.split()[0] for line in lines if line.strip()]
