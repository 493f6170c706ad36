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
        company: (V,) row of the tag that a name comes with, −1 where it needs none.
        open: (V,) how sure a second name of a kind must be of which one is welcome; 1 for others.
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
    company: NDArray[np.int64]
    open: NDArray[np.float32]
    about: dict[int, tuple[int, ...]]

    def shares(self, chance: NDArray[np.float32]) -> NDArray[np.float32]:
        """How clear each tag is within its groups: (V,).

        Returns:
            The smallest share of a tag in any of its groups, 1 for tags of none.
        """
        share = np.ones_like(chance)
        if self.groups:
            flat, starts, rows, groups = self._grouped
            mass = np.add.reduceat(chance[flat], starts)
            share[rows] = chance[rows] / (mass[groups].max(0) + 1e-12)
        return share

    @cached_property
    def _grouped(self) -> tuple[NDArray[np.int64], ...]:
        """Rows of all groups one after the other, and where each begins; rows that belong to any,
        and their groups, (G, R): the first stands again where a row has fewer than others.
        """
        sizes = np.array([len(rows) for rows in self.groups])
        rows, members = zip(*self.member.items(), strict=True)
        most = max(map(len, members))
        groups = [[*own, *own[:1] * (most - len(own))] for own in members]
        flat = np.concatenate(self.groups)
        return flat, np.cumsum(sizes) - sizes, np.array(rows), np.array(groups).T.copy()

    @cached_property
    def lawful(self) -> NDArray[np.bool_]:
        """(V,) what may be suggested to a chat that asks for promotional tags."""
        return ~self.never

    @cached_property
    def usual(self) -> NDArray[np.bool_]:
        """(V,) what may be suggested to all others."""
        return ~(self.never | self.promotional)

    @cached_property
    def unguarded(self) -> NDArray[np.bool_]:
        """(V,) what photos may suggest."""
        return self.guard < 0

    @cached_property
    def guarded(self) -> frozenset[int]:
        """Rows that they may not."""
        return frozenset(np.flatnonzero(self.guard >= 0).tolist())

    @cached_property
    def entities(self) -> frozenset[int]:
        """Rows of names that need strong evidence."""
        return frozenset(np.flatnonzero(self.entity).tolist())

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


def compile_rules(
    lists: Lists,
    vocabulary: Vocabulary,
    kinds: Mapping[str, Sequence[str]] | None = None,
    taught: Sequence[str] = (),
) -> Rules:
    """Look every listed tag up once; tags outside of the vocabulary fall away.

    Args:
        lists: All lists.
        vocabulary: Of the head.
        kinds: Kind → tags that name its things, of a head that names things.
        taught: Tags that classes of its encoder lead to.
    """
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
    company = np.full(size, -1)
    for beside in vocabulary.rows(lists.company):
        company[list(specific.get(beside, ()))] = beside
    learned = set(vocabulary.rows(taught))
    for beside in vocabulary.rows(lists.kin):
        company[[row for row in specific.get(beside, ()) if row in learned]] = beside
    opened = np.ones(size, dtype=np.float32)
    for kind, sure in lists.open_kinds.items():
        opened[vocabulary.rows((kinds or {}).get(kind, ()))] = sure
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
        company=company,
        open=opened,
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
