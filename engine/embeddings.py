"""Feature vectors of photos ↔ the embeddings that leave the engine."""

from __future__ import annotations

import numpy as np

from engine.door import EmbeddingMismatch, ImageEmbedding
from engine.encoder import EncoderCard


def pack(features: np.ndarray) -> list[bytes]:
    """Feature vectors ``(B, F)`` in half precision, a photo each."""
    return [vector.tobytes() for vector in features.astype("<f2")]


def unpack(image: ImageEmbedding, card: EncoderCard) -> np.ndarray:
    """The vector of an embedding, float32 ``(F,)``.

    Raises:
        EmbeddingMismatch: it was made by another encoder, or is damaged.
    """
    if image.encoder != card.version:
        raise EmbeddingMismatch("this photo was seen by another encoder: look at it again")
    vector = np.frombuffer(image.vector, dtype="<f2").astype(np.float32)
    if vector.shape != (card.features,):
        raise EmbeddingMismatch("this image embedding is damaged: look at the photo again")
    return vector
