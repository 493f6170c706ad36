"""A head of one's own: any manifest's photos and words, with a vocabulary of their own.

Called by `engine.train.command` for ``--manifest``. Nothing of the product's curated lists takes
part: the words of the manifest are the tags, each as good as any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.datasets.album import Album, read_album
from engine.head import Head
from engine.train.corpus import Corpus
from engine.train.data import PhotoSet
from engine.train.loop import Schedule
from engine.train.plan import Plan
from engine.train.recipe import Recipe
from engine.train.sampler import Draw
from engine.train.targets import Example
from engine.vocabulary import Vocabulary

MOST = 5000
"""Words of a vocabulary: its item–item table has the square of it."""

OWN = Recipe(
    silence=1.0,
    draw=Draw(empty=0.6, blind=0.05, post=0.0),
    schedule=Schedule(steps=800, batch=256, rate=1e-3),
)
"""For a few thousand photos whose words leave little out."""


def train_on_manifest(
    manifest: Path,
    weights: Path,
    hold_back: int,
    seed: int,
    plan: Plan,
    say: Callable[[str], None],
) -> tuple[Head, Sequence[PhotoSet]]:
    """The head, and the photos that it was trained on.

    Args:
        weights: Folder of the encoder, for pictures without features.
        hold_back: Photos that are left out, drawn by the seed.

    Raises:
        DatasetError: the manifest has no photo that can be used.
        CheckpointError: the encoder cannot be had.
    """
    album = read_album(manifest, weights, hold_back, seed, say=say)
    say(f"{manifest}: {album.told()}")
    corpus = own_corpus(album)
    say(f"{len(corpus.vocabulary)} words on {len(corpus.examples)} photos to learn from")
    head = plan.train(corpus, album.photos.encoder, usual=OWN)
    ranking = {"lists": False, "diversity": 0.0}
    return replace(head, ranking=ranking), [album.photos]


def own_corpus(album: Album) -> Corpus:
    """The photos that are not held back, as examples whose words were all written."""
    held = album.photos.held_back
    counts = Counter(
        word for words, out in zip(album.words, held, strict=True) if not out for word in words
    )
    tags = sorted(counts, key=lambda word: (-counts[word], word))[:MOST]
    vocabulary = Vocabulary(tuple(tags))
    nothing = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
    examples = []
    for number, (words, out) in enumerate(zip(album.words, held, strict=True)):
        rows = vocabulary.rows(words)
        if rows and not out:
            examples.append(Example(number, 0, nothing, np.array(rows, dtype=np.int32)))
    return Corpus(
        vocabulary=vocabulary,
        features=album.photos.features,
        examples=tuple(examples),
        posts=(),
        sources=(album.photos.name,),
        known=np.ones((1, len(vocabulary) + 1), dtype=np.bool_),
    )
