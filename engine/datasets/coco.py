"""MS-COCO: objects from the instances JSON, and captions where their JSON lies beside it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.datasets.source import DatasetError, Source
from engine.train.data import Photo


def read(source: Source) -> Iterator[Photo]:
    """Read ``annotations/instances_*.json`` of a folder, or one such file."""
    for path in _instances(source):
        yield from _read(source, path)


def _instances(source: Source) -> list[Path]:
    if source.path.is_file():
        if source.split is not None:
            raise DatasetError("one file is one part: give the folder, or no --split")
        return [source.path]
    source.one_of("train", "val")
    part = source.split or ""
    files = sorted(source.path.glob(f"annotations/instances_{part}*.json"))
    if not files:
        raise DatasetError(f"{source.path} has no annotations/instances_{part}*.json")
    return files


def _read(source: Source, path: Path) -> Iterator[Photo]:
    document = _document(path)
    names = {}
    for category in document["categories"]:
        if _are(category, id=int, name=str):
            names[category["id"]] = category["name"]
    labels: defaultdict[int, list[str]] = defaultdict(list)
    for one in document["annotations"]:
        if _are(one, image_id=int, category_id=int) and one["category_id"] in names:
            labels[one["image_id"]].append(names[one["category_id"]])
        else:
            source.tally.broken += 1
    captions = _captions(source, path)
    part = path.stem.removeprefix("instances_")  # such as train2017, which names a folder too
    root = path.parent.parent
    pictures = source.pictures(root / part, root / "images" / part, root / "images")
    for one in document["images"]:
        if not _are(one, id=int, file_name=str):
            source.tally.broken += 1
            continue
        image = pictures.find(one["file_name"], f"{part}/{one['file_name']}")
        if pictures.folder is not None and image is None:
            source.tally.missing += 1
            continue
        yield Photo(
            labels=tuple(dict.fromkeys(labels[one["id"]])),  # a photo of two dogs says dog
            captions=tuple(captions[one["id"]]),
            image=image,
            number=one["id"],
        )


def _captions(source: Source, instances: Path) -> defaultdict[int, list[str]]:
    """Captions by photo, empty where their file is not there."""
    captions: defaultdict[int, list[str]] = defaultdict(list)
    path = instances.with_name(instances.name.replace("instances_", "captions_"))
    if path == instances or not path.exists():
        return captions
    for one in _document(path)["annotations"]:
        if _are(one, image_id=int, caption=str):
            captions[one["image_id"]].append(" ".join(one["caption"].split()))
        else:
            source.tally.broken += 1
    return captions


def _document(path: Path) -> dict[str, list[Any]]:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is not JSON: {error}") from error
    captions = path.name.startswith("captions_")
    needed = ("annotations",) if captions else ("images", "annotations", "categories")
    if not isinstance(document, dict) or not all(
        isinstance(document.get(key), list) for key in needed
    ):
        raise DatasetError(f"{path} does not hold the lists {', '.join(needed)}")
    return document


def _are(value: Any, **types: type) -> bool:
    """Whether these fields are there, and of these types."""
    return isinstance(value, dict) and all(
        isinstance(value.get(name), kind) for name, kind in types.items()
    )
