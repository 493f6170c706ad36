"""A prefix as the model reads it: tags, the steps of the LSTM, and the item–item term.

Before `engine.scorer`, which scores what is read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.door import PREFIX_LIMIT
from engine.head import Head
from engine.languages import meanings
from engine.relatives import find_relatives
from engine.tags import normalise_tag


@dataclass(frozen=True)
class Reading:
    """A prefix as the model reads it: one step per tag, each through one or more known rows."""

    tags: tuple[str, ...] = ()
    steps: tuple[tuple[int, ...], ...] = ()
    relatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[int, ...]:
        """All rows that were read."""
        return tuple(dict.fromkeys(row for step in self.steps for row in step))


NOTHING = Reading()
"""Before anything was chosen."""


class Prefixes:
    """Reads prefixes for one head."""

    def __init__(self, head: Head, forms: Mapping[str, str]) -> None:
        """Bind the head.

        Args:
            forms: Spelling → the one that the vocabulary has.
        """
        self._vocabulary, self._relatives, self._forms = head.vocabulary, head.relatives, forms
        self._reading, self._items = head.model.dims.reading, head.model.item_item
        with torch.inference_mode():
            self._words = head.model.words()

    def read(self, prefix: Sequence[str]) -> Reading:
        """Normalise, drop empty and repeated tags, keep the last ones, find relatives.

        The steps stand in the order of the vocabulary, not of the taps: a caption is a set, and
        the paper too feeds labels frequent-first.
        """
        tags = list(dict.fromkeys(filter(None, map(normalise_tag, prefix))))[-PREFIX_LIMIT:]
        steps: list[tuple[int, ...]] = []
        relatives: dict[str, tuple[str, ...]] = {}
        for tag in tags:
            if tag in self._vocabulary:
                steps.append((self._vocabulary.index[tag],))
                continue
            near = find_relatives(tag, self._vocabulary, self._forms, self._relatives, meanings())
            relatives[tag] = near
            if near:
                steps.append(tuple(self._vocabulary.rows(near)))
        return Reading(tuple(tags), tuple(sorted(set(steps))), relatives)

    def inputs(self, readings: Sequence[Reading]) -> tuple[Tensor, Tensor, Tensor]:
        """Inputs of the LSTM (B, T, E), item–item terms (B, V + 1) and lengths (B,)."""
        lengths = torch.tensor([len(reading.steps) for reading in readings])
        longest = max(1, int(lengths.max()))
        steps = [
            (row, place, step)
            for row, reading in enumerate(readings)
            for place, step in enumerate(reading.steps)
        ]
        inputs = torch.zeros(len(readings), longest, self._reading)
        items = torch.zeros(len(readings), len(self._vocabulary) + 1)
        if not steps:
            return inputs, items, lengths
        known = torch.tensor([one for *_, step in steps for one in step])
        share = torch.tensor([1 / len(step) for *_, step in steps for _ in step])
        ends = torch.tensor([len(step) for *_, step in steps]).cumsum(0)
        places = torch.tensor([(row, place) for row, place, _ in steps])
        words = _sums(self._words, known, share, ends)  # a step is the mean of its rows
        inputs[places[:, 0], places[:, 1]] = words
        last = lengths.cumsum(0)  # steps up to the end of each prefix
        ends = torch.cat([ends.new_zeros(1), ends])[last]
        return inputs, _sums(self._items, known, share, ends).float(), lengths


def _sums(table: Tensor, rows: Tensor, weights: Tensor, ends: Tensor) -> Tensor:
    """Weighted sums of a table's rows, part by part: (N, D), (R,), (R,), (P,) → (P, D)."""
    starts = torch.cat([ends.new_zeros(1), ends[:-1]])
    summed: Tensor = torch.nn.functional.embedding_bag(
        rows, table, starts, mode="sum", per_sample_weights=weights.to(table.dtype)
    )
    return summed
