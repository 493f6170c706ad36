"""After one accepted tag: how many of the next ten are known to fit the photo.

What fits is what labels, captions, owner and the table of acceptable tags say, with what is right
whenever that is. Much that fits a photo is said nowhere, so the figures are lower bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.decoder import Query
from engine.evaluate.figures import Figure, count_of, mean
from engine.evaluate.rankers import Ranker, page_ranker
from engine.evaluate.report import Line, Section
from engine.evaluate.world import World
from engine.train.bridge import seen_in, usual_form
from engine.train.data import PhotoSet

SETS = ("coco-captions", "coco-train", "flickr8k", "mirflickr")
"""Photos of anything, about which more than one thing is said."""

LEAST = 2
MOST = 500
TARGETS = {"fitting10": "≥ 6"}


def fitting(world: World, photo_set: PhotoSet, row: int) -> frozenset[str]:
    """All that is known to fit one photo."""
    photo = photo_set.photos[row]
    found = {usual_form(tag, world.lists.forms, {}) for tag in photo.tags}
    found |= set(seen_in(photo_set.name, photo, world.tables))
    for label in photo.labels:
        found |= set(world.tables.acceptable.get(label, ()))
    wider = {general for tag in found for general in world.lists.general.get(tag, ())}
    return frozenset(found | wider)


def next_ten(
    ranker: Ranker, photos: Sequence[tuple[Query, frozenset[str]]]
) -> tuple[Figure, Figure]:
    """How many of ten fit before a tap, and after one on the first that does."""
    first = ranker([query for query, _ in photos])
    before, queries, right = [], [], []
    for page, (query, fits) in zip(first, photos, strict=True):
        before.append(count_of(page, fits, 10))
        tapped = next((tag for tag in page if tag in fits), None)
        if tapped is not None:
            queries.append(Query(query.features, (tapped,)))
            right.append(fits)
    after = [count_of(page, fits, 10) for page, fits in zip(ranker(queries), right, strict=True)]
    return mean(before), mean(after)


def sections(world: World) -> list[Section]:
    """Sets of photos of anything."""
    lines = []
    for name in SETS:
        if name not in world.sets:
            continue
        photo_set = world.sets[name]
        rows = world.sample(np.flatnonzero(photo_set.held_back).tolist(), MOST)
        known = [(row, fitting(world, photo_set, row)) for row in rows]
        photos = [
            (Query(photo_set.features[row].astype(np.float32)), fits)
            for row, fits in known
            if len(fits) >= LEAST
        ]
        if photos:
            before, after = next_ten(page_ranker(world.decoder), photos)
            lines.append(Line(name, {"before10": before, "fitting10": after}, TARGETS))
    title = "Tags among ten that are known to fit: before a tap, and after an accepted one"
    return [Section("fitting", title, lines, NOTES)] if lines else []


NOTES = (
    "Lower bounds: only what labels, captions or the owner say counts, so a fitting mood or a "
    "thing that nobody wrote down counts as wrong.",
)
