"""Photos as features with what is said about them, and posts without photos: read from disk.

The first step of training and evaluation. Broken lines are counted and reported, never fatal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from engine.tags import normalise_tag

DEFAULT_ENCODER = "tf_efficientnet_lite2"
"""What made the features of a file that does not say it."""

TWINS = 0.998
"""Cosine above which two photos count as one when a set is split."""


@dataclass(frozen=True)
class Photo:
    """What a manifest says about one photo."""

    tags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    image: str | None = None
    number: int | None = None
    labelled: bool = True
    """False where the manifest holds no labels: they are unknown then."""
    rejected: tuple[str, ...] = ()
    """Tags that were shown for the photo and passed over."""


@dataclass(frozen=True)
class PhotoSet:
    """One manifest with its features, row by row.

    Attributes:
        features: (N, F) float16.
        held_back: (N,) bool, photos that training never sees.
        skipped: Lines that could not be used.
        encoder: Name of the CNN that made the features.
    """

    name: str
    folder: Path
    photos: tuple[Photo, ...]
    features: NDArray[np.float16]
    held_back: NDArray[np.bool_]
    skipped: int = 0
    encoder: str = DEFAULT_ENCODER


@dataclass(frozen=True)
class Posts:
    """Hashtag sets of posts without photos.

    Attributes:
        tags: Tags of each post, normalised.
        held_back: (N,) bool, posts that training never sees.
    """

    name: str
    tags: tuple[tuple[str, ...], ...]
    held_back: NDArray[np.bool_] = field(repr=False)


def lines_of(path: Path) -> list[str]:
    """The lines of a text file, whatever bytes it was made of.

    Raises:
        OSError: it cannot be read.
    """
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    lines = text.split("\n")  # str.splitlines would also cut at what stands inside of words
    return [line.rstrip("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def read_manifest(path: Path) -> tuple[list[Photo], list[int], int]:
    """Read a JSONL manifest.

    Returns:
        Photos, the line number of each (to find its features), and how many lines were broken.
    """
    photos: list[Photo] = []
    lines: list[int] = []
    skipped = 0
    number = 0
    for text in lines_of(path):
        if not text.strip():
            continue
        photo = _photo(text)
        if photo is None:
            skipped += 1
        else:
            photos.append(photo)
            lines.append(number)
        number += 1
    return photos, lines, skipped


def _photo(text: str) -> Photo | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict):
        return None
    image, number = line.get("image"), line.get("id")
    return Photo(
        tags=tuple(dict.fromkeys(filter(None, map(normalise_tag, _strings(line.get("tags")))))),
        labels=tuple(dict.fromkeys(_strings(line.get("labels")))),
        captions=tuple(_strings(line.get("captions"))),
        image=image if isinstance(image, str) else None,
        number=number if isinstance(number, int) else None,
        labelled="labels" in line,
        rejected=tuple(filter(None, map(normalise_tag, _strings(line.get("rejected"))))),
    )


def _strings(value: Any) -> list[str]:
    """Strings that UTF-8 can hold: half of a surrogate pair becomes a question mark."""
    if not isinstance(value, list):
        return []
    return [one.encode("utf-8", "replace").decode() for one in value if isinstance(one, str)]


def read_features(path: Path) -> NDArray[np.float16]:
    """Dequantise ``features.npz``: low + scale × codes, (N, F).

    Raises:
        OSError: there is no such file.
        ValueError: it is damaged, or holds what is no feature.
    """
    with _opened(path) as stored, np.errstate(over="ignore", invalid="ignore"):
        codes = stored["codes"]
        features = stored["low"] + stored["scale"] * codes.astype(np.float32)
        result: NDArray[np.float16] = features.astype(np.float16)
        if codes.ndim != 2 or result.shape != codes.shape:
            raise ValueError(f"codes of shape {codes.shape} make features of {result.shape}")
        if not np.isfinite(result).all():
            raise ValueError("not all features are numbers")
    return result


def read_missing(path: Path) -> frozenset[int]:
    """Lines of the manifest that have no features: their pictures could not be read.

    Raises:
        OSError: there is no such file.
        ValueError: it is damaged.
    """
    with _opened(path) as stored:
        return frozenset(np.flatnonzero(stored["missing"]).tolist() if "missing" in stored else ())


def encoder_of(path: Path) -> tuple[str, str]:
    """Name and version of the CNN that made a ``features.npz``; no version where none is told.

    Raises:
        OSError: there is no such file.
        ValueError: it is damaged.
    """
    with _opened(path) as stored:
        name = str(stored["encoder"]) if "encoder" in stored else DEFAULT_ENCODER
        return name, str(stored["version"]) if "version" in stored else ""


@contextmanager
def _opened(path: Path) -> Iterator[NpzFile]:
    """The arrays of a file; whatever is wrong with them is a ValueError."""
    try:
        with np.load(path) as stored:
            if not isinstance(stored, NpzFile):
                raise ValueError("it is one array and not several")
            yield stored
    except OSError:
        raise
    except Exception as error:  # a damaged file fails in many ways
        raise ValueError(f"{path} cannot be read: {error}") from error


def read_photo_set(folder: Path, share: float = 0.1) -> PhotoSet:
    """Read a folder of the data pack and hold a share of it back, twins together."""
    said, numbers, skipped = read_manifest(folder / "manifest.jsonl")
    missing = read_missing(folder / "features.npz")
    seen = [place for place, number in enumerate(numbers) if number not in missing]
    photos = [said[place] for place in seen]
    skipped += len(said) - len(photos)
    features = read_features(folder / "features.npz")[[numbers[place] for place in seen]]
    if folder.name == "mirflickr":
        held = np.array([(photo.number or 0) % 10 == 3 for photo in photos])
    else:
        held = hold_back(folder.name, features, share)
    encoder, _ = encoder_of(folder / "features.npz")
    return PhotoSet(folder.name, folder, tuple(photos), features, held, skipped, encoder)


def hold_back(name: str, features: NDArray[np.float16], share: float) -> NDArray[np.bool_]:
    """Choose photos by a hash of their place, and with each photo its near-duplicates."""
    held = np.array([_draw(f"{name}/{row}") < share for row in range(len(features))])
    group = twin_groups(features)
    return held[group]


def twin_groups(features: NDArray[np.float16]) -> NDArray[np.int64]:
    """Number of the first near-duplicate of each photo: (N,)."""
    unit = features.astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True) + 1e-9
    group = np.arange(len(unit))
    for start in range(0, len(unit), 2048):
        part = unit[start : start + 2048]
        for left, right in np.argwhere(part @ unit[: start + 2048].T > TWINS):
            if right < left + start:
                group[left + start] = min(group[left + start], group[right])
    return group


def _draw(key: str) -> float:
    """A fixed number in 0–1 for a key."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") / 2**32


def read_harrison(folder: Path, share: float = 0.1) -> Posts:
    """HARRISON's ``tag_list.txt``: one post a line."""
    lines = lines_of(folder / "tag_list.txt")
    return _posts("harrison", (line.split() for line in lines), share)


def read_hashtag_sets(path: Path, share: float = 0.1) -> Posts:
    """Posts as JSONL with ``hashtags``; a broken line is a post without any."""
    return _posts("posts", map(_hashtags, lines_of(path)), share)


def _hashtags(text: str) -> list[str]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return _strings(line.get("hashtags")) if isinstance(line, dict) else []


def _posts(name: str, posts: Iterable[list[str]], share: float) -> Posts:
    tags = tuple(tuple(dict.fromkeys(filter(None, map(normalise_tag, post)))) for post in posts)
    held = np.array([_draw(f"{name}/{row}") < share for row in range(len(tags))])
    return Posts(name, tags, held)


def photo_folders(data: Path) -> Iterator[Path]:
    """Folders of a data pack that hold photos with features, by name."""
    for manifest in sorted(data.glob("*/manifest.jsonl")):
        if (manifest.parent / "features.npz").exists():
            yield manifest.parent
