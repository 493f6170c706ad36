"""What names the things of a photo (`engine.naming`), in the rows of a vocabulary."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

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
        self._kind[self._things] = naming.numbers.numpy()
        self._kind[self._objects] = -1  # a dog is an object, where a set of animals has it too
        self._seen = np.zeros(self._size, dtype=np.bool_)
        self._seen[self._objects] = True

    def names(self, photos: Tensor) -> list[Names]:
        """What is named in each of some photos: (B, F)."""
        with torch.inference_mode():
            chances = self._naming.chances(photos).numpy()
        things, objects = self._things, self._objects
        certainty = np.zeros((len(photos), self._size), dtype=np.float32)
        certainty[:, things] = chances[:, : len(things)]
        seen_objects = chances[:, len(things) :]
        certainty[:, objects] = np.maximum(certainty[:, objects], seen_objects)
        return [Names(own, self._kind, self._seen) for own in certainty]
