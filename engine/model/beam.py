"""Beam search, as the paper predicts (section 3.3): the most probable whole captions of a photo.

`beam_search` knows no model; `predict` runs it over a `CnnRnn`. People who tap get pages from
`engine.decoder` instead: this is for the paper's own figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor

from engine.model.cnn_rnn import CnnRnn

State = TypeVar("State")
"""What a path carries besides its tags; every path has its own."""

Expand = Callable[[Sequence["Path[State]"]], tuple[Tensor, Sequence[State]]]
"""N paths → (N, V + 1) log-probabilities of what comes next, and the state after each path's
last tag."""


@dataclass(frozen=True)
class Path(Generic[State]):
    """Tags so far.

    Attributes:
        rows: In the order in which they were chosen, END not among them.
        score: Sum of their log-probabilities, END's included once the path has ended.
        state: Before the last tag was read.
        ended: Whether END was chosen.
    """

    rows: tuple[int, ...]
    score: float
    state: State
    ended: bool = False


def beam_search(
    first: State, expand: Expand[State], width: int, longest: int, prefix: Sequence[int] = ()
) -> list[Path[State]]:
    """Find the most probable paths.

    Keeps ``width`` paths, expands each by its ``width`` best tags, collects the ones that end,
    and stops when no live path can beat a collected one: a path only gets less probable.

    Args:
        first: State before anything was read.
        expand: Scores all live paths at once; END is the last column.
        longest: Tags of a path, at most; a path of that length counts as ended.
        prefix: Tags that every path starts with.

    Returns:
        At most ``width`` ended paths, the most probable first.
    """
    live = [Path(tuple(prefix), 0.0, first)]
    collected: list[Path[State]] = []
    while live:
        scores, states = expand(live)  # (N, V + 1)
        end = scores.shape[1] - 1
        longer: list[Path[State]] = []
        for path, row, state in zip(live, scores, states, strict=True):
            left = row.clone()
            left[list(path.rows)] = float("-inf")  # no tag twice
            best = left.topk(min(width, len(left)))
            for score, tag in zip(best.values.tolist(), best.indices.tolist(), strict=True):
                total = path.score + score
                if tag == end:
                    collected.append(Path(path.rows, total, state, ended=True))
                elif score > float("-inf"):
                    rows = (*path.rows, tag)
                    longer.append(Path(rows, total, state, ended=len(rows) >= longest))
        longer = sorted(longer, key=lambda path: -path.score)[:width]
        collected += [path for path in longer if path.ended]
        collected = sorted(collected, key=lambda path: -path.score)[:width]
        worst = collected[-1].score if len(collected) == width else float("-inf")
        live = [path for path in longer if not path.ended and path.score > worst]
    return collected


@dataclass(frozen=True)
class Recurrence:
    """The state of a path through a `CnnRnn`.

    Attributes:
        hidden: h of the LSTM, (H,).
        cell: c of the LSTM, (H,).
        item: Item–item term of the tags read, (V + 1,).
    """

    hidden: Tensor
    cell: Tensor
    item: Tensor


def predict(
    model: CnnRnn,
    features: Tensor | None,
    width: int = 5,
    longest: int = 30,
    prefix: Sequence[int] = (),
) -> list[Path[Recurrence]]:
    """The most probable captions of a photo.

    Args:
        model: In eval mode.
        features: (F,) of the photo; None goes by words alone.
        width: N of the beam.
        longest: Tags of a caption, at most.
        prefix: Rows that were chosen already.

    Returns:
        At most ``width`` paths, the most probable first; their rows hold the prefix too.
    """
    dims = model.dims
    with torch.inference_mode():
        seen = features is not None
        image = model.no_image if features is None else model.project(features[None].float())[0]
        words = model.words()  # (V + 1, E)

        def read(states: Sequence[Recurrence], tags: Sequence[int]) -> list[Recurrence]:
            """One step of the LSTM for paths of states: r(t) = LSTM(r(t − 1), w)."""
            start = (
                torch.stack([state.hidden for state in states])[None],  # (1, N, H)
                torch.stack([state.cell for state in states])[None],
            )
            rows = torch.tensor(tags)
            _, (hidden, cell) = model.lstm(words[rows][:, None], start)
            items = torch.stack([state.item for state in states]) + model.item_item[rows]
            return [
                Recurrence(h, c, item) for h, c, item in zip(hidden[0], cell[0], items, strict=True)
            ]

        def expand(
            paths: Sequence[Path[Recurrence]],
        ) -> tuple[Tensor, Sequence[Recurrence]]:
            length = len(paths[0].rows)  # all live paths are equally long
            states = [path.state for path in paths]
            if length > len(prefix):
                states = read(states, [path.rows[-1] for path in paths])
            terms = image.new_zeros(len(paths), dims.joint)
            if length:
                terms = model.prefix_projection(torch.stack([one.hidden for one in states]))
            lengths = torch.full((len(paths),), length)
            scores = model.score(
                model.join(image[None], terms),
                torch.stack([one.item for one in states]),
                torch.full((len(paths),), seen),
                lengths,
            )
            for row, path in zip(scores, paths, strict=True):
                row[list(path.rows)] = float("-inf")  # as in training: chosen tags take no share
            return torch.log_softmax(scores, dim=1), states

        empty = image.new_zeros(dims.recurrent)
        state = Recurrence(empty, empty, image.new_zeros(dims.tags + 1))
        for row in prefix:
            state = read([state], [row])[0]
        return beam_search(state, expand, width, max(longest, len(prefix) + 1), prefix)
