"""Real pairs: Flickr photos with the tags that their owners wrote."""

from __future__ import annotations

from engine.evaluate.contest import contest, rankers
from engine.evaluate.pairs import real_pairs
from engine.evaluate.report import Section
from engine.evaluate.world import World
from engine.train.bridge import usual_form
from engine.train.corpus import read_variants

SET = "mirflickr"
LEAST = 4
"""Content tags of a photo that is measured on; those with fewer choose the baseline's weight."""

TARGETS = {"rr@10(0)": "≥ .42", "rr@10(1)": "≥ .47", "rr@10(3)": "≥ .52"}


def learned_tags(world: World) -> list[list[int]]:
    """Known rows of the owners' tags of each photo that training may see."""
    photo_set = world.whole[SET]
    variants = read_variants(photo_set.folder.parent)
    rows = (
        world.decoder.vocabulary.rows(
            usual_form(tag, world.lists.forms, variants) for tag in photo.tags
        )
        for photo, held in zip(photo_set.photos, photo_set.held_back, strict=True)
        if not held
    )
    return [one for one in rows if one]


def sections(world: World) -> list[Section]:
    """Real pairs."""
    if SET not in world.whole:
        return []
    pairs, spell = real_pairs(world.whole[SET], LEAST)
    if not pairs:
        return []
    validation, _ = real_pairs(world.whole[SET], 2, LEAST - 1)
    baselines, weight = rankers(
        world.decoder, learned_tags(world), world.sample(validation), spell, world.seed
    )
    title = "Real pairs: recall of what owners wrote"
    pairs = world.sample(pairs)
    return [
        contest("real", title, world.decoder, pairs, baselines, weight, spell, TARGETS, world.seed)
    ]
