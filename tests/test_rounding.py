"""Tables in int8, as heads are written."""

from __future__ import annotations

import pytest
import torch

from engine.door import CheckpointError
from engine.rounding import restored, rounded


def test_a_rounded_table_comes_back_within_half_a_step_of_each_row() -> None:
    table = torch.randn(5, 300) * torch.tensor([1e-3, 0.1, 1.0, 9.0, 0.0])[:, None]
    bias = torch.randn(5)
    stored = rounded({"table": table, "bias": bias}, {"table", "not there"})
    assert stored["table"].dtype == torch.int8
    assert stored["bias"] is bias
    again = restored(stored)
    assert again.keys() == {"table", "bias"}
    step = table.abs().amax(1, keepdim=True) / 127
    assert ((again["table"] - table).abs() <= 0.51 * step + 1e-6).all()
    assert again["table"].dtype == torch.float32


def test_a_table_without_a_scale_for_each_row_is_an_error() -> None:
    stored = rounded({"table": torch.randn(4, 6)}, {"table"})
    for scale in ({}, {"table_scale": torch.ones(3)}):
        with pytest.raises(CheckpointError, match="table is"):
            restored({"table": stored["table"], **scale})
