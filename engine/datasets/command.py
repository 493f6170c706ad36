"""The work behind `python -m engine data`: read a set, write its manifest, say what was wrong."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets import coco, harrison, manifest, nuswide, picks, voc
from engine.datasets.archive import copy_features, write_features
from engine.datasets.picks import PickedPhoto
from engine.datasets.source import DatasetError, Reader, Source, Tally
from engine.datasets.vectors import FEATURES
from engine.door import EngineError
from engine.encoder import CARD_FILE, EncoderCard
from engine.local import SHIPPED_WEIGHTS
from engine.train.data import Photo

READERS: Mapping[str, Reader] = {
    "harrison": harrison.read,
    "coco": coco.read,
    "nuswide": nuswide.read,
    "voc": voc.read,
    "manifest": manifest.read,
    "picks": picks.read,
}


def data_command(args: argparse.Namespace) -> int:
    """Convert as the arguments say."""
    source = Source(args.source, args.images, args.split)
    try:
        if not args.source.exists():
            raise DatasetError(f"there is no {args.source}")
        read = manifest.file_of(args.source) if args.kind == "manifest" else args.source
        if read.resolve() == (args.out / "manifest.jsonl").resolve():
            raise DatasetError(f"{read} would be replaced: name another --out")
        photos: Iterable[Photo] = READERS[args.kind](source)
        rows: list[int] = []
        seen: list[NDArray[np.float32] | None] = []
        if args.kind == "manifest":
            photos = list(photos)
            rows = [one.line for one in photos if isinstance(one, manifest.NumberedPhoto)]
        if args.kind != "picks" and args.weights:
            raise DatasetError("--weights belongs to picks: no other set comes with features")
        if args.kind == "picks":
            card = EncoderCard.read((args.weights or SHIPPED_WEIGHTS) / CARD_FILE)
            photos, seen = _unpacked(photos, card, source.tally)
        number, pictures = write_manifest(photos, args.out)
        if not number:
            raise DatasetError(f"{args.source} gave no photo: {_problems(source.tally) or 'empty'}")
        if any(vector is not None for vector in seen):
            write_features(args.out / FEATURES, seen, card)
        if rows and read.with_name(FEATURES).exists() and not source.tally.notes:
            copy_features(read.with_name(FEATURES), rows, args.out / FEATURES)
    except (EngineError, OSError) as error:
        print(f"data: {error}", file=sys.stderr)
        return 1
    print(f"{args.out / 'manifest.jsonl'}: {number} photos, {pictures} of them with a picture")
    if problems := _problems(source.tally):
        print(f"not all was well: {problems}")
    return 0


def write_manifest(photos: Iterable[Photo], folder: Path) -> tuple[int, int]:
    """Write ``manifest.jsonl``; return how many photos, and how many of them have a picture.

    An old manifest stays until the new one is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = pictures = 0
    fresh = folder / "manifest.jsonl.new"
    # Half of a surrogate pair, which JSON can hold and UTF-8 cannot, becomes a question mark.
    with fresh.open("w", encoding="utf-8", errors="replace") as file:
        for photo in photos:
            file.write(json.dumps(_line(photo, folder), ensure_ascii=False) + "\n")
            number += 1
            pictures += photo.image is not None
    if number:
        fresh.replace(folder / "manifest.jsonl")
        (folder / FEATURES).unlink(missing_ok=True)  # its rows were the old lines
    else:
        fresh.unlink()
    return number, pictures


def _line(photo: Photo, folder: Path) -> dict[str, Any]:
    line: dict[str, Any] = {}
    if photo.image is not None:
        # A picture inside of the folder moves with it; any other stays where it is.
        path, inside = Path(photo.image).absolute(), folder.absolute()
        line["image"] = str(path.relative_to(inside) if path.is_relative_to(inside) else path)
    if photo.number is not None:
        line["id"] = photo.number
    if photo.tags or not photo.labelled:
        line["tags"] = photo.tags
    if photo.labelled:
        line["labels"] = photo.labels
    if photo.captions:
        # Without the rarer line ends, at which a reader might cut the line.
        line["captions"] = [" ".join(caption.split()) for caption in photo.captions]
    if photo.rejected:
        line["rejected"] = photo.rejected
    return line


def _unpacked(
    photos: Iterable[Photo], card: EncoderCard, tally: Tally
) -> tuple[list[Photo], list[NDArray[np.float32] | None]]:
    """Photos and, row by row, what the encoder saw in them.

    One that another encoder saw is counted, and left out unless it has a picture.
    """
    kept: list[Photo] = []
    vectors: list[NDArray[np.float32] | None] = []
    for photo in photos:
        embedding = photo.embedding if isinstance(photo, PickedPhoto) else None
        vector = None
        if embedding is not None:
            if embedding.encoder == card.version:
                vector = np.frombuffer(embedding.vector, dtype="<f2").astype(np.float32)
            if vector is None or vector.shape != (card.features,) or not np.isfinite(vector).all():
                tally.foreign += 1
                vector = None
        if vector is not None or photo.image is not None:
            kept.append(photo)
            vectors.append(vector)
    return kept, vectors


def _problems(tally: Tally) -> str:
    """What was counted, in words; empty where nothing was."""
    counted = (
        (tally.missing, "photos missing"),
        (tally.broken, "broken lines"),
        (tally.duplicates, "repeated tags"),
        (tally.foreign, "embeddings of another encoder"),
    )
    return ", ".join([f"{number} {what}" for number, what in counted if number] + tally.notes)
