"""What the encoder itself was taught to tell apart, as far as it names what people post.

The last layer that was left off the encoder, beside the head: a thousand classes, of which half
lead to a hashtag that people post (a tabby cat to #tabby). It must decide for one of them whatever
it sees, and a photo of a street is no photo of its middle: `engine.train.classes` measures on
photos that somebody described how often each name is confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import index
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.door import CheckpointError

_MODEST = 1.5
"""Power of a class's chance: half sure of one of a thousand is a third sure of what is there."""


@dataclass(frozen=True)
class Classes:
    """C classes, and K tags that they lead to.

    Attributes:
        weight: (C, F) over raw features.
        bias: (C,).
        trust: (K,) how often each tag is confirmed, 0–1.
        named: Tag → classes that it names, K tags.
    """

    weight: Tensor
    bias: Tensor
    trust: Tensor
    named: Mapping[str, tuple[int, ...]]

    def __call__(self, features: Tensor) -> Tensor:
        """How surely each tag names what is there, 0–1: (B, F) → (B, K)."""
        return self.trust * self.chances(features) ** _MODEST

    def chances(self, features: Tensor) -> Tensor:
        """What the classes of each tag have of one softmax over all: (B, F) → (B, K)."""
        found = torch.softmax(functional.linear(features, self.weight, self.bias), 1)
        return found @ self._leads

    @cached_property
    def _leads(self) -> Tensor:
        """(C, K) which class leads to which tag."""
        leads = torch.zeros(len(self.weight), len(self.named))
        for place, numbers in enumerate(self.named.values()):
            leads[list(numbers), place] = 1
        return leads

    def tensors(self) -> dict[str, Tensor]:
        """To be written to disk."""
        return {"weight": self.weight, "bias": self.bias, "trust": self.trust}

    def description(self) -> dict[str, list[int]]:
        """The rest, to be written as JSON."""
        return {tag: list(numbers) for tag, numbers in self.named.items()}

    @classmethod
    def read(
        cls, tensors: Mapping[str, Tensor], description: Mapping[str, Any], features: int
    ) -> Classes:
        """From what `tensors` and `description` gave.

        Raises:
            CheckpointError: they contradict each other or the features.
        """
        try:
            named = {tag: tuple(map(index, numbers)) for tag, numbers in description.items()}
            one = cls(tensors["weight"], tensors["bias"], tensors["trust"], named)
        except (AttributeError, KeyError, TypeError) as error:
            raise CheckpointError(f"what names classes is broken: {error}") from error
        amount = one.bias.numel()
        shapes = (one.weight.shape, one.bias.shape, one.trust.shape)
        if shapes != ((amount, features), (amount,), (len(named),)):
            raise CheckpointError(f"naming.classes: tensors of {[tuple(s) for s in shapes]}")
        if any(not 0 <= number < amount for numbers in named.values() for number in numbers):
            raise CheckpointError(f"naming.classes: there are {amount} of them")
        if not all(bool(value.isfinite().all()) for value in one.tensors().values()):
            raise CheckpointError("naming.classes: not all weights are numbers")
        if bool(((one.trust < 0) | (one.trust > 1)).any()):
            raise CheckpointError("naming.classes: trust is a share of 0 to 1")
        return one
