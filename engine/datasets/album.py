"""A manifest of somebody's own photos, with the words and the features of each.

Read by `engine.train.own` and `engine.evaluate.manifest`, so that both see the same photos and
draw the same ones to be held back. What cannot be used is counted, never fatal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.datasets.manifest import file_of, repeated
from engine.datasets.source import DatasetError, Tally
from engine.datasets.vectors import FEATURES, looked_at, stored
from engine.tags import normalise_tag
from engine.train.bridge import Tables, read_tables, seen_in
from engine.train.data import Photo, PhotoSet, read_manifest


@dataclass(frozen=True)
class Album:
    """Photos that can be learned from or measured on.

    Attributes:
        photos: With their features; the ones held back are marked.
        words: Of each photo: its tags and labels, or where it has neither what its captions
            lead to.
        tally: What was wrong with the manifest.
        wordless: Photos that were left out because nothing is said about them.
        note: Why the stored features were not used; empty where they were, or where none are.
    """

    photos: PhotoSet
    words: tuple[tuple[str, ...], ...]
    tally: Tally
    wordless: int = 0
    note: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """What was left out or made one, by kind."""
        return {
            "broken_lines": self.tally.broken,
            "missing_photos": self.tally.missing,
            "wordless_photos": self.wordless,
            "duplicate_tags": self.tally.duplicates,
        }

    def told(self) -> str:
        """What was read and what was counted, in words."""
        kinds = ("broken lines", "photos missing or unreadable", "photos without a word",
                 "repeated tags")  # fmt: skip
        parts = [f"{len(self.words)} photos"]
        parts += [
            f"{number} {kind}"
            for number, kind in zip(self.counts.values(), kinds, strict=True)
            if number
        ]
        held = int(self.photos.held_back.sum())
        parts += [f"{held} held back"] if held else []
        return ", ".join(parts) + (f" ({self.note})" if self.note else "")


def read_album(
    manifest: Path,
    weights: Path,
    hold_back: int = 0,
    seed: int = 0,
    encoder: str | None = None,
    say: Callable[[str], None] | None = None,
) -> Album:
    """Read a manifest, or the ``manifest.jsonl`` of a folder.

    Args:
        weights: Folder of the encoder that looks at the pictures where there are no features.
        hold_back: How many photos to mark, drawn by the seed.
        encoder: Name of the encoder whose features are needed; None takes what is there.
        say: Told about pictures that have to be looked at.

    Raises:
        DatasetError: no photo can be used, or no more than are to be held back.
        CheckpointError: pictures have to be looked at, and the encoder cannot be had.
    """
    file = file_of(manifest)
    tally = Tally()
    try:
        said, numbers, tally.broken = read_manifest(file)
        tally.duplicates = repeated(file)
    except OSError as error:
        raise DatasetError(f"cannot read {file}: {error.strerror}") from error
    seen, note = stored(file.with_name(FEATURES), len(said) + tally.broken, encoder)
    if seen is None:
        pictures = [file.parent / photo.image if photo.image else None for photo in said]
        seen = looked_at(pictures, weights, encoder, say)
    else:
        seen = replace(seen, rows=[seen.rows[number] for number in numbers])
    tables = read_tables()
    words = [_words(photo, tables) for photo in said]
    kept = [place for place, row in enumerate(seen.rows) if row is not None and words[place]]
    tally.missing = sum(row is None for row in seen.rows)
    if not kept or not 0 <= hold_back < len(kept):
        raise DatasetError(
            f"{file}: {len(kept)} of {len(said) + tally.broken} lines can be used"
            + (f", and {hold_back} are to be held back" if hold_back else "")
            + (f" ({note})" if note else "")
        )
    held = np.zeros(len(kept), dtype=np.bool_)
    held[np.random.default_rng(seed).permutation(len(kept))[:hold_back]] = True
    photos = PhotoSet(
        name=file.parent.resolve().name,
        folder=file.parent,
        photos=tuple(said[place] for place in kept),
        features=np.stack([row for place in kept if (row := seen.rows[place]) is not None]),
        held_back=held,
        skipped=tally.broken,
        encoder=seen.encoder,
    )
    wordless = len(said) - tally.missing - len(kept)
    return Album(photos, tuple(words[place] for place in kept), tally, wordless, note)


def _words(photo: Photo, tables: Tables) -> tuple[str, ...]:
    """What is true of a photo, as tags are written."""
    words = dict.fromkeys(filter(None, map(normalise_tag, (*photo.tags, *photo.labels))))
    if not words and photo.captions:
        words = dict.fromkeys(seen_in("", photo, tables))
    return tuple(words)
