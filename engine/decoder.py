"""Everything after the CNN: features + prefix → ranked suggestions, in batches.

The second half of the engine's flow, after `engine.encoder`. Synchronous; it remembers photos, so
it runs on one thread at a time, whichever the caller takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import voices
from engine.door import PREFIX_LIMIT, CheckpointError, Suggestion, Suggestions, Taste
from engine.head import Head, load_head
from engine.lists import NO_LISTS, Lists, read_lists
from engine.model.reader import Reader
from engine.model.readout import Readout
from engine.namer import Impression, Namer
from engine.nominees import Names
from engine.ranking import Policy, Request, Tags, rank
from engine.relatives import find_relatives
from engine.remembered import Remembered
from engine.rules import compile_rules
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


@dataclass(frozen=True)
class Reading:
    """A prefix as the model reads it: one step per tag, each through one or more known rows."""

    tags: tuple[str, ...]
    steps: tuple[tuple[int, ...], ...]
    relatives: Mapping[str, tuple[str, ...]]

    @property
    def rows(self) -> tuple[int, ...]:
        """All rows that were read."""
        return tuple(dict.fromkeys(row for step in self.steps for row in step))


class TagDecoder:
    """A head in eval mode with the rules of its ranking."""

    def __init__(self, head: Head, lists: Lists, policy: Policy | None = None) -> None:
        self.head = head
        self.policy = policy or Policy.of(head.ranking)
        self.vocabulary = head.vocabulary
        self._forms = lists.forms
        listed = head.ranking.get("lists", True)
        self._lane = lists.lane if listed else ()
        self.rules = compile_rules(lists if listed else NO_LISTS, head.vocabulary)
        self._popularity = head.log_popularity.numpy()
        with torch.inference_mode():
            self._words = head.model.words()
            self._read = Reader(head.model.lstm, head.model.prefix_projection.weight)
            self._readout = Readout(head.model.embedding())
        self._projections = Remembered(lambda photos: list(head.model.project(photos)))
        self._alone = Remembered(self._photo_alone)
        table = head.model.tag_embedding.detach()[: len(head.vocabulary)]
        directions = torch.nn.functional.normalize(table, dim=1).numpy()
        self._tags = Tags.of(self.rules, self._popularity, directions)
        self._unseen = self._tags.unseen()
        namer = Namer(head.naming, head.vocabulary) if head.naming else None
        self._impressions = Remembered(namer.see) if namer else None

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

    def find(self, letters: str, k: int) -> tuple[str, ...]:
        """Tags that begin with some letters, then those that hold them, the most used first."""
        asked = normalise_tag(letters)
        held = self.rules.never | self.rules.promotional
        found = [
            (not tag.startswith(asked), -float(self._popularity[row]), tag)
            for row, tag in enumerate(self.vocabulary.tags)
            if asked and asked in tag and not held[row]
        ]
        return tuple(tag for *_, tag in sorted(found)[:k])

    def broad_first(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Tags by their share in posts, the broadest first; unknown ones last, as they stood."""
        index = self.vocabulary.index

        def rarity(tag: str) -> float:
            row = index.get(normalise_tag(tag))
            return float("inf") if row is None else -float(self._popularity[row])

        return tuple(sorted(tags, key=rarity))

    def read_prefix(self, prefix: Sequence[str]) -> Reading:
        """Normalise, drop empty and repeated tags, keep the last ones, find relatives.

        The steps stand in the order of the vocabulary, not of the taps: a caption is a set, and
        the paper too feeds labels frequent-first.
        """
        tags = list(dict.fromkeys(filter(None, map(normalise_tag, prefix))))[-PREFIX_LIMIT:]
        steps: list[tuple[int, ...]] = []
        relatives: dict[str, tuple[str, ...]] = {}
        for tag in tags:
            if tag in self.vocabulary:
                steps.append((self.vocabulary.index[tag],))
                continue
            near = find_relatives(tag, self.vocabulary, self._forms, self.head.relatives)
            relatives[tag] = near
            if near:
                steps.append(tuple(self.vocabulary.rows(near)))
        return Reading(tuple(tags), tuple(sorted(set(steps))), relatives)

    def logits(
        self, features: Sequence[NDArray[np.float32] | None], readings: Sequence[Reading]
    ) -> Tensor:
        """Scores of all tags and END, one forward pass for the batch: (B, V + 1)."""
        model = self.head.model
        with torch.inference_mode():
            images = self._image_terms(features)
            inputs, items, lengths = self.prefix_inputs(readings)
            joint = model.join(images, self._read(inputs, lengths))
            has_image = torch.tensor([one is not None for one in features])
            scores: Tensor = model.score(joint, items, has_image, lengths, self._readout)
        return scores

    def scores(
        self, features: Sequence[NDArray[np.float32] | None], readings: Sequence[Reading]
    ) -> Tensor:
        """Logits of the CNN-RNN, and beside them what people write about such photos, and what the
        photo said before any tag was chosen: (B, V + 1).

        They move chances between the tags; that of END stays. What a photo says before a tap is
        worked out once.
        """
        self._check(features)
        first: list[int] = []
        others: list[int] = []
        for place, one in enumerate(features):
            (others if one is None or readings[place].steps else first).append(place)
        with torch.inference_mode():
            scores = torch.empty(len(features), len(self.vocabulary) + 1)
            if first:
                photos = _photos([features[place] for place in first])
                scores[first] = torch.stack(self._alone.of(photos))
            if others:
                scores[others] = self._heard(
                    [features[place] for place in others], [readings[place] for place in others]
                )
        return scores

    def _heard(
        self, features: Sequence[NDArray[np.float32] | None], readings: Sequence[Reading]
    ) -> Tensor:
        """The CNN-RNN and the voices beside it: (B, V + 1)."""
        scores, seen = self.logits(features, readings), self.impressions(features)
        if not seen:
            return scores
        places = list(seen)
        tapped = [place for place in places if readings[place].steps]
        with torch.inference_mode():
            said = torch.stack([one.said for one in seen.values()]).float()
            chosen = torch.tensor([bool(readings[place].steps) for place in places])
            scores[places, :-1] = voices.beside(scores[places, :-1], said, chosen)
            if tapped:
                before = torch.stack(self._alone.of(_photos([features[one] for one in tapped])))
                scores[tapped, :-1] = voices.after(scores[tapped, :-1], before[:, :-1])
        return scores

    def impressions(self, features: Sequence[NDArray[np.float32] | None]) -> dict[int, Impression]:
        """Place → what its photo alone says; without photos, and heads that name nothing."""
        seen = [place for place, one in enumerate(features) if one is not None]
        if self._impressions is None or not seen:
            return {}
        return dict(zip(seen, self._impressions.of(_photos(features)), strict=True))

    def suggest(self, queries: Sequence[Query]) -> list[Suggestions]:
        """Rank a page for each query.

        Raises:
            CheckpointError: a feature vector has another length than the head reads.
        """
        if not queries:
            return []
        readings = [self.read_prefix(query.prefix) for query in queries]
        features = [query.features for query in queries]
        scores, seen = self.scores(features, readings), self.impressions(features)
        complete = torch.softmax(scores, dim=1)[:, self.vocabulary.end]
        logits = scores[:, : self.vocabulary.end]
        self._look_again(queries, readings, logits)
        values = self._remembered(queries, readings, logits)
        return [
            self._page(
                query,
                reading,
                row.numpy(),
                values.get(place),
                float(done),
                seen[place].names if place in seen else None,
            )
            for place, (query, reading, row, done) in enumerate(
                zip(queries, readings, logits, complete, strict=True)
            )
        ]

    def _look_again(
        self, queries: Sequence[Query], readings: Sequence[Reading], logits: Tensor
    ) -> None:
        """Once a general tag was chosen, let the photo say which of its things it is, in place.

        After #food, posts speak of pizza; which dish it is, only the photo knows. The chance of
        all dishes together stays.
        """
        groups = [self.rules.asked_for(one.rows) for one in readings]
        seen = [
            place
            for place, query in enumerate(queries)
            if groups[place] and query.features is not None
        ]
        if not seen:
            return
        with torch.inference_mode():
            photos = _photos([queries[place].features for place in seen])
            for place, before in zip(seen, self._alone.of(photos), strict=True):
                for group in groups[place]:
                    rows = torch.from_numpy(self.rules.groups[group])
                    whole = torch.logsumexp(logits[place, rows], 0)
                    logits[place, rows] = torch.log_softmax(before[rows], 0) + whole

    def _photo_alone(self, photos: Tensor) -> list[Tensor]:
        """Scores before anything was chosen: (B, F) → (V + 1,) each."""
        features = list(photos.numpy())
        return list(self._heard(features, [self.read_prefix(())] * len(features)))

    def _remembered(
        self, queries: Sequence[Query], readings: Sequence[Reading], logits: Tensor
    ) -> dict[int, NDArray[np.float32]]:
        """Let a head's neighbours speak: queries with a photo → the values that order its page.

        Their logits become the log chances in place. Once a tag was chosen, the page completes a
        caption and is ordered by chance alone.
        """
        seen = [place for place, query in enumerate(queries) if query.features is not None]
        if self.head.neighbours is None or not seen:
            return {}
        photos = _photos([queries[place].features for place in seen])
        with torch.inference_mode():
            after = torch.log_softmax(logits[seen], dim=1)
            before = after
            if any(readings[place].steps for place in seen):
                first = torch.stack(self._alone.of(photos))
                before = torch.log_softmax(first[:, : self.vocabulary.end], dim=1)
            table = torch.from_numpy(np.stack(photos))
            chances = self.head.neighbours.chances(table, before, after)
            logits[seen] = chances.clamp(min=1e-12).log()
            values = self.head.neighbours.values(chances).numpy()
        return {
            place: own for place, own in zip(seen, values, strict=True) if not readings[place].steps
        }

    def _page(
        self,
        query: Query,
        reading: Reading,
        logits: NDArray[np.float32],
        values: NDArray[np.float32] | None,
        complete: float,
        names: Names | None,
    ) -> Suggestions:
        exclude = {normalise_tag(tag) for tag in query.exclude}
        taste = query.taste or Taste()
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
            names=names,
        )
        tags = self._tags if query.features is not None else self._unseen
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

    def _image_terms(self, features: Sequence[NDArray[np.float32] | None]) -> Tensor:
        model = self.head.model
        terms = model.no_image.detach().expand(len(features), -1).clone()  # (B, D)
        seen = [row for row, one in enumerate(features) if one is not None]
        if seen:
            self._check(features)
            terms[seen] = torch.stack(self._projections.of(_photos(features)))
        return terms

    def _check(self, features: Sequence[NDArray[np.float32] | None]) -> None:
        """Refuse features of another encoder."""
        if any(one is not None and one.shape != (self.feature_size,) for one in features):
            raise CheckpointError(f"this head reads {self.feature_size} features a photo")

    def prefix_inputs(self, readings: Sequence[Reading]) -> tuple[Tensor, Tensor, Tensor]:
        """Inputs of the LSTM (B, T, E), item–item terms (B, V + 1) and lengths (B,)."""
        model = self.head.model
        lengths = torch.tensor([len(reading.steps) for reading in readings])
        longest = max(1, int(lengths.max()))
        steps = [
            (row, place, step)
            for row, reading in enumerate(readings)
            for place, step in enumerate(reading.steps)
        ]
        inputs = torch.zeros(len(readings), longest, model.dims.reading)
        items = torch.zeros(len(readings), model.dims.tags + 1)
        if not steps:
            return inputs, items, lengths
        known = torch.tensor([one for *_, step in steps for one in step])
        share = torch.tensor([1 / len(step) for *_, step in steps for _ in step])
        ends = torch.tensor([len(step) for *_, step in steps]).cumsum(0)
        places = torch.tensor([(row, place) for row, place, _ in steps])
        words = _sums(self._words, known, share, ends)  # a step is the mean of its rows
        inputs[places[:, 0], places[:, 1]] = words
        last = lengths.cumsum(0)  # steps up to the end of each prefix
        ends = torch.cat([ends.new_zeros(1), ends])[last]
        return inputs, _sums(model.item_item, known, share, ends).float(), lengths


def _photos(features: Sequence[NDArray[np.float32] | None]) -> list[NDArray[np.float32]]:
    """Those that there are."""
    return [one.astype(np.float32, copy=False) for one in features if one is not None]


def _sums(table: Tensor, rows: Tensor, weights: Tensor, ends: Tensor) -> Tensor:
    """Weighted sums of a table's rows, part by part: (N, D), (R,), (R,), (P,) → (P, D)."""
    starts = torch.cat([ends.new_zeros(1), ends[:-1]])
    summed: Tensor = torch.nn.functional.embedding_bag(
        rows, table, starts, mode="sum", per_sample_weights=weights.to(table.dtype)
    )
    return summed
