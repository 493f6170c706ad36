"""Everything after the CNN: features + prefix → ranked suggestions, in batches.

The second half of the engine's flow, after `engine.encoder`: `engine.prefixes` reads what was
chosen, `engine.scorer` scores all tags, and here they become pages. Synchronous; the scorer
remembers photos, so it runs on one thread at a time, whichever the caller takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.catalogue import Catalogue
from engine.door import Suggestion, Suggestions, Taste
from engine.head import Head, load_head
from engine.lists import NO_LISTS, Lists, read_lists
from engine.policy import Policy
from engine.prefixes import Prefixes, Reading
from engine.ranking import Request, Tags, rank
from engine.rules import compile_rules
from engine.scorer import Scorer, Sight
from engine.tags import normalise_tag

_LANE = 5  # one place in so many is for promotional tags, where a chat asks for them


@dataclass(frozen=True)
class Query:
    """One page that somebody waits for.

    Attributes:
        features: (F,) float32 of the photo; None suggests from words alone.
        prefix: As the person wrote it, in order.
    """

    features: NDArray[np.float32] | None
    prefix: tuple[str, ...] = ()
    k: int = 10
    exclude: frozenset[str] = frozenset()
    taste: Taste | None = None


class TagDecoder:
    """A head in eval mode with the rules of its ranking."""

    def __init__(self, head: Head, lists: Lists, policy: Policy | None = None) -> None:
        self.head = head
        self.policy = policy or Policy.of(head.ranking)
        self.vocabulary = head.vocabulary
        self.prefixes = Prefixes(head, lists.forms)
        self.scorer = Scorer(head, self.prefixes)
        listed = head.ranking.get("lists", True)
        self._lane = lists.lane if listed else ()
        kinds = head.naming.kinds if head.naming else None
        taught = head.naming.taught if head.naming else ()
        self.rules = compile_rules(lists if listed else NO_LISTS, head.vocabulary, kinds, taught)
        self._popularity = head.log_popularity.numpy()
        table = head.model.tag_embedding.detach()[: len(head.vocabulary)]
        directions = torch.nn.functional.normalize(table, dim=1).numpy()
        self._tags = Tags.of(self.rules, self._popularity, directions)
        self._unseen = self._tags.unseen()

    @classmethod
    def load(cls, folder: Path) -> TagDecoder:
        """Read a head and the lists of the package.

        Raises:
            CheckpointError: the head cannot be used.
        """
        return cls(load_head(folder), read_lists())

    @property
    def version(self) -> str:
        """Names the training result."""
        return self.head.version

    @property
    def encoder(self) -> str:
        """Name of the CNN whose features this head reads."""
        return self.head.encoder

    @property
    def feature_size(self) -> int:
        """F, the length of a feature vector."""
        return self.head.model.dims.features

    @cached_property
    def catalogue(self) -> Catalogue:
        """Its tags by letters and by use."""
        tags = self.vocabulary.tags
        held = np.flatnonzero(self.rules.never | self.rules.promotional)
        popularity = dict(zip(tags, self._popularity.tolist(), strict=True))
        return Catalogue(popularity, frozenset(tags[row] for row in held))

    def suggest(self, queries: Sequence[Query]) -> list[Suggestions]:
        """Rank a page for each query.

        Raises:
            CheckpointError: a feature vector has another length than the head reads.
        """
        if not queries:
            return []
        readings = [self.prefixes.read(query.prefix) for query in queries]
        sights = self.scorer.look([query.features for query in queries])
        scores = self.scorer.scores(sights, readings)
        complete = torch.softmax(scores, dim=1)[:, self.vocabulary.end].tolist()
        logits = scores[:, : self.vocabulary.end]
        self._look_again(sights, readings, logits)
        values = self._remembered(queries, sights, readings, logits)
        return [
            self._page(query, reading, row, values.get(place), done, sight)
            for place, (query, reading, row, done, sight) in enumerate(
                zip(queries, readings, logits.numpy(), complete, sights, strict=True)
            )
        ]

    def _look_again(
        self, sights: Sequence[Sight | None], readings: Sequence[Reading], logits: Tensor
    ) -> None:
        """Once a general tag was chosen, let the photo say which of its things it is, in place.

        After #food, posts speak of pizza; which dish it is, only the photo knows. The chance of
        all dishes together stays.
        """
        with torch.inference_mode():
            for place, (sight, reading) in enumerate(zip(sights, readings, strict=True)):
                if sight is None:
                    continue
                for group in self.rules.asked_for(reading.rows):
                    rows = torch.from_numpy(self.rules.groups[group])
                    whole = torch.logsumexp(logits[place, rows], 0)
                    logits[place, rows] = torch.log_softmax(sight.before[rows], 0) + whole

    def _remembered(
        self,
        queries: Sequence[Query],
        sights: Sequence[Sight | None],
        readings: Sequence[Reading],
        logits: Tensor,
    ) -> dict[int, NDArray[np.float32]]:
        """Let a head's neighbours speak: queries with a photo → the values that order its page.

        Their logits become the log chances in place. Once a tag was chosen, the page completes a
        caption and is ordered by chance alone.
        """
        seen = [(place, sight) for place, sight in enumerate(sights) if sight]
        if self.head.neighbours is None or not seen:
            return {}
        places = [place for place, _ in seen]
        with torch.inference_mode():
            after = torch.log_softmax(logits[places], dim=1)
            first = torch.stack([sight.before for _, sight in seen])
            before = torch.log_softmax(first[:, : self.vocabulary.end], dim=1)
            photos = [query.features for query in queries if query.features is not None]
            table = torch.from_numpy(np.stack(photos))
            chances = self.head.neighbours.chances(table.float(), before, after)
            logits[places] = chances.clamp(min=1e-12).log()
            values = self.head.neighbours.values(chances).numpy()
        return {
            place: own
            for place, own in zip(places, values, strict=True)
            if not readings[place].steps
        }

    def _page(
        self,
        query: Query,
        reading: Reading,
        logits: NDArray[np.float32],
        values: NDArray[np.float32] | None,
        complete: float,
        sight: Sight | None,
    ) -> Suggestions:
        exclude = {normalise_tag(tag) for tag in query.exclude}
        taste = query.taste or Taste()
        impression = sight.impression if sight else None
        request = Request(
            logits=logits,
            prefix=reading.rows,
            barred=frozenset(self.vocabulary.rows([*reading.tags, *exclude])),
            k=query.k,
            taste={
                self.vocabulary.index[tag]: weight
                for tag, weight in taste.weights.items()
                if tag in self.vocabulary
            },
            values=values,
            specific=taste.specific,
            promotional=taste.promotional,
            names=impression.names if impression else None,
            said=impression.heard(bool(reading.steps)) if impression else None,
        )
        tags = self._tags if sight else self._unseen
        ranked = rank(request, tags, self.policy)
        items = tuple(Suggestion(self.vocabulary.tags[row], score) for row, score in ranked)
        if taste.promotional:
            items = self._with_lane(items, query.k, exclude.union(reading.tags))
        return Suggestions(items, complete, reading.relatives)

    def _with_lane(
        self, items: tuple[Suggestion, ...], k: int, barred: set[str]
    ) -> tuple[Suggestion, ...]:
        """Let promotional tags have the last places of a page; the model says nothing of them."""
        barred = barred.union(one.tag for one in items)
        lane = [Suggestion(tag, 0.0) for tag in self._lane if tag not in barred][: k // _LANE]
        return (*items[: k - len(lane)], *lane)
