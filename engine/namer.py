"""What a head's naming says of a photo (`engine.naming`), in the rows of a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.naming import Naming
from engine.nominees import BEFORE, Names
from engine.vocabulary import Vocabulary


@dataclass(frozen=True)
class Impression:
    """One photo.

    Attributes:
        names: What it shows.
        said: (2, V) how much likelier than usual each tag is to be written about it, in log odds
            as far as its writers are trusted before a tag was chosen, and after; half precision,
            0 for what nobody wrote often.
    """

    names: Names
    said: Tensor

    def heard(self, tapped: bool) -> NDArray[np.float16]:
        """(V,) of what is said, before a tag was chosen or after."""
        words: NDArray[np.float16] = self.said[int(tapped)].numpy()
        return words


class Namer:
    """Asks a head's naming for photos."""

    def __init__(self, naming: Naming, vocabulary: Vocabulary) -> None:
        """Look every name up once."""
        self._naming, self._size = naming, len(vocabulary)
        self._things, self._objects, self._taught, words = (
            np.array([vocabulary.index[tag] for tag in tags], dtype=np.int64)
            for tags in (naming.things, naming.objects, naming.taught, naming.words)
        )
        self._words = torch.from_numpy(words)
        self._kind = np.full(self._size, -1, dtype=np.int16)
        self._kind[self._things] = naming.numbers.numpy()
        self._kind[self._objects] = -1  # a dog is an object, where a set of animals has it too
        self._kind[self._taught] = -1  # nor is the breed of one a thing
        self._seen = np.zeros(self._size, dtype=np.bool_)
        self._seen[self._objects] = True

    def see(self, photos: Tensor) -> list[Impression]:
        """Look at some photos: (B, F)."""
        with torch.inference_mode():
            found, words = self._naming.look(photos)
            said = words.new_zeros(len(photos), 2, self._size).index_add_(2, self._words, words)
        things, objects, taught = np.split(
            found.numpy(), np.cumsum([len(self._things), len(self._objects)]), axis=1
        )
        certainty = np.zeros((len(photos), self._size), dtype=np.float32)
        certainty[:, self._things] = things
        certainty[:, self._objects] = np.maximum(certainty[:, self._objects], objects)
        certainty[:, self._taught] = taught
        seen = np.tile(self._seen, (len(photos), 1))
        seen[:, self._taught] = taught >= BEFORE.glimpsed  # else it is a tag like all others
        return [
            Impression(Names(own, self._kind, there), voice)
            for own, there, voice in zip(certainty, seen, said.half(), strict=True)
        ]
