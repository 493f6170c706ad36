"""One hidden layer over a photo's features: what `engine.naming` asks, fitted by `engine.train`."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

LAYERS = ("hidden", "hidden_bias", "output", "output_bias")
"""Names of a perceptron's tensors."""


@dataclass(frozen=True)
class Perceptron:
    """One hidden layer over the roots of the features.

    Attributes:
        hidden: (H, F).
        hidden_bias: (H,).
        output: (O, H).
        output_bias: (O,).
    """

    hidden: Tensor
    hidden_bias: Tensor
    output: Tensor
    output_bias: Tensor

    def __call__(self, roots: Tensor) -> Tensor:
        """(B, F) → (B, O) logits."""
        hidden = functional.relu(functional.linear(roots, self.hidden, self.hidden_bias))
        return functional.linear(hidden, self.output, self.output_bias)

    def fits(self, features: int) -> bool:
        """Whether the layers fit each other and photos of so many features."""
        size, outputs = self.hidden_bias.numel(), self.output_bias.numel()
        expected = (size, features), (size,), (outputs, size), (outputs,)
        return all(
            tuple(getattr(self, name).shape) == shape
            for name, shape in zip(LAYERS, expected, strict=True)
        )
