"""Words over one manifest, as the field reports them: precision, recall, F1 and N+.

Every photo gets the same number of words from the ranking that people get. Precision and recall
are means over the words that occur in what is measured, F1 is made of the two, and N+ counts the
words that were found at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.datasets.album import read_album
from engine.decoder import Query, TagDecoder
from engine.encoder import CARD_FILE
from engine.evaluate.figures import Figure, mean
from engine.evaluate.pairs import Pair, recalls
from engine.evaluate.rankers import Ranker, Scores, page_ranker, photo_scorer, score_ranker

TAPS = (0, 1, 2)
DRAWS = 200
"""Samples of photos, drawn with replacement, that a standard error is taken over."""

Table = NDArray[np.float64]


def evaluate_manifest(
    checkpoint: Path,
    manifest: Path,
    *,
    weights: Path,
    hold_back: int,
    seed: int,
    words: int = 5,
) -> dict[str, Any]:
    """Measure a head on a manifest.

    Args:
        weights: Folder of the encoder, for pictures without features; one that lies beside the
            head goes before it.
        hold_back: Measure on the photos that training left out with the same number and seed;
            0 takes all.
        words: Words a photo.

    Returns:
        Figures under stable keys, and what was counted on the way.

    Raises:
        CheckpointError: the head or the encoder cannot be used.
        DatasetError: the manifest has no photo that can be used.
    """
    decoder = TagDecoder.load(checkpoint)
    if (checkpoint / CARD_FILE).exists():
        weights = checkpoint
    album = read_album(manifest, weights, hold_back, seed, decoder.encoder)
    rows = np.flatnonzero(album.photos.held_back) if hold_back else np.arange(len(album.words))
    pairs = [Pair(album.photos.features[row].astype(np.float32), album.words[row]) for row in rows]
    true = [pair.tags for pair in pairs]
    figures: dict[str, Figure] = {}
    for name, ranker in _rankers(decoder).items():
        shown = ranker([Query(pair.features, k=words) for pair in pairs])
        found = over_words(*tables(true, shown), seed)
        # The same photos for every number of taps: those with a word left after the last one.
        cohort = [pair for pair in pairs if len(pair.tags) > TAPS[-1]]
        after = recalls(ranker, cohort, str, TAPS, words, seed)
        found |= {f"rr@{words}({taps})": mean(values) for taps, values in after.items()}
        figures |= {f"{name}{key}": figure for key, figure in found.items()}
    return {
        "checkpoint": decoder.version,
        "photos": len(pairs),
        "words": figures["f1"].number,
        "words_per_photo": words,
        **{name: asdict(figure) for name, figure in figures.items()},
        **album.counts,
    }


def _rankers(decoder: TagDecoder) -> dict[str, Ranker]:
    """What is measured, by the beginning of its keys: the page that people get, and baselines.

    ``image_only/`` is the CNN-RNN before any tap, its best words first; ``knn/`` the vote of the
    training photos that look alike, where the head remembers them.
    """
    rankers = {
        "": page_ranker(decoder),
        "image_only/": score_ranker(decoder, photo_scorer(decoder)),
    }
    neighbours = decoder.head.neighbours
    if neighbours is not None:

        def votes(queries: Sequence[Query], _: Sequence[list[int]]) -> Scores:
            table = np.stack([one.features for one in queries if one.features is not None])
            shares: Scores = neighbours.votes(torch.from_numpy(table)).numpy()
            return shares

        rankers["knn/"] = score_ranker(decoder, votes)
    return rankers


def tables(true: Sequence[Sequence[str]], shown: Sequence[Sequence[str]]) -> tuple[Table, Table]:
    """Which words are true of each photo and which were shown, over the words that occur."""
    index = {word: place for place, word in enumerate(sorted({w for own in true for w in own}))}
    right, said = np.zeros((len(true), len(index))), np.zeros((len(true), len(index)))
    for row, (own, page) in enumerate(zip(true, shown, strict=True)):
        right[row, [index[word] for word in own]] = 1
        said[row, [index[word] for word in page if word in index]] = 1
    return right, said


def over_words(true: Table, shown: Table, seed: int = 0) -> dict[str, Figure]:
    """Precision, recall, F1 and N+ over words, with the standard errors of a bootstrap.

    A word that is never shown has a precision of zero, as in the field.

    Args:
        true: (N, W) 1 where a word is true of a photo.
        shown: (N, W) 1 where it was shown.
    """
    photos, words = true.shape
    random = np.random.default_rng([seed, 11])
    drawn = random.multinomial(photos, np.full(photos, 1 / photos), DRAWS).astype(np.float64)
    samples = _means(drawn, true, shown)
    whole = _means(np.ones((1, photos)), true, shown)
    return {
        name: Figure(float(whole[name][0]), float(samples[name].std(ddof=1)), words)
        for name in whole
    }


def _means(weights: Table, true: Table, shown: Table) -> dict[str, Table]:
    """The figures for each row of weights of photos: (S, N) → (S,)."""
    hits, said, owned = weights @ (true * shown), weights @ shown, weights @ true  # (S, W)
    occur = owned > 0
    words = occur.sum(1)
    precision = np.where(occur, hits / np.maximum(said, 1), 0).sum(1) / words
    recall = np.where(occur, hits / np.maximum(owned, 1), 0).sum(1) / words
    total = precision + recall
    plus = (hits > 0).sum(1).astype(np.float64)
    return {
        "f1": np.where(total > 0, 2 * precision * recall / np.where(total > 0, total, 1), 0),
        "precision": precision,
        "recall": recall,
        "n_plus": plus,
        "n_plus_share": plus / words,
    }
