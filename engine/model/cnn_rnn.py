"""The CNN-RNN of Wang et al. (CVPR 2016) after the CNN: tag embedding, LSTM, joint embedding.

`engine.decoder` runs it for every tap, `engine.train` trains it. Symbols of section 3.1 stand
beside the lines that compute them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Dimensions:
    """Sizes that fix the shape of every tensor of a head.

    Attributes:
        features: F, numbers that the CNN says about a photo.
        tags: V, size of the vocabulary; the tables have one more row, END.
        joint: D, width of the space that images and tags share.
        reading: E, width in which the LSTM reads a tag (64 in the paper).
        recurrent: H, units of the LSTM.
        gates: Prefix lengths with a gate of their own; longer ones share the last.
    """

    features: int
    tags: int
    joint: int
    reading: int
    recurrent: int
    gates: int = 6

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"dimensions: {name} is {value!r}, not a whole number above 0")


class CnnRnn(nn.Module):
    """Scores of every tag and END for photos (or none) and prefixes (or none).

    ``s = a(k) · U_lᵀ h(U_o o + U_I I) + g(k) · item(prefix) + b`` with a ReLU ``h``: linear in
    the photo's features before the ReLU, so that the photo's part of a logit splits exactly
    over the positions of the feature map. The gates a and g depend on the prefix length k and
    on whether there is a photo; the item–item term stands outside of the joint embedding.
    """

    feature_mean: Tensor
    feature_scale: Tensor
    probe_tags: Tensor

    def __init__(
        self,
        dims: Dimensions,
        dropout: float = 0.0,
        feature_dropout: float = 0.0,
        probes: int = 0,
    ) -> None:
        """Build it with random weights.

        Args:
            probes: The last units of the joint embedding are linear probes: neither they nor
                what they say about the tags (``probe_tags``) learns, and no dropout hides them.
                `settle` makes them units like all others.
        """
        super().__init__()
        rows = dims.tags + 1
        self.dims = dims
        width = dims.joint - probes
        self.tag_embedding = nn.Parameter(torch.randn(rows, width) * dims.joint**-0.5)  # U_l
        self.tag_bias = nn.Parameter(torch.zeros(rows))
        self.reading = nn.Linear(dims.joint, dims.reading, bias=False)
        self.lstm = nn.LSTM(dims.reading, dims.recurrent, batch_first=True)
        self.prefix_projection = nn.Linear(dims.recurrent, dims.joint, bias=False)  # U_o
        self.image_projection = nn.Linear(dims.features, width)  # U_I
        self.probe_projection = None
        if probes:
            self.probe_projection = nn.Linear(dims.features, probes).requires_grad_(False)
            self.register_buffer("probe_tags", torch.zeros(rows, probes))
        self.no_image = nn.Parameter(torch.zeros(dims.joint))
        self.item_item = nn.Parameter(torch.zeros(rows, rows))  # row: tag read, column: tag scored
        self.joint_gate = nn.Parameter(torch.ones(2, dims.gates))  # [no photo, photo] × length
        self.item_gate = nn.Parameter(torch.ones(2, dims.gates))
        self.register_buffer("feature_mean", torch.zeros(dims.features))
        self.register_buffer("feature_scale", torch.ones(dims.features))
        self.dropout = nn.Dropout(dropout)
        self.feature_dropout = nn.Dropout(feature_dropout) if feature_dropout else nn.Identity()

    def standardise(self, features: Tensor) -> Tensor:
        """Features to zero mean and unit variance: (B, F) → (B, F)."""
        return (features - self.feature_mean) * self.feature_scale

    def project(self, features: Tensor, probed: Tensor | None = None) -> Tensor:
        """``U_I I``, once a photo: (B, F) → (B, D).

        Args:
            probed: (B, P) what the probes say, where it is not asked of them now.
        """
        standard = self.standardise(features)
        projected: Tensor = self.image_projection(self.feature_dropout(standard))
        if self.probe_projection is not None:
            if probed is None:
                probed = self.probe_projection(standard)
            projected = torch.cat([projected, probed.to(projected.dtype)], dim=1)
        return projected

    def words(self) -> Tensor:
        """``w = U_l e`` of every tag, narrowed to what the LSTM reads: (V + 1, E)."""
        narrow: Tensor = self.reading(self.embedding())
        return narrow

    def embedding(self) -> Tensor:
        """``U_l``: (V + 1, D)."""
        if self.probe_projection is None:
            return self.tag_embedding
        return torch.cat([self.tag_embedding, self.probe_tags], dim=1)

    def read(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """``U_o o(t)`` after the last tag of each prefix; zero where there is none.

        Args:
            inputs: (B, T, E) rows of `words`, padded at the end.
            lengths: (B,) on the CPU.

        Returns:
            (B, D).
        """
        term = inputs.new_zeros(len(inputs), self.dims.joint)
        some = lengths > 0
        if not bool(some.any()):
            return term
        packed = nn.utils.rnn.pack_padded_sequence(
            inputs[some], lengths[some], batch_first=True, enforce_sorted=False
        )
        _, (output, _) = self.lstm(packed)  # (1, B', H)
        read = self.prefix_projection(output[0])  # (B', D)
        return term.index_copy(0, some.nonzero().flatten().to(term.device), read.to(term.dtype))

    def join(self, image_term: Tensor, prefix_term: Tensor) -> Tensor:
        """The joint embedding ``x = h(U_o o + U_I I)``: (B, D), (B, D) → (B, D)."""
        return functional.relu(image_term + prefix_term)

    def score(
        self,
        joint: Tensor,
        item: Tensor,
        has_image: Tensor,
        lengths: Tensor,
        readout: Callable[[Tensor], Tensor] | None = None,
    ) -> Tensor:
        """Logits of all tags and END.

        Args:
            joint: (B, D).
            item: (B, V + 1) the item–item term, summed over the prefix's tags.
            has_image: (B,) bool.
            lengths: (B,).
            readout: Gives ``U_lᵀ x`` in its own way: (B, D) → (B, V + 1).

        Returns:
            (B, V + 1).
        """
        gate = lengths.clamp(max=self.dims.gates - 1)
        kind = has_image.long()
        if readout is None:
            scores = functional.linear(self._thinned(joint), self.embedding())  # U_lᵀ x
        else:
            scores = readout(joint)
        scores = scores * self.joint_gate[kind, gate].unsqueeze(1) + self.tag_bias
        return scores + item * self.item_gate[kind, gate].unsqueeze(1)

    def _thinned(self, joint: Tensor) -> Tensor:
        """The joint embedding after dropout, which leaves the probes alone: (B, D) → (B, D)."""
        if self.probe_projection is None:
            thinned: Tensor = self.dropout(joint)
            return thinned
        learned = self.image_projection.out_features
        return torch.cat([self.dropout(joint[:, :learned]), joint[:, learned:]], dim=1)

    def settle(self) -> CnnRnn:
        """The same model with the probes as the last rows of ``U_I``."""
        if self.probe_projection is None:
            return self
        plain = CnnRnn(self.dims)
        state = self.state_dict()
        state["tag_embedding"] = self.embedding()
        del state["probe_tags"]
        for name in ("weight", "bias"):
            probes = state.pop(f"probe_projection.{name}")
            state[f"image_projection.{name}"] = torch.cat(
                [state[f"image_projection.{name}"], probes]
            )
        plain.load_state_dict(state)
        return plain.eval()
