"""A plain JSON Lines manifest: one that somebody else wrote, cleaned and counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from engine.datasets.source import DatasetError, Source
from engine.datasets.vectors import FEATURES, stored
from engine.tags import normalise_tag
from engine.train.data import Photo, lines_of, read_manifest


@dataclass(frozen=True)
class NumberedPhoto(Photo):
    """A photo, and which line of the manifest it was: there are its features, too."""

    line: int = 0


def read(source: Source) -> Iterator[NumberedPhoto]:
    """Read a manifest, or the ``manifest.jsonl`` of a folder, as training reads it.

    Pictures are looked for beside it or in ``--images``; lines that name none stay, and so do
    those whose picture is gone, but whose features are there.
    """
    source.one_of()
    path = file_of(source.path)
    try:
        photos, numbers, source.tally.broken = read_manifest(path)
        source.tally.duplicates = repeated(path)
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}") from error
    seen, note = stored(path.with_name(FEATURES), len(photos) + source.tally.broken, None)
    if note:
        source.tally.notes.append(note)
    pictures = source.pictures(path.parent)
    for photo, number in zip(photos, numbers, strict=True):
        image = None if photo.image is None else pictures.find(photo.image)
        if photo.image is not None and image is None:
            source.tally.missing += 1
            if seen is None or seen.rows[number] is None:
                continue
        said = {field.name: getattr(photo, field.name) for field in fields(Photo)}
        yield NumberedPhoto(**said | {"image": image}, line=number)


def file_of(path: Path) -> Path:
    """The manifest that is meant by a file or a folder."""
    return path / "manifest.jsonl" if path.is_dir() else path


def repeated(file: Path) -> int:
    """Tags and labels that a line holds more than once."""
    number = 0
    for text in lines_of(file):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for key in ("tags", "labels"):
            tags = _strings(line.get(key) if isinstance(line, dict) else None)
            number += len(tags) - len(set(tags))
    return number


def _strings(value: Any) -> list[str]:
    if not isinstance(value, list):
        return []
    return [tag for one in value if isinstance(one, str) and (tag := normalise_tag(one))]
