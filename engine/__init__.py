"""Photo + prefix → ranked hashtags, and the queue in front of the GPU."""

import asyncio

from engine.door import (
    PREFIX_LIMIT,
    CheckpointError,
    EmbeddingMismatch,
    EngineBusy,
    EngineClosed,
    EngineError,
    EngineUnavailable,
    Heatmap,
    ImageEmbedding,
    ImageTooLarge,
    NoHeatmap,
    NoRuntime,
    NotAnImage,
    Observer,
    Parts,
    Recommender,
    Suggestion,
    Suggestions,
    Taste,
    UnknownTag,
    Wording,
)
from engine.languages import hashtags_in
from engine.memory import share_arenas
from engine.tags import normalise_tag, spell_tag

__all__ = [
    "PREFIX_LIMIT",
    "CheckpointError",
    "EmbeddingMismatch",
    "EngineBusy",
    "EngineClosed",
    "EngineError",
    "EngineUnavailable",
    "Heatmap",
    "ImageEmbedding",
    "ImageTooLarge",
    "NoHeatmap",
    "NoRuntime",
    "NotAnImage",
    "Observer",
    "Parts",
    "Recommender",
    "Suggestion",
    "Suggestions",
    "Taste",
    "UnknownTag",
    "Wording",
    "draw_heatmap",
    "hashtags_in",
    "normalise_tag",
    "open_recommender",
    "share_arenas",
    "spell_tag",
]


async def open_recommender(
    kind: str = "local",
    weights: str | None = None,
    observer: Observer | None = None,
    runtime: str = "auto",
    precision: str = "auto",
    address: str | None = None,
) -> Recommender:
    """Load the checkpoint and start the engine named by ``ENGINE``.

    torch is imported here, not at import time of the package.

    Args:
        kind: ``local`` for this process, ``ray`` for a cluster.
        weights: Folder of the checkpoint; None takes the shipped one.
        observer: Told what the engine does; None for nobody.
        runtime: What the CNN runs in: ``torch``, ``openvino``, or ``auto`` for the quicker one.
        precision: What it computes in: ``float32``, ``float16``, ``bfloat16``, or ``auto`` for the
            quickest whose first ten tags agree with those of float32.
        address: Of a Ray cluster, which has weights, runtime and precision of its own; None starts
            one on this machine.

    Raises:
        CheckpointError: the checkpoint cannot be used.
        NoRuntime: the runtime is not installed, or does not run this encoder.
        EngineUnavailable: the cluster cannot be reached or started.
        ValueError: no such engine, runtime or precision.
    """
    match kind:
        case "local":
            from engine.local import LocalRecommender

            return await LocalRecommender.open(weights, observer, runtime, precision)
        case "ray":
            try:
                from engine.cluster.client import RayRecommender
            except ImportError as error:
                raise NoRuntime(
                    f"Ray cannot be imported ({error}): pip install tagalong[ray]"
                ) from error
            return await RayRecommender.open(address, weights, observer, runtime, precision)
    raise ValueError(f"no such engine: {kind!r} (there are: local, ray)")


async def draw_heatmap(
    heatmap: Heatmap, *, phone: bool = False, wording: Wording | None = None
) -> bytes:
    """Draw the photo beside its heat maps before and after each chosen tag, in a thread.

    Args:
        heatmap: With its earlier maps.
        phone: Arrange and letter it for a phone's narrow screen.
        wording: What stands on it; English where there is none, or no font that has its letters.

    Returns:
        A PNG.
    """
    from engine.heatmap import as_png, english
    from engine.sheet import DESK, PHONE

    screen = PHONE if phone else DESK
    return await asyncio.to_thread(as_png, heatmap, screen, wording or english)
