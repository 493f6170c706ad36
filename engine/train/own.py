"""A head of one's own: any manifest's photos and words, with a vocabulary of their own.

Called by `engine.train.command` for ``--manifest``. The words of the manifest are the tags, each as
good as any other; of what the product has curated, only the table of what the words of captions
mean takes part, for photos without any other word.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from engine.datasets.album import Album, read_album
from engine.head import Head
from engine.train.corpus import Corpus
from engine.train.data import PhotoSet
from engine.train.neighbours import learn_neighbours
from engine.train.plan import Plan
from engine.train.presets import own_recipe
from engine.train.rehearsal import PARTS, rehearse
from engine.train.targets import Example
from engine.vocabulary import Vocabulary

MOST = 5000
"""Words of a vocabulary: its item–item table has the square of it."""

MEMORY = 5000
"""Photos that a head remembers: at serving time each page is compared with all of them."""

FEWEST = 30
"""Photos below which there is nothing to learn from neighbours."""

RANKING = {"lists": False, "diversity": 0.0}
"""Every word of the manifest may be shown, and stand beside any other."""


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
    recipe = own_recipe(len(corpus.examples))
    head = plan.train(corpus, album.photos.encoder, usual=recipe)
    head = replace(head, ranking=RANKING)
    if plan.plain or len(corpus.examples) < FEWEST:
        return head, [album.photos]
    remembered = _some(corpus, seed)
    say(f"rehearsing {PARTS} times, to learn how far {len(remembered.examples)} neighbours count")

    def rehearsed(part: Corpus, number: int) -> Head:
        which = f"rehearsal {number} of {PARTS}"
        return plan.rehearse(part, album.photos.encoder, recipe, which)

    rehearsal = rehearse(remembered, rehearsed, seed)
    features, labels = _tables(remembered)
    neighbours = learn_neighbours(features, labels, rehearsal)
    say(f"weights: {json.dumps({k: round(v, 3) for k, v in neighbours.numbers().items()})}")
    return replace(head, neighbours=neighbours), [album.photos]


def _some(corpus: Corpus, seed: int) -> Corpus:
    """The corpus, with no more photos than are remembered."""
    if len(corpus.examples) <= MEMORY:
        return corpus
    chosen = np.random.default_rng([seed, 12]).permutation(len(corpus.examples))[:MEMORY]
    return replace(corpus, examples=tuple(corpus.examples[i] for i in sorted(chosen.tolist())))


def _tables(corpus: Corpus) -> tuple[torch.Tensor, torch.Tensor]:
    """Features (N, F) and words (N, V) of the examples."""
    rows = [one.feature for one in corpus.examples]
    labels = torch.zeros(len(rows), len(corpus.vocabulary))
    for number, one in enumerate(corpus.examples):
        labels[number, one.written.tolist()] = 1.0
    return torch.from_numpy(corpus.features[rows].astype(np.float32)), labels


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
        passed = vocabulary.rows(album.photos.photos[number].rejected)
        if rows and not out:
            written = np.array(rows, dtype=np.int32)
            rejected = np.array(passed, dtype=np.int32)
            examples.append(Example(number, 0, nothing, written, rejected=rejected))
    return Corpus(
        vocabulary=vocabulary,
        features=album.photos.features,
        examples=tuple(examples),
        posts=(),
        sources=(album.photos.name,),
        known=np.ones((1, len(vocabulary) + 1), dtype=np.bool_),
    )
