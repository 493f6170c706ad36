"""What was worked out for a photo is not worked out again while people tap on it."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from engine.remembered import MOST, Remembered


def test_each_photo_is_worked_out_once_until_newer_ones_push_it_out() -> None:
    asked: list[int] = []

    def work(photos: Tensor) -> list[float]:
        asked.append(len(photos))
        return [float(one.sum()) for one in photos]

    def photo(number: int) -> np.ndarray:
        return np.array([number, 1], dtype=np.float32)

    remembered = Remembered(work)
    assert remembered.of([photo(1), photo(2), photo(1)]) == [2.0, 3.0, 2.0]
    assert remembered.of([photo(2), photo(3)]) == [3.0, 4.0]
    assert asked == [2, 1]
    # The first was asked for longest ago: it goes, and the second stays.
    remembered.of([photo(2)])
    remembered.of([photo(number) for number in range(10, 10 + MOST - 1)])
    assert asked == [2, 1, MOST - 1]
    assert remembered.of([photo(2)]) == [3.0]
    assert remembered.of([photo(1)]) == [2.0]
    assert asked == [2, 1, MOST - 1, 1]
    # A batch larger than all that is remembered is answered in full.
    many = [photo(number) for number in range(5000, 5000 + MOST + 5)]
    assert remembered.of(many)[-1] == 5000 + MOST + 5
