"""What a photo shows, by its usual word, and what is written about such photos.

Perceptrons of their own beside the CNN-RNN, which says what a person would post next; among a
hundred dishes it prefers those that people post often. They ask the photo alone:
`engine.nominees` sees to it that what is clearly there is named early, and `engine.scorer` lets
those who write about photos (owners, authors of captions, posts) speak beside the CNN-RNN.
`engine.train.naming` fits it, `engine.head` stores it, `engine.namer` asks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from engine.classes import Classes
from engine.door import CheckpointError
from engine.parts import put, taken
from engine.perceptron import LAYERS, Perceptron
from engine.vocabulary import Vocabulary

CLASSES = "classes."
"""Beginning of the names of the tensors of classes."""


@dataclass(frozen=True)
class Naming:
    """What perceptrons say of a photo, their logits one after the other: T things, nothing, O
    objects, and W words.

    Of the things (a dish, a place, a sport…) a photo shows one or none; of the objects (a dog, a
    car…) any number. Each group of writers has words of its own, with a softmax of their own.

    Attributes:
        perceptrons: T + 1 + O + W outputs together.
        kinds: Kind → tags that name its things; all kinds make the T things, in this order.
        objects: Tags that name the O objects.
        usual: (W,) log share of each word among all that its writers write.
        writers: Group of writers → tags that they write; all groups make the W words.
        trust: Group of writers → how much they count before a tag was chosen, and after.
        classes: What the encoder was taught; what is among its K tags and a thing is said by it.
    """

    perceptrons: tuple[Perceptron, ...]
    kinds: Mapping[str, tuple[str, ...]]
    objects: tuple[str, ...]
    usual: Tensor = field(default_factory=lambda: torch.zeros(0))
    writers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trust: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    classes: Classes | None = None

    @cached_property
    def things(self) -> tuple[str, ...]:
        """Tags of the things of all kinds."""
        return tuple(tag for tags in self.kinds.values() for tag in tags)

    @property
    def taught(self) -> tuple[str, ...]:
        """Tags that classes lead to."""
        return tuple(self.classes.named) if self.classes else ()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Tags that all writers write; one may stand in several groups."""
        return tuple(tag for tags in self.writers.values() for tag in tags)

    def tensors(self) -> dict[str, Tensor]:
        """All weights, to be written to disk."""
        layers = {
            f"{number}.{name}": getattr(one, name)
            for number, one in enumerate(self.perceptrons)
            for name in LAYERS
        }
        taught = put(self.classes.tensors(), CLASSES) if self.classes else {}
        return {**layers, "usual": self.usual, **taught}

    def description(self) -> dict[str, Any]:
        """The rest, to be written as JSON."""
        return {
            "kinds": {kind: list(tags) for kind, tags in self.kinds.items()},
            "objects": list(self.objects),
            "writers": {group: list(tags) for group, tags in self.writers.items()},
            "trust": {group: list(counts) for group, counts in self.trust.items()},
            **({"classes": self.classes.description()} if self.classes else {}),
        }

    @classmethod
    def read(
        cls,
        tensors: Mapping[str, Tensor],
        description: Mapping[str, Any],
        features: int,
        vocabulary: Vocabulary,
    ) -> Naming:
        """From what `tensors` and `description` gave.

        Raises:
            CheckpointError: they contradict each other, the features or the vocabulary.
        """
        layers, classes = dict(tensors), None
        taught = taken(layers, CLASSES)
        if taught or "classes" in description:
            classes = Classes.read(taught, description.get("classes", {}), features)
        try:
            naming = cls(
                tuple(
                    Perceptron(*(layers[f"{number}.{name}"] for name in LAYERS))
                    for number in range(len(layers) // len(LAYERS))
                ),
                {kind: tuple(tags) for kind, tags in description["kinds"].items()},
                tuple(description["objects"]),
                layers["usual"],
                {group: tuple(tags) for group, tags in description["writers"].items()},
                {group: _pair(description["trust"][group]) for group in description["writers"]},
                classes,
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"what names the things of a photo is broken: {error}") from error
        if not all(one.fits(features) for one in naming.perceptrons):
            raise CheckpointError("naming: the layers of a perceptron do not fit")
        outputs = len(naming.things) + 1 + len(naming.objects) + len(naming.words)
        if sum(len(one.output_bias) for one in naming.perceptrons) != outputs:
            raise CheckpointError(f"naming: {outputs} outputs expected")
        if naming.usual.shape != (len(naming.words),):
            raise CheckpointError(f"naming.usual is not of {len(naming.words)} words")
        named = (*naming.things, *naming.objects, *naming.taught, *naming.words)
        unknown = [tag for tag in named if tag not in vocabulary]
        if unknown:
            raise CheckpointError(f"names that the vocabulary lacks: {' '.join(unknown[:5])}")
        return naming

    def look(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """What each photo shows and what its writers say: (B, F) → (B, T + O + K), (B, 2, W).

        How surely each name is right, 0–1: a photo of a match on a pitch shows a sport and a
        place, so a thing's chance is the mean, as a root of the product, of its softmax over all
        things and of that within its kind. And the log chance of each word against its usual
        share, times the trust in its writers before a tag was chosen, and after.
        """
        roots = features.clamp(min=0).sqrt()
        logits = torch.cat([one(roots) for one in self.perceptrons], 1)
        sizes = [len(self.things) + 1, len(self.objects), len(self.words)]
        classes, objects, written = torch.split_with_sizes(logits, sizes, 1)
        things = torch.softmax(classes, dim=1)[:, :-1]
        mass = things.new_zeros(len(things), len(self.kinds)).index_add_(1, self.numbers, things)
        within = things / (mass[:, self.numbers] + 1e-9)
        found = [(things * within).sqrt(), torch.sigmoid(objects)]
        if self.classes:
            found.append(self.classes(features))
        return torch.cat(found, 1), self._said(written)

    def _said(self, logits: Tensor) -> Tensor:
        """(B, W) → (B, 2, W)."""
        sizes = [len(tags) for tags in self.writers.values()]
        parts = torch.split_with_sizes(logits, sizes, 1)
        chances = torch.cat([logits[:, :0], *(torch.log_softmax(part, 1) for part in parts)], 1)
        return (chances - self.usual).unsqueeze(1) * self._trusts

    @cached_property
    def _trusts(self) -> Tensor:
        """(2, W) trust in the writers of each word, before a tag was chosen and after."""
        counts = [self.trust[group] for group, tags in self.writers.items() for _ in tags]
        return torch.tensor(counts).reshape(-1, 2).T

    @cached_property
    def numbers(self) -> Tensor:
        """(T,) number of each thing's kind."""
        sizes = [len(tags) for tags in self.kinds.values()]
        return torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))


def _pair(counts: Any) -> tuple[float, float]:
    before, after = counts
    return float(before), float(after)
