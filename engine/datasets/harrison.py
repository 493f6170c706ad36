"""HARRISON (Park et al. 2016): hashtags of Instagram posts, one post a line of three text files."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.datasets.source import DatasetError, Source, read_lines
from engine.train.data import Photo

TEST_SHARE = 5_000 / 57_383
"""The published figures are over a random 5,000 of all photos."""

FOLDER = "instagram_dataset"


def read(source: Source) -> Iterator[Photo]:
    """Read ``tag_list.txt`` and ``data_list.txt``, line by line the same post.

    The test part is drawn by a fixed seed, as no list of the published one exists. Tags that
    ``vocab_index.txt`` lacks, where it is there, make a line a broken one.
    """
    source.one_of("train", "test")
    tags = read_lines(source.path / "tag_list.txt")
    names = read_lines(source.path / "data_list.txt")
    if len(tags) != len(names):
        raise DatasetError(
            f"{source.path}: {len(tags)} lines of tags, but {len(names)} of photos: "
            "which belong together cannot be told"
        )
    vocabulary = _vocabulary(source)
    pictures = source.pictures(source.path / FOLDER, source.path / "images")
    test = np.zeros(len(tags), dtype=bool)
    test[np.random.default_rng(0).permutation(len(tags))[: round(len(tags) * TEST_SHARE)]] = True
    for line, name, held in zip(tags, names, test.tolist(), strict=True):
        if source.split is not None and held != (source.split == "test"):
            continue
        words = line.split()
        if not words or not name.strip() or (vocabulary and not vocabulary.issuperset(words)):
            source.tally.broken += 1
            continue
        path = name.strip()
        image = pictures.find(path.removeprefix(f"{FOLDER}/"), path)
        if pictures.folder is not None and image is None:
            source.tally.missing += 1
            continue
        yield Photo(tags=source.tally.distinct(words), image=image, labelled=False)


def _vocabulary(source: Source) -> frozenset[str]:
    """The tags of ``vocab_index.txt``, each with its rank; empty where the file is not there."""
    path = source.path / "vocab_index.txt"
    if not path.exists():
        return frozenset()
    return frozenset(line.split()[0] for line in read_lines(path) if line.strip())
