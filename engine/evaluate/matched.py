"""Matched pairs: captioned photos, each with a real post that shares tags with its caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.contest import contest, rankers
from engine.evaluate.pairs import Pair
from engine.evaluate.report import Section
from engine.evaluate.world import World
from engine.train.bridge import seen_in
from engine.train.corpus import CAPTIONED_SETS, match_posts
from engine.train.targets import Example, pairs

SHARED = 2
LEAST = 4
MOST = 1000
"""Photos that a figure is taken over."""

VALIDATION = 300
"""Further ones, on which the weight of the plain sum is chosen."""

TARGETS = {"rr@10(0)": "≥ .29", "rr@10(1)": "≥ .36", "rr@10(3)": "≥ .42"}


def matched_pairs(world: World, posts: Sequence[Sequence[int]]) -> list[Pair]:
    """Held-back photos, each with one of the posts that share two or more of its caption's tags.

    Args:
        posts: Known rows of posts that training never saw.
    """
    features: list[NDArray[np.float32]] = []
    examples: list[Example] = []
    vocabulary = world.decoder.vocabulary
    for name in CAPTIONED_SETS:
        photo_set = world.whole.get(name)
        if photo_set is None:
            continue
        for row in np.flatnonzero(photo_set.held_back).tolist():
            said = seen_in(name, replace(photo_set.photos[row], labels=()), world.tables)
            written = np.zeros(0, dtype=np.int32)
            examples.append(Example(len(features), 0, pairs(said, vocabulary), written))
            features.append(photo_set.features[row].astype(np.float32))
    if not examples:
        return []
    fitting = match_posts(examples, posts, len(vocabulary), SHARED, 1, world.seed)
    return [
        Pair(features[one.feature], tuple(vocabulary.tags[row] for row in posts[one.posts[0]]))
        for one in fitting
        if len(one.posts)
    ]


def sections(world: World) -> list[Section]:
    """Matched pairs with HARRISON's posts."""
    if "harrison" not in world.posts:
        return []
    found = matched_pairs(world, [post for post in world.unseen("harrison") if len(post) >= LEAST])
    order = np.random.default_rng([world.seed, 12]).permutation(len(found)).tolist()
    least = min(MOST, len(found) - len(found) // 4)
    measured = world.sample([found[i] for i in order[:least]])
    validation = world.sample([found[i] for i in order[least : least + VALIDATION]])
    if not validation:
        return []
    baselines, weight = rankers(
        world.decoder, world.learned("harrison"), validation, str, world.seed
    )
    title = "Matched pairs: recall of a real post that fits the caption"
    return [
        contest(
            "matched", title, world.decoder, measured, baselines, weight, str, TARGETS, world.seed
        )
    ]
