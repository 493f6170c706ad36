"""Recipes that an option starts from: the paper's, and the one for photos of one's own."""

from __future__ import annotations

import numpy as np

from engine.train.loop import Schedule
from engine.train.losses import Objective
from engine.train.recipe import Recipe
from engine.train.sampler import Draw

OWN_BATCH = 256
"""Examples of a batch of one's own photos."""

OFTEN = 32
"""How often each of these photos is seen."""


def paper_recipe() -> Recipe:
    """The recipe of Wang et al. (CVPR 2016), section 4.

    A label that a photo does not have is wrong there, every sequence ends with END, and nothing
    hides or blurs what the model is told.
    """
    return Recipe(
        joint=64,
        reading=64,
        recurrent=512,
        dropout=0.5,
        feature_dropout=0.0,
        silence=1.0,
        plain=True,
        objective=Objective(loss="softmax", rejected=0.0),
        draw=Draw(
            longest=30,
            empty=0.0,
            blind=0.0,
            noise=0.0,
            post=0.0,
            told=1.0,
            order="frequency",
            closed=True,
        ),
        schedule=Schedule(steps=6000, batch=256, rate=3e-4, decay=0.0, optimiser="rmsprop"),
    )


def own_recipe(photos: int) -> Recipe:
    """For photos of which each is seen some thirty times, and whose words leave little out."""
    steps = int(np.clip(photos * OFTEN // OWN_BATCH, 100, 4000))
    return Recipe(
        joint=512,
        recurrent=128,
        dropout=0.5,
        feature_dropout=0.2,
        silence=1.0,
        lift=0.0,
        draw=Draw(empty=0.6, blind=0.05, post=0.0),
        schedule=Schedule(steps=steps, batch=OWN_BATCH, rate=2e-3, decay=0.1),
    )
