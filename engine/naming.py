"""What a photo shows, by its usual word: a perceptron of its own beside the CNN-RNN.

The CNN-RNN says what a person would post; among a hundred dishes it prefers those that people
post often. This asks the photo alone, and `engine.nominees` sees to it that what is clearly there
is named early. `engine.train.naming` fits it, `engine.head` stores it, `engine.decoder` asks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.door import CheckpointError
from engine.vocabulary import Vocabulary

_WEIGHTS, _SCALE = ("hidden", "output"), "_scale"
_STEPS = 127  # of a weight, either way


@dataclass(frozen=True)
class Naming:
    """A perceptron with one hidden layer over the roots of the features.

    Of the things (a dish, a place, a sport…) a photo shows one or none; of the objects (a dog, a
    car…) any number.

    Attributes:
        hidden: (H, F).
        hidden_bias: (H,).
        output: (T + 1 + O, H) logits of the things, of nothing, and of the objects.
        output_bias: (T + 1 + O,).
        kinds: Kind → tags that name its things; all kinds make the T things, in this order.
        objects: Tags that name the O objects.
    """

    hidden: Tensor
    hidden_bias: Tensor
    output: Tensor
    output_bias: Tensor
    kinds: Mapping[str, tuple[str, ...]]
    objects: tuple[str, ...]

    @cached_property
    def things(self) -> tuple[str, ...]:
        """Tags of the things of all kinds."""
        return tuple(tag for tags in self.kinds.values() for tag in tags)

    def tensors(self) -> dict[str, Tensor]:
        """All weights, to be written to disk: int8, with a scale for each row."""
        found = {"hidden_bias": self.hidden_bias, "output_bias": self.output_bias}
        for name in _WEIGHTS:
            weight = getattr(self, name)
            scale = (weight.abs().amax(1) / _STEPS + 1e-8).half()
            rounded = (weight / scale.float()[:, None]).round()
            found[name] = rounded.clamp(-_STEPS, _STEPS).to(torch.int8)
            found[name + _SCALE] = scale
        return found

    def words(self) -> dict[str, Any]:
        """The rest, to be written as JSON."""
        kinds = {kind: list(tags) for kind, tags in self.kinds.items()}
        return {"kinds": kinds, "objects": list(self.objects)}

    @classmethod
    def read(
        cls,
        tensors: Mapping[str, Tensor],
        words: Mapping[str, Any],
        features: int,
        vocabulary: Vocabulary,
    ) -> Naming:
        """From what `tensors` and `words` gave.

        Raises:
            CheckpointError: they contradict each other, the features or the vocabulary.
        """
        try:
            hidden, output = (_weight(tensors, name) for name in _WEIGHTS)
            naming = cls(
                hidden,
                tensors["hidden_bias"],
                output,
                tensors["output_bias"],
                {kind: tuple(tags) for kind, tags in words["kinds"].items()},
                tuple(words["objects"]),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise CheckpointError(f"what names the things of a photo is broken: {error}") from error
        size, outputs = len(naming.hidden_bias), len(naming.things) + 1 + len(naming.objects)
        shapes = {
            "hidden": (size, features),
            "hidden_bias": (size,),
            "output": (outputs, size),
            "output_bias": (outputs,),
        }
        for name, shape in shapes.items():
            found = tuple(getattr(naming, name).shape)
            if found != shape:
                raise CheckpointError(f"naming.{name} is {found}, expected {shape}")
        unknown = [tag for tag in (*naming.things, *naming.objects) if tag not in vocabulary]
        if unknown:
            raise CheckpointError(f"names that the vocabulary lacks: {' '.join(unknown[:5])}")
        return naming

    def chances(self, features: Tensor) -> Tensor:
        """How surely each name is right: (B, F) → (B, T + O), 0–1.

        A photo of a match on a pitch shows a sport and a place: a thing's chance is the mean,
        as a root of the product, of its softmax over all things and of that within its kind.
        """
        roots = features.clamp(min=0).sqrt()
        hidden = functional.relu(functional.linear(roots, self.hidden, self.hidden_bias))
        logits = functional.linear(hidden, self.output, self.output_bias)
        nothing = len(self.things)
        things = torch.softmax(logits[:, : nothing + 1], dim=1)[:, :-1]
        mass = things.new_zeros(len(things), len(self.kinds)).index_add_(1, self.numbers, things)
        within = things / (mass[:, self.numbers] + 1e-9)
        return torch.cat([(things * within).sqrt(), torch.sigmoid(logits[:, nothing + 1 :])], 1)

    @cached_property
    def numbers(self) -> Tensor:
        """(T,) number of each thing's kind."""
        sizes = [len(tags) for tags in self.kinds.values()]
        return torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))


def _weight(tensors: Mapping[str, Tensor], name: str) -> Tensor:
    """A weight as it is used, from what is on disk."""
    rows, scale = tensors[name], tensors[name + _SCALE]
    if rows.ndim != 2 or scale.shape != rows.shape[:1]:
        found, scales = tuple(rows.shape), tuple(scale.shape)
        raise CheckpointError(f"naming.{name} is {found}, and has scales of {scales}")
    return rows.float() * scale.float()[:, None]
