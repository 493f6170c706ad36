"""Features + prefixes → scores of all tags: the CNN-RNN, and the voices beside it.

Between `engine.prefixes` and the pages of `engine.decoder`. It remembers photos, so it runs on
one thread at a time, whichever the caller takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import voices
from engine.door import CheckpointError
from engine.head import Head
from engine.model.reader import Reader
from engine.model.readout import Readout
from engine.namer import Impression, Namer
from engine.prefixes import NOTHING, Prefixes, Reading
from engine.remembered import Remembered

Features = Sequence[NDArray[np.float32] | None]
"""(F,) of each photo; None where there is none."""


@dataclass(frozen=True)
class Sight:
    """What is worked out of a photo once.

    Attributes:
        term: (D,) ``U_I I``.
        before: (V + 1,) scores before anything was chosen.
        impression: What it says by itself; None for a head that names nothing.
    """

    term: Tensor
    before: Tensor
    impression: Impression | None


class Scorer:
    """Scores tags for photos and prefixes."""

    def __init__(self, head: Head, prefixes: Prefixes) -> None:
        """Bind the head."""
        self._prefixes, self._model = prefixes, head.model
        with torch.inference_mode():
            self._read = Reader(head.model.lstm, head.model.prefix_projection.weight)
            self._readout = Readout(head.model.embedding())
        self._namer = Namer(head.naming, head.vocabulary) if head.naming else None
        self._sights = Remembered(self._see)

    def look(self, features: Features) -> list[Sight | None]:
        """Look at some photos; None where there is none.

        Raises:
            CheckpointError: a feature vector has another length than the head reads.
        """
        seen = iter(self._sights.of(self._photos(features)))
        return [None if one is None else next(seen) for one in features]

    def scores(self, sights: Sequence[Sight | None], readings: Sequence[Reading]) -> Tensor:
        """Logits of the CNN-RNN, and beside them what people write about such photos, and what the
        photo said before any tag was chosen: (B, V + 1).

        They move chances between the tags; that of END stays.
        """
        with torch.inference_mode():
            scores = torch.empty(len(sights), self._model.dims.tags + 1)
            asked = []
            for place, (sight, reading) in enumerate(zip(sights, readings, strict=True)):
                if sight is None or reading.steps:
                    asked.append(place)
                else:
                    scores[place] = sight.before
            if asked:
                some = [sights[place] for place in asked]
                scores[asked] = self._after(some, [readings[place] for place in asked])
        return scores

    def logits(self, features: Features, readings: Sequence[Reading]) -> Tensor:
        """Scores of all tags and END by the CNN-RNN alone: (B, V + 1)."""
        seen = [one is not None for one in features]
        with torch.inference_mode():
            terms = self._model.no_image.expand(len(features), -1).clone()
            if any(seen):
                photos = torch.from_numpy(np.stack(self._photos(features)))
                terms[torch.tensor(seen)] = self._model.project(photos)
            return self._logits(terms, seen, readings)

    def _photos(self, features: Features) -> list[NDArray[np.float32]]:
        """Those that there are, or `CheckpointError`."""
        size = self._model.dims.features
        if any(one is not None and one.shape != (size,) for one in features):
            raise CheckpointError(f"this head reads {size} features a photo")
        return [one.astype(np.float32, copy=False) for one in features if one is not None]

    def _logits(
        self, terms: Tensor, has_image: Sequence[bool], readings: Sequence[Reading]
    ) -> Tensor:
        """One forward pass for the batch: (B, D) → (B, V + 1)."""
        inputs, items, lengths = self._prefixes.inputs(readings)
        joint = self._model.join(terms, self._read(inputs, lengths))
        return self._model.score(joint, items, torch.tensor(has_image), lengths, self._readout)

    def _after(self, sights: Sequence[Sight | None], readings: Sequence[Reading]) -> Tensor:
        """Scores once tags were chosen, or without a photo: (B, V + 1)."""
        none = self._model.no_image
        terms = torch.stack([none if one is None else one.term for one in sights])
        scores = self._logits(terms, [one is not None for one in sights], readings)
        heard = [
            (place, one.impression.said[1], one.before[:-1])
            for place, one in enumerate(sights)
            if one and one.impression
        ]
        if heard:
            places, words, first = zip(*heard, strict=True)
            said, before = torch.stack(words), torch.stack(first)
            scores[list(places), :-1] = voices.after(
                scores[list(places), :-1], said.float(), before
            )
        return scores

    def _see(self, photos: Tensor) -> list[Sight]:
        """(B, F) → B sights."""
        with torch.inference_mode():
            terms = self._model.project(photos)
            scores = self._logits(terms, [True] * len(photos), [NOTHING] * len(photos))
            found: list[Impression | None] = [None] * len(photos)
            if self._namer:
                impressions = self._namer.see(photos)
                said = torch.stack([one.said[0] for one in impressions])
                scores[:, :-1] = voices.before(scores[:, :-1], said.float())
                found = [*impressions]
        return [Sight(*one) for one in zip(terms, scores, found, strict=True)]
