"""From probabilities to a page of tags: the policy of what is shown, and in which order.

Pure: numbers and rules in, rows out. The last step of a suggestion; `engine.decoder` calls it,
and evaluation measures exactly this ranking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import CheckpointError
from engine.nominees import AFTER, BEFORE, Certainty, Names, Nominees, nominate, nominate_asked
from engine.page import Page
from engine.rules import Rules

Array = NDArray[np.float32]

OWN_WORDS: Mapping[str, float] = {"popularity": 0.12, "tapped": 0.12}
"""τ for heads of one's own manifest."""

_CANDIDATES = 120  # best tags that a page is filled from


@dataclass(frozen=True)
class Policy:
    """The numbers of the policy.

    A *guess* is a tag of an exclusive group; its *share* is its part of the group's probability.

    Attributes:
        popularity: τ of the logit adjustment ``s − τ · log p(tag)``: common ↔ specific.
        tapped: The same once a tag was chosen: what completes a caption is common as a rule.
        lean: How far a chat's own wish moves τ, either way.
        diversity: Weight of the likeness to what already stands on the page (MMR).
        taste: Weight of a chat's taste.
        entity: Probability that a name needs where no related tag was chosen.
        clear: Share that a guess needs to stand among the first three.
        likely: Share that a second guess needs to stand among the first five.
        possible: Share below which a guess is not shown at all.
        page: Guesses of one group on a page of ten.
        asked: Guesses on a page once a general tag of theirs was chosen (#food, then dishes).
    """

    popularity: float = 0.08
    tapped: float = -0.1
    lean: float = 0.5
    diversity: float = 0.5
    taste: float = 1.2
    entity: float = 0.97
    clear: float = 0.5
    likely: float = 0.3
    possible: float = 0.03
    page: int = 4
    asked: int = 6

    @classmethod
    def of(cls, ranking: Mapping[str, Any]) -> Policy:
        """The policy with a head's own numbers in place of the usual ones.

        Without the curated lists the words are somebody's own: the common ones do not come first
        after a tap, as in captions.

        Raises:
            CheckpointError: one of them is no number of the policy.
        """
        known = {one.name for one in fields(cls)}
        numbers = {name: value for name, value in ranking.items() if name != "lists"}
        for name, value in numbers.items():
            if name not in known or not isinstance(value, int | float):
                raise CheckpointError(f"the head's ranking has no number {name!r}: {value!r}")
        own = {} if ranking.get("lists", True) else OWN_WORDS
        return cls(**{**own, **numbers})


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
    """Fill a page slot by slot.

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
    share = rules.shares(chance)
    asked = rules.asked(request.prefix)
    # Values say what a tag is worth to the usual chat; one that leans has an order of its own.
    values = None if request.specific else request.values
    score = logits - np.log(whole) if values is None else values.copy()
    wishes = {row: policy.taste * _within_one(liking) for row, liking in request.taste.items()}
    for row, wish in wishes.items():
        score[row] += wish
    names = _tasted(request.names, wishes)
    certainty = AFTER if request.prefix else BEFORE
    shown = _allowed(request, rules, chance, policy)
    plausible = share >= np.where(asked, policy.possible / 3, policy.possible)
    if names is not None:
        plausible |= names.certainty >= certainty.guessed
    score[~(shown & plausible)] = -np.inf
    meant = asked if rules.asked_for(request.prefix) else None
    nominees = _nominees(names, np.isfinite(score), meant, policy, certainty)
    for row in nominees.ten:  # a thing is called as it is named, not by another spelling
        if score[row] > -np.inf and row in rules.spellings:
            score[rules.spellings[row]] = -np.inf
    page = _fill(score, share, asked, nominees, request.k, tags, policy)
    top, ranked = 1.0, []
    for row in page:
        top = min(top, float(chance[row]))
        ranked.append((row, top))
    return ranked


def _within_one(wish: float) -> float:
    return max(-1.0, min(1.0, wish))


def _allowed(request: Request, rules: Rules, chance: Array, policy: Policy) -> NDArray[np.bool_]:
    """What may be shown at all: the lists, the guards, and nothing that a chosen tag excludes."""
    allowed = ~rules.never
    if not request.promotional:
        allowed &= ~rules.promotional
    prefix = list(request.prefix)
    liked = [row for row, liking in request.taste.items() if liking > 0]
    guarded = rules.guard >= 0
    for section in set(rules.guard[prefix].tolist()) - {-1}:
        guarded &= rules.guard != section
    guarded[liked] = False
    allowed &= ~guarded
    if not rules.entity[prefix].any():
        weak = rules.entity & (chance < policy.entity)
        weak[liked] = False
        allowed &= ~weak
    for row in prefix:
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
    open_rows: NDArray[np.bool_],
    meant: NDArray[np.bool_] | None,
    policy: Policy,
    certainty: Certainty,
) -> Nominees:
    """What the page owes to its photo, or to the general tag that was chosen.

    A tag that is general to too many things (#nature) asks for none of them.
    """
    if names is None:
        return Nominees()
    if meant is not None:
        return nominate_asked(names, open_rows & meant, policy.asked)
    return nominate(names, open_rows, certainty)


def _fill(
    score: Array,
    share: Array,
    asked: NDArray[np.bool_],
    nominees: Nominees,
    k: int,
    tags: Tags,
    policy: Policy,
) -> list[int]:
    """Greedy maximal marginal relevance under the rules of the exclusive groups."""
    rules = tags.rules
    amount = min(len(score), max(_CANDIDATES, 4 * k))
    chosen = np.zeros(len(score), dtype=np.bool_)
    chosen[np.argpartition(-score, amount - 1)[:amount]] = True
    named = np.zeros(len(score), dtype=np.bool_)
    named[list(nominees.ten)] = True  # those of the first five are among them
    rows = np.flatnonzero((chosen | named) & np.isfinite(score))
    value = score[rows].copy()  # (M,)
    nearest = np.zeros_like(value)
    cluster = rules.cluster[rows]
    places = {
        row: int(np.searchsorted(rows, row)) for row in nominees.ten if np.isfinite(score[row])
    }
    later = None if nominees.later is None else nominees.later[rows]
    page = Page()
    while len(page.rows) < k:
        worth = value - policy.diversity * nearest
        if later is not None and len(page.rows) < 5:
            worth[later] = -np.inf
        due = [places[row] for row in nominees.due(page.rows) if row in places]
        early = nominees.five if len(page.rows) >= 3 else nominees.clear
        for place in _best_first(due, worth):
            row = int(rows[place])
            sure = bool(asked[row]) or row in early
            if _fits(row, float(share[row]), sure, page, rules, policy):
                break
        else:
            break
        page.add(row, rules.member.get(row, ()))
        value[place] = -np.inf
        if row in rules.spellings:
            value[cluster == cluster[place]] = -np.inf
        np.maximum(nearest, tags.alike[row].take(rows), out=nearest)
    return page.rows


def _best_first(due: Sequence[int], worth: Array) -> Iterator[int]:
    """Places that are due, then all others that are worth anything, which are used up."""
    yield from due
    while len(worth) and worth[place := int(worth.argmax())] > -np.inf:
        yield place
        worth[place] = -np.inf


def _fits(row: int, share: float, sure: bool, page: Page, rules: Rules, policy: Policy) -> bool:
    """Whether a tag may stand at the next place of the page."""
    groups = rules.member.get(row, ())
    if not groups:
        return True
    place = len(page.rows)
    shown = max(page.guesses.get(group, 0) for group in groups)
    if shown == 0:
        return place >= 3 or sure or share >= policy.clear
    if place < 3 or shown >= (policy.asked if sure else policy.page):
        return False
    return place >= 5 or sure or share >= policy.likely
