"""The LSTM's last output ``U_o o(t)`` over a batch of prefixes, for serving.

`torch.nn.LSTM` spends more time on packing sequences and on laying out its weights than on the few
tags of a prefix; this is the same sum step by step.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Reader:
    """`CnnRnn.read` of a model that does not change any more."""

    def __init__(self, lstm: nn.LSTM, projection: Tensor) -> None:
        """Take the weights.

        Args:
            lstm: One layer, batch first.
            projection: ``U_o``: (D, H).
        """
        weights = [one.detach() for one in lstm.parameters()]
        self._inward, self._recurrent, *biases = weights
        self._bias = biases[0] + biases[1]
        self._projection = projection.detach()

    def __call__(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """``U_o o(t)`` after the last tag of each prefix; zero where there is none.

        Args:
            inputs: (B, T, E), padded at the end.
            lengths: (B,).

        Returns:
            (B, D).
        """
        read = inputs.new_zeros(len(inputs), len(self._projection))
        going = [int((lengths > step).sum()) for step in range(inputs.shape[1])]
        order = lengths.argsort(descending=True)[: going[0]]  # those that go on stand first
        if not len(order):
            return read
        driven = functional.linear(inputs[order], self._inward, self._bias)  # (B', T, 4H)
        cell = driven.new_zeros(len(order), self._recurrent.shape[1])
        output = torch.zeros_like(cell)
        for step, some in enumerate(going):
            gates = driven[:some, step]
            if step:
                gates = torch.addmm(gates, output[:some], self._recurrent.T)
            let_in, keep, new, let_out = gates.chunk(4, dim=1)
            kept = torch.sigmoid(keep) * cell[:some] + torch.sigmoid(let_in) * torch.tanh(new)
            cell[:some] = kept
            output[:some] = torch.sigmoid(let_out) * torch.tanh(kept)
        read[order] = functional.linear(output, self._projection)
        return read
