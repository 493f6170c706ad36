"""What the encoder itself was taught: its classifier's 1,000 ImageNet classes.

Their names reach hashtags through `tables/labels.tsv`; sure ones among a photo's classes become
labels of that photo, and the classifier's rows are where the image projection starts from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from engine.train.bridge import Weighted
from engine.vocabulary import Vocabulary

FILE = Path(__file__).parent / "imagenet.safetensors"


@dataclass(frozen=True)
class Classifier:
    """The last layer that was left off the encoder.

    Attributes:
        weight: (1000, F).
        bias: (1000,).
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, features: NDArray[np.float16]) -> NDArray[np.float32]:
        """(N, F) → (N, 1000)."""
        result: NDArray[np.float32] = features.astype(np.float32) @ self.weight.T + self.bias
        return result


def read_classifier(path: Path = FILE) -> Classifier:
    """Read the layer in float32."""
    tensors = load_file(path)
    return Classifier(tensors["weight"].astype(np.float32), tensors["bias"].astype(np.float32))


def sure_classes(
    classifier: Classifier, features: NDArray[np.float16], least: float
) -> dict[int, tuple[int, float]]:
    """Photo → its class and probability, where the probability reaches ``least``."""
    found: dict[int, tuple[int, float]] = {}
    for start in range(0, len(features), 4096):
        logits = classifier.logits(features[start : start + 4096])
        best = logits.argmax(1)
        chance = 1 / np.exp(logits - logits.max(1, keepdims=True)).sum(1)
        for row in np.flatnonzero(chance >= least).tolist():
            found[start + row] = (int(best[row]), float(chance[row]))
    return found


def class_tags(
    names: Sequence[str], labels: Mapping[str, Weighted], vocabulary: Vocabulary
) -> NDArray[np.float32]:
    """How surely each class leads to each tag: (1000, V)."""
    table = np.zeros((len(names), len(vocabulary)), dtype=np.float32)
    for number, name in enumerate(names):
        for tag, weight in labels.get(name, {}).items():
            if tag in vocabulary:
                table[number, vocabulary.index[tag]] = weight
    return table
