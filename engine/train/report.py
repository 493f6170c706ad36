"""What a training leaves to be looked at: its curves, and photos with what is suggested for them.

Called by `engine.train.command` once the head is there.
"""

from __future__ import annotations

import json
import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from engine.decoder import Query, TagDecoder
from engine.head import Head
from engine.lists import read_lists
from engine.model.beam import predict
from engine.train.data import PhotoSet
from engine.train.resume import HISTORY

CURVES = "curves.png"
SAMPLES = "samples.png"
PICTURES = 12
TAGS = 8


def draw_curves(folder: Path) -> None:
    """Draw loss and validation recall over the steps, from the history beside it."""
    from matplotlib.figure import Figure

    text = (folder / HISTORY).read_text(encoding="utf-8")
    history = [json.loads(line) for line in text.splitlines()]
    figure = Figure(figsize=(8, 4), layout="constrained")
    left = figure.subplots()
    losses = [(entry["step"], entry["loss"]) for entry in history if "loss" in entry]
    left.plot(*zip(*losses, strict=True), color="tab:blue", label="training loss")
    left.set_xlabel("step")
    left.set_ylabel("training loss", color="tab:blue")
    recalls = [(entry["step"], entry["recall"]) for entry in history if "recall" in entry]
    if recalls:
        right = left.twinx()
        right.plot(*zip(*recalls, strict=True), color="tab:orange", marker=".")
        right.set_ylabel("validation recall@10", color="tab:orange")
    figure.savefig(folder / CURVES, dpi=120)


def draw_samples(
    head: Head, sets: Sequence[PhotoSet], folder: Path, beam: bool = False, seed: int = 0
) -> bool:
    """Draw photos with their suggestions; held-back ones where there are some.

    Args:
        beam: Show the most probable whole caption, as the paper predicts, not the page that
            people get.

    Returns:
        False where no photo has a picture.
    """
    from matplotlib.figure import Figure
    from PIL import Image

    chosen = _choose(sets, np.random.default_rng([seed, 9]))
    if not chosen:
        return False
    features = [one.features[row].astype(np.float32) for one, row, _ in chosen]
    shown = _captions(head, features) if beam else _pages(head, features)
    columns = min(4, len(chosen))
    lines = -(-len(chosen) // columns)
    figure = Figure(figsize=(3.2 * columns, 3.6 * lines), layout="constrained")
    axes = np.ravel(figure.subplots(lines, columns, squeeze=False))
    for axis in axes:
        axis.axis("off")
    for axis, (_, _, path), tags in zip(axes, chosen, shown, strict=False):
        with Image.open(path) as image:
            image.thumbnail((320, 320))
            axis.imshow(np.asarray(image.convert("RGB")))
        text = " ".join(f"#{tag}" for tag in tags) or "(nothing)"
        axis.set_title("\n".join(textwrap.wrap(text, 34)), fontsize=8)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # it is an empty box then
        figure.savefig(folder / SAMPLES, dpi=120)
    return True


def _choose(
    sets: Sequence[PhotoSet], random: np.random.Generator
) -> list[tuple[PhotoSet, int, Path]]:
    """A dozen photos with pictures, in turn from all sets that have some."""
    queues: list[list[tuple[PhotoSet, int, Path]]] = []
    for one in sets:
        rows = [
            (one, row, one.folder / photo.image)
            for row, photo in enumerate(one.photos)
            if photo.image and (one.folder / photo.image).is_file()
        ]
        unseen = [entry for entry in rows if one.held_back[entry[1]]] or rows
        queues.append([unseen[i] for i in random.permutation(len(unseen))[:PICTURES]])
    turns = [queue[turn] for turn in range(PICTURES) for queue in queues if turn < len(queue)]
    return turns[:PICTURES]


def _pages(head: Head, features: Sequence[np.ndarray]) -> list[tuple[str, ...]]:
    decoder = TagDecoder(head, read_lists())
    answers = decoder.suggest([Query(one, k=TAGS) for one in features])
    return [tuple(item.tag for item in answer.items) for answer in answers]


def _captions(head: Head, features: Sequence[np.ndarray]) -> list[tuple[str, ...]]:
    shown = []
    for one in features:
        paths = predict(head.model, torch.from_numpy(one))
        shown.append(tuple(head.vocabulary.tags[row] for row in paths[0].rows))
    return shown
