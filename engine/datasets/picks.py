"""People's own picks: what ``python -m storage export`` writes, and a chat's own export.

A line is ``{"tags": [chosen, in order], "rejected": [passed over], "embedding": base64}``. The
embedding is the engine's own, so no picture is needed to learn; where it is not there, "image"
may name one. A caption of several photos has a list of embeddings: it is learned from their mean,
which is what its tags were suggested from.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.datasets.source import DatasetError, Source, read_lines
from engine.door import EmbeddingMismatch, ImageEmbedding
from engine.train.data import Photo


@dataclass(frozen=True)
class PickedPhoto(Photo):
    """A photo that comes with what the encoder saw in it."""

    embedding: ImageEmbedding | None = None


def read(source: Source) -> Iterator[PickedPhoto]:
    """Read JSON Lines, or a ``.json`` file: a list of such objects, or a chat's ``/export``.

    ``image`` counts where it is a file in ``--images``. A photo without tags teaches nothing
    and is a broken line; one with neither embedding nor picture is missing.
    """
    source.one_of()
    pictures = source.pictures()
    for entry in _entries(source):
        tags = _strings(entry, "tags")
        if tags is None or not (chosen := source.tally.distinct(tags)):
            source.tally.broken += 1
            continue
        image = entry.get("image")
        picture = pictures.find(image) if isinstance(image, str) else None
        embedding = _embedding(entry.get("embedding"))
        if embedding is None and picture is None:
            source.tally.missing += 1
            continue
        passed = source.tally.distinct(_strings(entry, "rejected") or ())
        yield PickedPhoto(
            tags=chosen,
            image=picture,
            labelled=False,
            rejected=tuple(tag for tag in passed if tag not in chosen),
            embedding=embedding,
        )


def _entries(source: Source) -> Iterator[dict[str, Any]]:
    lines = read_lines(source.path)
    if source.path.suffix == ".json":
        try:
            document = json.loads("\n".join(lines))
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{source.path} is not JSON: {error}") from error
        entries = _finished(document) if isinstance(document, dict) else document
        if not isinstance(entries, list):
            raise DatasetError(f"{source.path} is neither a list nor a chat's /export")
    else:
        entries = [_parsed(line) for line in lines if line.strip()]
    for entry in entries:
        if isinstance(entry, dict):
            yield entry
        else:
            source.tally.broken += 1


def _finished(export: dict[str, Any]) -> Any:
    """The captions of a chat's export; None where it has none."""
    captions = export.get("captions")
    return captions.get("finished") if isinstance(captions, dict) else None


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _strings(entry: dict[str, Any], key: str) -> list[str] | None:
    value = entry.get(key)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    return None


def _embedding(value: Any) -> ImageEmbedding | None:
    """Unpack one, or several as one; None where none is there whole."""
    if isinstance(value, list):
        whole = [one for one in map(_unpacked, value) if one is not None]
        try:
            return ImageEmbedding.mean(whole) if whole else None
        except EmbeddingMismatch:  # the weights have changed between two photos
            return None
    return _unpacked(value)


def _unpacked(value: Any) -> ImageEmbedding | None:
    """One embedding; None where it is not there or damaged."""
    if not isinstance(value, str):
        return None
    try:
        return ImageEmbedding.from_bytes(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError, EmbeddingMismatch):
        return None
