"""Is the thing in the photo named, and would a person accept what stands first?

Section "photos that training never saw" of the protocol, over the labels of the data pack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.decoder import Query, TagDecoder
from engine.evaluate.figures import Figure, any_of, count_of, mean, pages
from engine.evaluate.rankers import Ranker, name_ranker, page_ranker
from engine.evaluate.report import Line, Section
from engine.evaluate.world import World
from engine.train.bridge import Tables
from engine.train.data import PhotoSet

COCO = ("coco-captions", "coco-train", "voc-objects")
PICTURES = "coco-train"
COCO_TARGETS = {"in5": "≥ .92", "in10": "≥ .96"}
SCENES = ("sun-scenes", "intel-scenes", "rooms", "scenes")

NAMED_TARGETS: Mapping[str, Mapping[str, str]] = {
    "food": {"in5": "≥ .62", "in10": "≥ .72", "rivals5": "≤ .8"},
    "scenes": {"in5": "≥ .62", "in10": "≥ .72", "rivals5": "≤ 1.0"},
    "sports": {"in5": "≥ .90", "in10": "≥ .94", "rivals5": "≤ .4"},
    "flowers": {"in5": "≥ .93"},
    "weather": {"in5": "≥ .93"},
    "sea-animals": {"in5": "≥ .95", "rivals5": "≤ .4"},
    "instruments": {"in5": "≥ .95", "rivals5": "≤ .4"},
    "clothing": {"in5": "≥ .92"},
    "animals": {"in5": "≥ .90"},
}
"""What the figures of each set should reach."""

NAMED_NOTES = (
    "names5: the five surest names alone, as a list of guesses would have them; a page has what "
    "people post with it beside one to three names.",
)

TAPS: Mapping[str, str] = {"food": "food"}
"""Set → the general tag that is tapped for a second row."""

TAPPED_TARGETS: Mapping[str, Mapping[str, str]] = {"food": {"in10": "≥ .82"}}


def features_of(photo_set: PhotoSet, rows: Sequence[int]) -> list[np.ndarray]:
    """Float32 feature vectors of some photos."""
    return [photo_set.features[row].astype(np.float32) for row in rows]


def named(
    ranker: Ranker, photo_set: PhotoSet, tables: Tables, tap: tuple[str, ...] = ()
) -> dict[str, Figure]:
    """Share of held-back photos whose thing is named in five and ten, and the rivals in five."""
    words = tables.named[photo_set.name]
    rows = [
        row
        for row in np.flatnonzero(photo_set.held_back).tolist()
        if any(label in words for label in photo_set.photos[row].labels)
    ]
    shown = ranker([Query(one, tap) for one in features_of(photo_set, rows)])
    five, ten, rivals = [], [], []
    for row, page in zip(rows, shown, strict=True):
        labels = photo_set.photos[row].labels
        right = {word for label in labels for word in words.get(label, ())}
        wrong = {word for label in words for word in words[label]} - right
        five.append(any_of(page, right, 5))
        ten.append(any_of(page, right, 10))
        rivals.append(count_of(page, wrong, 5))
    return {"in5": mean(five), "in10": mean(ten), "rivals5": mean(rivals)}


def acceptable(
    decoder: TagDecoder, photo_set: PhotoSet, tables: Tables, everything: bool = False
) -> Mapping[str, Figure]:
    """Share of photos with a tag that fits one of their objects; people do not count.

    Args:
        everything: Take all photos, not the held-back ones alone.
    """
    rows, rights = [], []
    for row, photo in enumerate(photo_set.photos):
        right = {
            tag
            for label in photo.labels
            if label != "person"
            for tag in tables.acceptable.get(label, ())
        }
        if right and (everything or photo_set.held_back[row]):
            rows.append(row)
            rights.append(right)
    shown = pages(decoder, [Query(one) for one in features_of(photo_set, rows)])
    both = list(zip(shown, rights, strict=True))
    return {
        "in5": mean(any_of(page, right, 5) for page, right in both),
        "in10": mean(any_of(page, right, 10) for page, right in both),
    }


def sections(world: World) -> list[Section]:
    """Two tables: what is acceptable, and what is named."""
    return [
        Section("acceptable", "An acceptable tag for a thing in the photo", _acceptable(world)),
        Section(
            "named",
            "The thing itself is named, and wrong names of its set among the first five",
            _named(world),
            NAMED_NOTES,
        ),
    ]


def _acceptable(world: World) -> list[Line]:
    lines = []
    for names, targets in (
        (COCO, COCO_TARGETS),
        (SCENES, {"in5": "≥ .97", "in10": "≥ .99"}),
    ):
        for name in names:
            if name in world.sets:
                found = acceptable(world.decoder, world.sets[name], world.tables)
                lines.append(Line(name, found, targets))
    if PICTURES in world.whole:
        found = acceptable(world.decoder, world.whole[PICTURES], world.tables, everything=True)
        lines.append(Line(f"{PICTURES}, all pictures", found, COCO_TARGETS))
    return lines


def _named(world: World) -> list[Line]:
    lines = []
    page, names = page_ranker(world.decoder), name_ranker(world.decoder)
    for name, photo_set in world.sets.items():
        if name not in world.tables.named:
            continue
        found = named(page, photo_set, world.tables)
        if not found["in5"].number:
            continue
        guessed = named(names, photo_set, world.tables)
        found |= {"names5": guessed["in5"], "rivals of names5": guessed["rivals5"]}
        lines.append(Line(name, found, NAMED_TARGETS.get(name, {})))
        if name in TAPS:
            found = named(page, photo_set, world.tables, (TAPS[name],))
            lines.append(Line(f"{name} after #{TAPS[name]}", found, TAPPED_TARGETS.get(name, {})))
    return lines
