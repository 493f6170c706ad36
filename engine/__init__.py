"""Photo + prefix → ranked hashtags, and the queue in front of the GPU."""

import asyncio

from engine.door import (
    PREFIX_LIMIT,
    CheckpointError,
    EmbeddingMismatch,
    EngineBusy,
    EngineClosed,
    EngineError,
    Heatmap,
    ImageEmbedding,
    ImageTooLarge,
    NoHeatmap,
    NotAnImage,
    Parts,
    Recommender,
    Suggestion,
    Suggestions,
    Taste,
    UnknownTag,
)
from engine.tags import normalise_tag

__all__ = [
    "PREFIX_LIMIT",
    "CheckpointError",
    "EmbeddingMismatch",
    "EngineBusy",
    "EngineClosed",
    "EngineError",
    "Heatmap",
    "ImageEmbedding",
    "ImageTooLarge",
    "NoHeatmap",
    "NotAnImage",
    "Parts",
    "Recommender",
    "Suggestion",
    "Suggestions",
    "Taste",
    "UnknownTag",
    "draw_heatmap",
    "normalise_tag",
    "open_recommender",
]


async def open_recommender(kind: str = "local", weights: str | None = None) -> Recommender:
    """Load the checkpoint and start the engine named by ``ENGINE``.

    torch is imported here, not at import time of the package.

    Args:
        kind: ``local``.
        weights: Folder of the checkpoint; None takes the shipped one.

    Raises:
        CheckpointError: the checkpoint cannot be used.
        ValueError: no such engine.
    """
    if kind != "local":
        raise ValueError(f"no such engine: {kind!r} (there is: local)")
    from engine.local import LocalRecommender

    return await LocalRecommender.open(weights)


async def draw_heatmap(heatmap: Heatmap) -> bytes:
    """Draw the photo beside its heat maps before and after each chosen tag, in a thread.

    Returns:
        A PNG.
    """
    from engine.heatmap import as_png

    return await asyncio.to_thread(as_png, heatmap)
