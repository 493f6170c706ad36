"""Calibration: is a tag that gets a chance of p right p of the time, whatever was tapped before?

A photo asks for one of its remaining tags at a time, so each of n has a true share of 1 / n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.decoder import TagDecoder
from engine.evaluate import words
from engine.evaluate.figures import Figure, mean
from engine.evaluate.real import SET
from engine.evaluate.report import Line, Section
from engine.evaluate.world import World
from engine.train.bridge import usual_form
from engine.train.corpus import read_variants

EDGES = np.array([0.0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0])
"""Chances between two of these are judged together."""

LEAST = 4
MOST = 1000
DRAWS = 100
PART = 256

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A photo or none, and the known rows that are true for it."""

    features: NDArray[np.float32] | None
    rows: tuple[int, ...]


def calibration_error(said: Table, true: Table, seed: int = 0) -> Figure:
    """How much chance stands in the wrong band, with the error of a bootstrap.

    Args:
        said: (N, B) chance of each photo in each band.
        true: (N, B) share of the photo's tags in it.
    """
    photos = len(said)
    apart = said - true
    random = np.random.default_rng([seed, 14])
    drawn = random.multinomial(photos, np.full(photos, 1 / photos), DRAWS)
    samples = np.abs(drawn @ apart / photos).sum(1)
    return Figure(float(np.abs(apart.mean(0)).sum()), float(samples.std(ddof=1)), photos)


def bands(chances: Table, true: Table) -> tuple[Table, Table]:
    """Sum chances and true shares by the band that each chance lies in: (N, V) → (N, B) twice."""
    number = len(EDGES) - 1
    place = np.clip(np.digitize(chances, EDGES) - 1, 0, number - 1)
    said, found = np.zeros((2, len(chances), number))
    for band in range(number):
        inside = place == band
        said[:, band] = (chances * inside).sum(1)
        found[:, band] = (true * inside).sum(1)
    return said, found


def calibration(
    decoder: TagDecoder, asked: Sequence[Asked], taps: int, seed: int = 0
) -> dict[str, Figure]:
    """Calibration error, and what the ten likeliest tags are said and found to hold."""
    tags = decoder.vocabulary.tags
    random = np.random.default_rng([seed, taps])
    said, found, hope, truth = [], [], [], []
    for start in range(0, len(asked), PART):
        part = asked[start : start + PART]
        orders = [random.permutation(one.rows).tolist() for one in part]
        readings = [decoder.prefixes.read([tags[i] for i in order[:taps]]) for order in orders]
        sights = decoder.scorer.look([one.features for one in part])
        logits = decoder.scorer.scores(sights, readings)
        scores = logits[:, : decoder.vocabulary.end].numpy().astype(np.float64)
        true = np.zeros_like(scores)
        for row, order in enumerate(orders):
            scores[row, order[:taps]] = -np.inf
            true[row, order[taps:]] = 1 / len(order[taps:])
        chances = np.exp(scores - scores.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        most = min(10, len(tags))
        best = np.argpartition(-chances, most - 1, axis=1)[:, :most]
        hope += np.take_along_axis(chances, best, 1).sum(1).tolist()
        truth += np.take_along_axis(true, best, 1).sum(1).tolist()
        both = bands(chances, true)
        said.append(both[0])
        found.append(both[1])
    error = calibration_error(np.concatenate(said), np.concatenate(found), seed)
    return {"error": error, "said@10": mean(hope), "true@10": mean(truth)}


def sections(world: World) -> list[Section]:
    """Flickr photos with all known tags of their owners, and HARRISON's posts."""
    lines = []
    for name, asked, taps in (
        ("real pairs", _real(world), 3),
        ("HARRISON", _posts(world), 5),
    ):
        for number in range(taps + 1 if asked else 0):
            found = calibration(world.decoder, asked, number, world.seed)
            lines.append(Line(f"{name}, {number} taps", found))
    title = "Calibration by the number of taps"
    return [Section("calibration", title, lines, NOTES)] if lines else []


def _real(world: World) -> list[Asked]:
    """Held-back photos with four or more known tags."""
    if SET not in world.whole:
        return []
    photo_set = world.whole[SET]
    variants = read_variants(photo_set.folder.parent)
    found = []
    for row in np.flatnonzero(photo_set.held_back).tolist():
        tags = (usual_form(tag, world.lists.forms, variants) for tag in photo_set.photos[row].tags)
        rows = world.decoder.vocabulary.rows(tags)
        if len(rows) >= LEAST:
            found.append(Asked(photo_set.features[row].astype(np.float32), tuple(rows)))
    return world.sample(found, MOST)


def _posts(world: World) -> list[Asked]:
    if "harrison" not in world.posts:
        return []
    posts = [post for post in world.unseen("harrison") if len(post) >= words.LEAST]
    return [Asked(None, tuple(post)) for post in world.sample(posts, MOST)]


NOTES = (
    "The error is the chance that stands in the wrong band of chances (0 is perfect, 2 the worst); "
    "said and true are the shares of what is still wanted that the ten likeliest tags are said to "
    "hold, and hold.",
)
