"""What an encoder sees in the photos of a manifest: stored beside it, or looked at now.

Asked by `engine.datasets.album`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.datasets.cache import FeatureCache, usual_place
from engine.datasets.encode import encode
from engine.datasets.source import DatasetError
from engine.encoder import best_device
from engine.features import open_encoder
from engine.train.data import encoder_of, read_features, read_missing

FEATURES = "features.npz"
BATCH = 16


@dataclass(frozen=True)
class Seen:
    """Features of photos.

    Attributes:
        rows: (F,) of each; None where there was nothing to see.
        encoder: Name of the CNN.
    """

    rows: Sequence[NDArray[np.float16] | None]
    encoder: str


def stored(
    path: Path, lines: int, encoder: str | None, version: str = ""
) -> tuple[Seen | None, str]:
    """Features from a file, row i for line i of its manifest.

    Args:
        encoder: Name of the CNN whose features are needed; None takes any.
        version: Its version, where its weights matter; a file that tells none is taken.

    Returns:
        None where they cannot be used, and why.
    """
    if not path.exists():
        return None, ""
    try:
        table, missing, (name, made) = read_features(path), read_missing(path), encoder_of(path)
    except (OSError, ValueError) as error:
        return None, f"{path.name} was left aside: {error}"
    if len(table) != lines:
        return None, f"{path.name} was left aside: {len(table)} rows for {lines} lines"
    if encoder not in (None, name):
        return None, f"{path.name} was left aside: features of {name}, not of {encoder}"
    if version and made not in ("", version):
        return None, f"{path.name} was left aside: features of other weights of {name}"
    return Seen([None if i in missing else row for i, row in enumerate(table)], name), ""


def looked_at(
    pictures: Sequence[Path | None],
    weights: Path,
    encoder: str | None,
    say: Callable[[str], None] | None = None,
) -> Seen:
    """Features of pictures, by way of the cache.

    Args:
        weights: Folder of the encoder.
        encoder: Its name, where it matters.
        say: Told every ten seconds how far it is.

    Raises:
        CheckpointError: the encoder cannot be had.
        DatasetError: it is another one.
    """
    network = open_encoder(str(weights), None, best_device())
    card = network.card
    if encoder not in (None, card.name):
        raise DatasetError(
            f"the pictures have to be looked at by {encoder}, but {weights} holds {card.name}"
        )
    said = time.monotonic()

    def show(done: int) -> None:
        nonlocal said
        if say and time.monotonic() - said > 10:
            said = time.monotonic()
            say(f"looked at {done} of {len(pictures)} pictures")

    with FeatureCache(usual_place(), card.version) as cache:
        vectors, _ = encode(pictures, network, cache, BATCH, show)
    return Seen(vectors, card.name)
