"""Where a suggestion comes from: photo + prefix + tag → heat map, on one thread like the model.

`engine.model.terms` does the arithmetic; here it meets the photo's bytes, the vocabulary, and
the lists of what is never read off a photo. What perceptrons beside the CNN-RNN say of the photo
as a whole (`engine.naming`) is no part of a map.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

from engine.decoder import TagDecoder
from engine.door import Heatmap, NoHeatmap, Parts, UnknownTag
from engine.encoder import Encoder
from engine.model.terms import Terms, split
from engine.pixels import Geometry, frame, view
from engine.tags import normalise_tag

SIDE = 480
"""Longer side of the photo that a heat map carries."""


@dataclass(frozen=True)
class Sight:
    """A decoded photo, ready to be explained.

    Attributes:
        square: The pixels that the encoder reads.
        photo: All of the photo, upright and small, as JPEG.
        crop: Where in it the square lies, as `pixels.frame` says.
    """

    square: np.ndarray
    photo: bytes
    crop: tuple[float, float, float, float]


@dataclass(frozen=True)
class Question:
    """Why the tag of this row, for this photo after this prefix?"""

    sight: Sight
    prefix: tuple[str, ...]
    row: int


def see(photo: bytes, geometry: Geometry) -> Sight:
    """Decode a photo for the encoder and for people.

    Raises:
        NotAnImage: not a picture (`ImageTooLarge`: too many pixels to decode).
    """
    seen = view(photo, geometry)
    small = seen.picture.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=92)
    return Sight(seen.square, file.getvalue(), frame(seen.size, geometry))


def row_of(tag: str, decoder: TagDecoder) -> int:
    """Find a tag that can be explained.

    Raises:
        UnknownTag: the vocabulary lacks it; the message names its relatives.
        NoHeatmap: it is never suggested from what a photo shows.
    """
    name = normalise_tag(tag)
    if not name:
        raise UnknownTag("there is no hashtag in this")
    row = decoder.vocabulary.index.get(name)
    if row is None:
        near = decoder.prefixes.read([name]).relatives[name]
        hint = f"; near it are {' '.join(f'#{each}' for each in near)}" if near else ""
        raise UnknownTag(f"#{name} is not among the hashtags that can be suggested{hint}")
    rules = decoder.rules
    if rules.never[row] or rules.promotional[row] or rules.guard[row] >= 0:
        raise NoHeatmap(f"#{name} is never suggested from what a photo shows, so it has no map")
    return row


def explain(
    encoder: Encoder,
    decoder: TagDecoder,
    served: Callable[[np.ndarray], np.ndarray],
    question: Question,
) -> Heatmap:
    """Split the tag's logit at every stage of the prefix.

    Args:
        served: Gives the features that suggestions are made from, pixels (1, 260, 260, 3) →
            (1, F): another runtime than the encoder's own may round a feature otherwise.

    Raises:
        NoHeatmap: the encoder does not tell one spot of a photo from another.
    """
    grid = encoder.spots(question.sight.square)  # (9, 9, F)
    rows, columns, _ = grid.shape
    tag = decoder.vocabulary.tags[question.row]
    tags = tuple(each for each in decoder.prefixes.read(question.prefix).tags if each != tag)
    stages = [tags[:length] for length in range(len(tags) + 1)]
    (features,) = served(np.stack([question.sight.square]))
    spots = torch.from_numpy(_as_served(grid.reshape(rows * columns, -1), features))
    read = decoder.prefixes.inputs([decoder.prefixes.read(stage) for stage in stages])
    model, size = decoder.head.model, len(decoder.vocabulary)
    one, average = torch.zeros(2, size + 1)
    one[question.row] = 1
    average[:size] = 1 / size  # of all tags, END left out
    maps = [
        Heatmap(tag, stage, rows, columns, parts, usual, question.sight.crop)
        for stage, parts, usual in zip(
            stages,
            _parts(split(model, spots, *read, one)),
            _parts(split(model, spots, *read, average)),
            strict=True,
        )
    ]
    return replace(maps[-1], photo=question.sight.photo, earlier=tuple(maps[:-1]))


def _parts(terms: Terms) -> list[Parts]:
    columns = (terms.spots, terms.prefix, terms.items, terms.bias)
    return [
        Parts(tuple(cells), prefix, items, bias)
        for cells, prefix, items, bias in zip(*(each.tolist() for each in columns), strict=True)
    ]


def _as_served(spots: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Let the spots' mean be exactly the half-precision features that suggestions are made from.

    Args:
        spots: (P, F) float32.
        features: (F,) float32.

    Returns:
        (P, F) float64.
    """
    exact = spots.astype(np.float64)
    rounded: np.ndarray = exact + (features.astype("<f2") - exact.mean(0))
    return rounded
