"""Features + prefixes → scores of all tags: the CNN-RNN, and the voices beside it.

Between `engine.prefixes` and the pages of `engine.decoder`. It remembers photos, so it runs on
one thread at a time, whichever the caller takes.
"""

from __future__ import annotations

from collections.abc import Sequence

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


class Scorer:
    """Scores tags for photos and prefixes."""

    def __init__(self, head: Head, prefixes: Prefixes) -> None:
        """Bind the head."""
        self._prefixes, self._model = prefixes, head.model
        with torch.inference_mode():
            self._read = Reader(head.model.lstm, head.model.prefix_projection.weight)
            self._readout = Readout(head.model.embedding())
        self._projections = Remembered(lambda photos: list(head.model.project(photos)))
        self._alone = Remembered(self._photo_alone)
        namer = Namer(head.naming, head.vocabulary) if head.naming else None
        self._impressions = Remembered(namer.see) if namer else None

    def logits(self, features: Features, readings: Sequence[Reading]) -> Tensor:
        """Scores of all tags and END by the CNN-RNN, one forward pass for the batch: (B, V + 1)."""
        model = self._model
        with torch.inference_mode():
            images = self._image_terms(features)
            inputs, items, lengths = self._prefixes.inputs(readings)
            joint = model.join(images, self._read(inputs, lengths))
            has_image = torch.tensor([one is not None for one in features])
            scores: Tensor = model.score(joint, items, has_image, lengths, self._readout)
        return scores

    def scores(self, features: Features, readings: Sequence[Reading]) -> Tensor:
        """Logits of the CNN-RNN, and beside them what people write about such photos, and what the
        photo said before any tag was chosen: (B, V + 1).

        They move chances between the tags; that of END stays. What a photo says before a tap is
        worked out once.

        Raises:
            CheckpointError: a feature vector has another length than the head reads.
        """
        first: list[int] = []
        others: list[int] = []
        for place, one in enumerate(features):
            (others if one is None or readings[place].steps else first).append(place)
        with torch.inference_mode():
            scores = torch.empty(len(features), self._model.dims.tags + 1)
            if first:
                scores[first] = self.before([features[place] for place in first])
            if others:
                scores[others] = self._heard(
                    [features[place] for place in others], [readings[place] for place in others]
                )
        return scores

    def before(self, features: Features) -> Tensor:
        """Scores of some photos before anything was chosen, worked out once: (B, V + 1)."""
        return torch.stack(self._alone.of(self.photos(features)))

    def impressions(self, features: Features) -> dict[int, Impression]:
        """Place → what its photo alone says; without photos, and heads that name nothing."""
        seen = [place for place, one in enumerate(features) if one is not None]
        if self._impressions is None or not seen:
            return {}
        return dict(zip(seen, self._impressions.of(self.photos(features)), strict=True))

    def photos(self, features: Features) -> list[NDArray[np.float32]]:
        """Those that there are.

        Raises:
            CheckpointError: they are of another encoder.
        """
        size = self._model.dims.features
        if any(one is not None and one.shape != (size,) for one in features):
            raise CheckpointError(f"this head reads {size} features a photo")
        return [one.astype(np.float32, copy=False) for one in features if one is not None]

    def _heard(self, features: Features, readings: Sequence[Reading]) -> Tensor:
        """The CNN-RNN and the voices beside it: (B, V + 1)."""
        scores, seen = self.logits(features, readings), self.impressions(features)
        if not seen:
            return scores
        places = list(seen)
        tapped = [place for place in places if readings[place].steps]
        with torch.inference_mode():
            said = [one.said[int(place in tapped)] for place, one in seen.items()]
            words = torch.stack(said).float()
            scores[places, :-1] = voices.beside(scores[places, :-1], words)
            if tapped:
                before = self.before([features[place] for place in tapped])
                scores[tapped, :-1] = voices.after(scores[tapped, :-1], before[:, :-1])
        return scores

    def _photo_alone(self, photos: Tensor) -> list[Tensor]:
        """Scores before anything was chosen: (B, F) → (V + 1,) each."""
        return list(self._heard(list(photos.numpy()), [NOTHING] * len(photos)))

    def _image_terms(self, features: Features) -> Tensor:
        terms = self._model.no_image.detach().expand(len(features), -1).clone()  # (B, D)
        seen = [row for row, one in enumerate(features) if one is not None]
        if seen:
            terms[seen] = torch.stack(self._projections.of(self.photos(features)))
        return terms
