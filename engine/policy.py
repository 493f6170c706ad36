"""The numbers by which pages are ranked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.door import CheckpointError

OWN_WORDS: Mapping[str, float] = {"popularity": 0.12, "tapped": 0.12}
"""τ for heads of one's own manifest."""


@dataclass(frozen=True)
class Policy:
    """The numbers of the policy.

    A *guess* is a tag of an exclusive group; its *share* is its part of the group's probability.

    Attributes:
        popularity: τ of the logit adjustment ``s − τ · log p(tag)``: common ↔ specific.
        tapped: The same once a tag was chosen: what completes a caption is common as a rule.
        lean: How far a chat's own wish moves τ, either way.
        diversity: Weight of the likeness to what already stands on the page (MMR).
        wishful: What people write more often than usual beside such a photo is worth a place, yet
            less sure to be there: how much of that gain a tag loses in the order of a page.
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
    wishful: float = 0.4
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
