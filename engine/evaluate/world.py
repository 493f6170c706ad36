"""What every part of the protocol measures with: the ranking, the data pack, and its posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from engine.decoder import TagDecoder
from engine.lists import Lists, read_lists
from engine.train.bridge import Tables, read_tables
from engine.train.command import read_pack
from engine.train.data import PhotoSet, Posts
from engine.train.targets import post_rows

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """All that is measured, and all that it is measured on.

    Attributes:
        sets: Photo sets by name; where a run is quick, fewer of their photos are held back.
        whole: The same with every photo held back that training never saw.
        limit: Most photos or posts that a figure is taken over; None takes all.
    """

    decoder: TagDecoder
    lists: Lists
    tables: Tables
    sets: dict[str, PhotoSet]
    whole: dict[str, PhotoSet]
    posts: dict[str, Posts]
    seed: int = 0
    limit: int | None = None

    def sample(self, things: Sequence[T], limit: int | None = None) -> list[T]:
        """The same few of them in every run; all where there are no more than may be."""
        most = min(filter(None, (limit, self.limit)), default=None)
        if most is None or len(things) <= most:
            return list(things)
        random = np.random.default_rng([self.seed, len(things)])
        return [things[i] for i in sorted(random.permutation(len(things))[:most].tolist())]

    @cached_property
    def post_rows(self) -> dict[str, list[list[int]]]:
        """Known rows of every post, by source."""
        return {
            name: post_rows(posts, self.decoder.vocabulary, self.lists.forms)
            for name, posts in self.posts.items()
        }

    def learned(self, name: str) -> list[list[int]]:
        """Posts of a source that training may see."""
        held = self.posts[name].held_back
        return [rows for rows, out in zip(self.post_rows[name], held, strict=True) if not out]

    def unseen(self, name: str) -> list[list[int]]:
        """Posts of a source that training never saw."""
        held = self.posts[name].held_back
        return [rows for rows, out in zip(self.post_rows[name], held, strict=True) if out]


def read_world(checkpoint: Path, data: Path, seed: int = 0, limit: int | None = None) -> World:
    """Load a head and read a data pack.

    Raises:
        CheckpointError: the head cannot be used, or reads features of another encoder.
        FileNotFoundError: there are no photos.
    """
    decoder = TagDecoder.load(checkpoint)
    sets, posts = read_pack(data)
    if sets[0].encoder != decoder.encoder:
        raise ValueError(
            f"{data}: features of {sets[0].encoder}, but the head reads {decoder.encoder}"
        )
    whole = {one.name: one for one in sets}
    world = World(
        decoder,
        read_lists(),
        read_tables(),
        whole,
        whole,
        {one.name: one for one in posts},
        seed,
        limit,
    )
    return replace(world, sets={one.name: _fewer(world, one) for one in sets}) if limit else world


def _fewer(world: World, photo_set: PhotoSet) -> PhotoSet:
    """The set with fewer photos held back for measuring; the others are not given to anybody."""
    kept = world.sample(np.flatnonzero(photo_set.held_back).tolist())
    held = np.zeros_like(photo_set.held_back)
    held[kept] = True
    return replace(photo_set, held_back=held)
