"""Photo and taps together: recall of what owners wrote, after none, one and more of it.

Real pairs are Flickr photos with their owners' tags; matched pairs are captioned photos with a
real post that shares tags with what is seen in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.decoder import Query, TagDecoder
from engine.evaluate.figures import Figure, mean, pages, recall
from engine.evaluate.report import Line, Section
from engine.evaluate.world import World
from engine.train.data import PhotoSet


@dataclass(frozen=True)
class Pair:
    """A photo and the tags that are true for it, in the spelling that is counted."""

    features: NDArray[np.float32]
    tags: tuple[str, ...]


def content_spelling(folder: Path) -> Callable[[str], str]:
    """The one spelling of a Flickr tag: variants first, then a plural's singular."""
    content = set((folder / "content_tags.txt").read_text(encoding="utf-8").split())
    variants = dict(
        line.split("\t")[:2]
        for line in (folder / "variants.tsv").read_text(encoding="utf-8").splitlines()
        if "\t" in line
    )

    def spell(tag: str) -> str:
        tag = variants.get(tag, tag)
        if tag not in content and tag.endswith("s") and tag[:-1] in content:
            return tag[:-1]
        return tag

    return spell


def real_pairs(photo_set: PhotoSet, least: int = 4) -> tuple[list[Pair], Callable[[str], str]]:
    """Held-back Flickr photos with ``least`` or more content tags."""
    content = set((photo_set.folder / "content_tags.txt").read_text(encoding="utf-8").split())
    spell = content_spelling(photo_set.folder)
    found = []
    for row in np.flatnonzero(photo_set.held_back).tolist():
        tags = tuple(
            dict.fromkeys(tag for tag in map(spell, photo_set.photos[row].tags) if tag in content)
        )
        if len(tags) >= least:
            found.append(Pair(photo_set.features[row].astype(np.float32), tags))
    return found, spell


def recall_after_taps(
    decoder: TagDecoder,
    pairs: Sequence[Pair],
    spell: Callable[[str], str],
    taps: Sequence[int],
    places: int = 10,
    seed: int = 0,
    photo: bool = True,
    read: bool = True,
    wrong: bool = False,
) -> Mapping[int, Figure]:
    """RR@N(k): share of the remaining true tags in the first places after k random true ones.

    Args:
        photo: False hides the photo.
        read: False only keeps the prefix off the page, without reading it.
        wrong: Read another photo's tags in place of the accepted ones.
    """
    result = {}
    for number in taps:
        random = np.random.default_rng([seed, number])
        queries, remaining = [], []
        for place, pair in enumerate(pairs):
            order = random.permutation(len(pair.tags))
            accepted = tuple(pair.tags[i] for i in order[:number])
            rest = tuple(pair.tags[i] for i in order[number:])
            if not rest:
                continue
            prefix = accepted
            if wrong:
                other = pairs[(place + 1 + int(random.integers(len(pairs) - 1))) % len(pairs)].tags
                prefix = tuple(tag for tag in other if tag not in pair.tags)[:number]
            queries.append(
                Query(
                    pair.features if photo else None,
                    prefix if read else (),
                    places,
                    frozenset(accepted),
                )
            )
            remaining.append(rest)
        shown = pages(decoder, queries)
        result[number] = mean(
            recall(page, rest, places, spell) for page, rest in zip(shown, remaining, strict=True)
        )
    return result


def sections(world: World) -> list[Section]:
    """Real pairs."""
    if "mirflickr" not in world.sets:
        return []
    pairs, spell = real_pairs(world.sets["mirflickr"])
    lines = []
    for name, how in (
        ("photo and taps", {}),
        ("tags alone", {"photo": False}),
        ("taps not read", {"read": False}),
        ("wrong taps", {"wrong": True}),
    ):
        found = recall_after_taps(world.decoder, pairs, spell, (0, 1, 2, 3), seed=world.seed, **how)
        lines.append(Line(name, {f"rr@10({k})": figure for k, figure in found.items()}))
    return [Section("real", "Real pairs: recall of what owners wrote", lines)]
