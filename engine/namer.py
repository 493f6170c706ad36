"""What names the things of a photo (`engine.naming`), in the rows of a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from engine.naming import Naming
from engine.nominees import Names
from engine.vocabulary import Vocabulary


class Namer:
    """Asks a head's naming for photos."""

    def __init__(self, naming: Naming, vocabulary: Vocabulary) -> None:
        """Look every name up once."""
        self._naming, self._size = naming, len(vocabulary)
        self._things = np.array([vocabulary.index[tag] for tag in naming.things], dtype=np.int64)
        self._objects = np.array([vocabulary.index[tag] for tag in naming.objects], dtype=np.int64)
        self._kind = np.full(self._size, -1, dtype=np.int16)
        for number, tags in enumerate(naming.kinds.values()):
            self._kind[[vocabulary.index[tag] for tag in tags]] = number
        self._kind[self._objects] = -1  # a dog is an object, where a set of animals has it too
        self._seen = np.zeros(self._size, dtype=np.bool_)
        self._seen[self._objects] = True

    def names(self, photos: Sequence[NDArray[np.float32] | None]) -> dict[int, Names]:
        """Place in a batch → what is named there: (F,) features each, None without a photo."""
        seen = {place: one for place, one in enumerate(photos) if one is not None}
        if not seen:
            return {}
        with torch.inference_mode():
            table = torch.from_numpy(np.stack(list(seen.values()))).float()
            chances = self._naming.chances(table).numpy()
        things, objects = self._things, self._objects
        certainty = np.zeros((len(seen), self._size), dtype=np.float32)
        certainty[:, things] = chances[:, : len(things)]
        seen_objects = chances[:, len(things) :]
        certainty[:, objects] = np.maximum(certainty[:, objects], seen_objects)
        return {
            place: Names(own, self._kind, self._seen)
            for place, own in zip(seen, certainty, strict=True)
        }
