"""What serves pages computes what was trained, in its own way."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from engine.model.cnn_rnn import CnnRnn, Dimensions
from engine.model.reader import Reader
from engine.model.readout import Readout


@pytest.mark.parametrize("lengths", [[1], [0], [3, 0, 1, 5, 1], [0, 0]])
def test_prefixes_are_read_as_by_the_lstm_that_was_trained(lengths: list[int]) -> None:
    torch.manual_seed(0)
    model = CnnRnn(Dimensions(features=3, tags=9, joint=8, reading=4, recurrent=6)).eval()
    inputs = torch.randn(len(lengths), max(1, *lengths), 4)
    with torch.inference_mode():
        read = Reader(model.lstm, model.prefix_projection.weight)(inputs, torch.tensor(lengths))
        meant = model.read(inputs, torch.tensor(lengths))
    assert torch.allclose(read, meant, atol=1e-6)
    assert bool((read[torch.tensor(lengths) == 0] == 0).all())


@pytest.mark.parametrize("photos", [1, 2, 3, 20])
@pytest.mark.parametrize("probes", [0, 30, 50])
def test_scores_are_the_product_however_many_photos_and_probes(photos: int, probes: int) -> None:
    """The last units speak of two tags each; one photo of the batch lights none."""
    torch.manual_seed(0)
    embedding = torch.randn(200, 50)
    spoken = torch.rand(200, probes).argsort(0) < 2
    embedding[:, 50 - probes :] *= spoken
    joint = torch.randn(photos, 50).relu()
    joint[-1] = 0
    scores = Readout(embedding)(joint)
    assert torch.allclose(scores, functional.linear(joint, embedding), atol=1e-5)
