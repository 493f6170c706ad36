"""From probabilities to a page of tags: the policy of what is shown, and in which order.

Pure: numbers and rules in, rows out. The last step of a suggestion; `engine.decoder` calls it,
and evaluation measures exactly this ranking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.nominees import AFTER, BEFORE, Certainty, Names, Nominees, nominate, nominate_asked
from engine.page import Choice, arrange, fill
from engine.policy import Policy
from engine.rules import Rules

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Request:
    """One page to rank.

    Attributes:
        logits: (V,) of the model.
        prefix: Rows that were chosen, relatives of unknown ones included.
        barred: Rows that may not be shown (chosen or excluded).
        k: Length of the page.
        taste: Row → what the chat tends to do with it, −1…1.
        values: (V,) what decides the order in place of the log probability; None for a head
            that has no say in it.
        specific: −1…1, common tags first or specific ones.
        promotional: Whether promotional tags may be shown.
        names: What the photo alone names; None without a photo, or for a head that names nothing.
        said: (V,) how much likelier than usual people write each tag about such a photo, in log
            odds, as far as the logits heard it; None as for the names.
    """

    logits: Array
    prefix: Sequence[int]
    barred: frozenset[int]
    k: int
    taste: Mapping[int, float] = field(default_factory=dict)
    values: Array | None = None
    specific: float = 0.0
    promotional: bool = False
    names: Names | None = None
    said: NDArray[np.float16] | None = None


@dataclass(frozen=True)
class Tags:
    """What is known about the tags of a head, the same for every page.

    Attributes:
        popularity: (V,) log share of each tag in the posts; spellings of one thing share the
            highest, so that the usual one stays the one that is shown.
        alike: (V, V) float16, cosine between the tags' embeddings.
    """

    rules: Rules
    popularity: Array
    alike: NDArray[np.float16]

    @classmethod
    def of(cls, rules: Rules, popularity: Array, embedding: Array) -> Tags:
        """Prepare what pages ask for again and again.

        Args:
            popularity: (V,) log share of each tag in the posts.
            embedding: (V, D) rows of length one.
        """
        common = np.full_like(popularity, -np.inf)
        np.maximum.at(common, rules.cluster, popularity)
        alike = (embedding @ embedding.T).astype(np.float16)
        return cls(rules, common[rules.cluster], alike)

    def unseen(self) -> Tags:
        """The same for words without a photo."""
        return replace(self, rules=self.rules.unseen())


def rank(request: Request, tags: Tags, policy: Policy) -> list[tuple[int, float]]:
    """Fill a page place by place.

    Returns:
        (row, score) best first; scores lie in 0–1 and never rise.
    """
    rules = tags.rules
    usual = policy.tapped if request.prefix else policy.popularity
    tau = usual + policy.lean * _within_one(request.specific)
    logits = request.logits - tau * tags.popularity
    logits -= logits.max()
    chance = np.exp(logits)
    whole = chance.sum()
    chance /= whole
    share, asked = rules.shares(chance), rules.asked(request.prefix)
    # Values say what a tag is worth to the usual chat; one that leans has an order of its own.
    values = None if request.specific else request.values
    score = logits - np.log(whole) if values is None else values.copy()
    wishes = {row: policy.taste * _within_one(liking) for row, liking in request.taste.items()}
    for row, wish in wishes.items():
        score[row] += wish
    names = _tasted(request.names, wishes)
    certainty = AFTER if request.prefix else BEFORE
    plausible = (share >= policy.possible) | (asked & (share >= policy.possible / 3))
    if names is not None:
        plausible |= names.certainty >= certainty.guessed
    shown = plausible & _allowed(request, rules, chance, policy)
    np.copyto(score, -np.inf, where=~shown)
    meant = asked if rules.asked_for(request.prefix) else None
    nominees = _nominees(names, score, meant, policy, certainty, rules)
    for row in nominees.ten:  # a thing is called as it is named, not by another spelling
        if score[row] > -np.inf and row in rules.spellings:
            score[rules.spellings[row]] = -np.inf
    choice = Choice(score, share, asked, nominees, tags.alike)
    page = fill(choice, request.k, rules, policy)
    if request.said is not None:
        likely = score[page] - policy.wishful * request.said[page]
        page = arrange(page, likely, choice, rules, policy)
    return list(zip(page, np.minimum.accumulate(chance[page]).tolist(), strict=True))


def _within_one(wish: float) -> float:
    return max(-1.0, min(1.0, wish))


def _allowed(request: Request, rules: Rules, chance: Array, policy: Policy) -> NDArray[np.bool_]:
    """What may be shown at all: the lists, the guards, and nothing that a chosen tag excludes."""
    lawful = rules.lawful if request.promotional else rules.usual
    allowed = lawful & rules.unguarded
    liked = [row for row, liking in request.taste.items() if liking > 0]
    for row in request.prefix:
        if row in rules.guarded:
            allowed |= lawful & (rules.guard == rules.guard[row])
    if rules.entities.isdisjoint(request.prefix):
        allowed &= ~rules.entity | (chance >= policy.entity)
    allowed[liked] = lawful[liked]
    for row in request.prefix:
        for group in rules.member.get(row, ()):
            allowed[rules.groups[group]] = False
    allowed[list(request.barred)] = False
    return allowed


def _tasted(names: Names | None, wishes: Mapping[int, float]) -> Names | None:
    """Names as a chat's taste makes them surer or less sure.

    A liked one that the photo says little of is a tag like all others: it is not held back.
    """
    if names is None or not wishes:
        return names
    certainty, kind, objects = names.certainty.copy(), names.kind.copy(), names.objects.copy()
    for row, wish in wishes.items():
        certainty[row] *= np.exp(wish)
        if wish > 0 and certainty[row] < BEFORE.guessed:
            kind[row], objects[row] = -1, False
    return Names(np.minimum(certainty, 1), kind, objects)


def _nominees(
    names: Names | None,
    score: Array,
    meant: NDArray[np.bool_] | None,
    policy: Policy,
    certainty: Certainty,
    rules: Rules,
) -> Nominees:
    """What the page owes to its photo, or to the general tag that was chosen.

    A tag that is general to too many things (#nature) asks for none of them.
    """
    if names is None:
        return Nominees()
    open_names = rules.open if certainty is BEFORE else None
    if meant is not None:
        return nominate_asked(names, meant & (score > -np.inf), policy.asked)
    return nominate(names, score, certainty, rules.company, open_names)
