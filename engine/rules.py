"""The curated lists compiled for one vocabulary: rows and masks that `engine.ranking` reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.lists import Lists
from engine.vocabulary import Vocabulary

_MOST, _PART = 0.5, 0.49


@dataclass(frozen=True)
class Rules:
    """What the ranking must know about each row of the vocabulary; V rows.

    Attributes:
        never: (V,) bool, suggested to nobody (sensitive).
        promotional: (V,) bool, suggested only to a chat that asks for them.
        guard: (V,) number of the section of tags that no photo alone suggests, −1 where free.
        entity: (V,) bool, names that need strong evidence.
        cluster: (V,) number of the cluster of near-duplicates, a number of its own elsewhere.
        spelling: (V,) place of the tag within its cluster, 0 is the best spelling.
        groups: Rows of each exclusive group.
        member: Groups that a row belongs to.
        specific: Rows that mean this one too: #pasta → #carbonara.
        about: Groups that a general tag asks for: #food → the dishes, but #nature → none, for it
            is general to too many things.
    """

    never: NDArray[np.bool_]
    promotional: NDArray[np.bool_]
    guard: NDArray[np.int64]
    entity: NDArray[np.bool_]
    cluster: NDArray[np.int64]
    spelling: NDArray[np.int64]
    groups: tuple[NDArray[np.int64], ...]
    member: dict[int, tuple[int, ...]]
    specific: dict[int, tuple[int, ...]]
    about: dict[int, tuple[int, ...]]

    def shares(self, chance: NDArray[np.float32]) -> NDArray[np.float32]:
        """How clear each tag is within its groups: (V,).

        Returns:
            The smallest share of a tag in any of its groups, 1 for tags of none.
        """
        share = np.ones_like(chance)
        if self.groups:
            flat, starts, sizes = self._flat
            mass = np.add.reduceat(chance[flat], starts)
            np.minimum.at(share, flat, chance[flat] / np.repeat(mass + 1e-12, sizes))
        return share

    @cached_property
    def _flat(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows of all groups one after the other, where each begins, and how long it is."""
        sizes = np.array([len(rows) for rows in self.groups])
        return np.concatenate(self.groups), np.cumsum(sizes) - sizes, sizes

    @cached_property
    def spellings(self) -> dict[int, NDArray[np.int64]]:
        """The other rows of each row's cluster, where there are any."""
        alike = np.flatnonzero(np.bincount(self.cluster)[self.cluster] > 1)
        return {
            int(row): alike[(self.cluster[alike] == self.cluster[row]) & (alike != row)]
            for row in alike
        }

    def unseen(self) -> Rules:
        """The rules where there is no photo: nothing that tags name can contradict it."""
        return replace(self, groups=(), member={}, about={})

    def asked_for(self, prefix: Sequence[int]) -> tuple[int, ...]:
        """Groups of which a general tag was chosen."""
        return tuple(dict.fromkeys(group for row in prefix for group in self.about.get(row, ())))

    def asked(self, prefix: Sequence[int]) -> NDArray[np.bool_]:
        """Tags of which a general one was chosen: (V,)."""
        mask = np.zeros(len(self.never), dtype=np.bool_)
        for row in prefix:
            mask[list(self.specific.get(row, ()))] = True
        return mask


def compile_rules(lists: Lists, vocabulary: Vocabulary) -> Rules:
    """Look every listed tag up once; tags outside of the vocabulary fall away."""
    size = len(vocabulary)
    guard = np.full(size, -1)
    for section, tags in enumerate(lists.never_from_pixels):
        guard[vocabulary.rows(tags)] = section
    cluster, spelling = np.arange(size), np.zeros(size, dtype=np.int64)
    for alike in lists.clusters:
        rows = vocabulary.rows(alike)
        for place, row in enumerate(rows):
            cluster[row], spelling[row] = rows[0], place
    groups = [vocabulary.rows(tags) for tags in lists.exclusive.values()]
    groups = [rows for rows in groups if len(rows) > 1]
    member: dict[int, tuple[int, ...]] = {}
    for number, rows in enumerate(groups):
        for row in rows:
            member[row] = (*member.get(row, ()), number)
    specific: dict[int, tuple[int, ...]] = {}
    for tag, wider in lists.general.items():
        for row in vocabulary.rows([tag]):
            for other in vocabulary.rows(wider):
                specific[other] = (*specific.get(other, ()), row)
    tables = [np.array(rows) for rows in groups]
    return Rules(
        never=_mask(lists.sensitive, vocabulary),
        promotional=_mask(lists.promotional, vocabulary),
        guard=guard,
        entity=_mask(lists.entities, vocabulary),
        cluster=cluster,
        spelling=spelling,
        groups=tuple(tables),
        member=member,
        specific=specific,
        about={row: _about(others, member, tables) for row, others in specific.items()},
    )


def _about(
    specific: Sequence[int],
    member: Mapping[int, tuple[int, ...]],
    groups: Sequence[NDArray[np.int64]],
) -> tuple[int, ...]:
    """Groups of which most tags are among these, and that hold a good part of them."""
    shared = Counter(group for row in set(specific) for group in set(member.get(row, ())))
    return tuple(
        group
        for group, both in sorted(shared.items())
        if both > _MOST * len(groups[group]) and both >= _PART * len(specific)
    )


def _mask(tags: frozenset[str], vocabulary: Vocabulary) -> NDArray[np.bool_]:
    mask = np.zeros(len(vocabulary), dtype=np.bool_)
    mask[vocabulary.rows(tags)] = True
    return mask
