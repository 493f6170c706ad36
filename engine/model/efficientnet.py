"""EfficientNet-Lite2's convolutional trunk in plain PyTorch: pixels in, a feature map out.

Tan & Le 2019 (arXiv 1905.11946) gives the architecture; the Lite family drops squeeze-and-
excitation and swish for ReLU6. Batch normalisation is folded into the convolutions, so every
convolution here has a bias and nothing behaves differently in training.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Stage:
    """One row of the architecture table (the paper's table 1, scaled to Lite2).

    Attributes:
        expansion: Factor by which a block widens its input before the depthwise convolution.
        kernel: Side of the depthwise kernel.
        stride: Stride of the first block; the others have 1.
        channels: Channels of every block's output.
        blocks: How many blocks.
    """

    expansion: int
    kernel: int
    stride: int
    channels: int
    blocks: int


STEM_CHANNELS = 32
EXACT = 1
"""Blocks that keep float32, like the stem before them, where all others compute in less: rounding
what is nearest to the pixels costs more suggestions than rounding all that follows."""

FEATURES = 1280
STAGES = (
    Stage(expansion=1, kernel=3, stride=1, channels=16, blocks=1),
    Stage(expansion=6, kernel=3, stride=2, channels=24, blocks=3),
    Stage(expansion=6, kernel=5, stride=2, channels=48, blocks=3),
    Stage(expansion=6, kernel=3, stride=2, channels=88, blocks=4),
    Stage(expansion=6, kernel=5, stride=1, channels=120, blocks=4),
    Stage(expansion=6, kernel=5, stride=2, channels=208, blocks=5),
    Stage(expansion=6, kernel=3, stride=1, channels=352, blocks=1),
)


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's "SAME": ceil(n / stride) outputs, the odd pixel last.

    The padding depends on the input's side, and where it is odd PyTorch cannot express it as
    an argument of the convolution: the weights were trained with exactly this alignment.
    """

    def forward(self, input: Tensor) -> Tensor:
        height, width = input.shape[-2:]
        top, bottom = self._padding_of(height)
        left, right = self._padding_of(width)
        if (top, left) != (bottom, right):
            input = F.pad(input, (left, right, top, bottom))
            top = left = 0
        return F.conv2d(input, self.weight, self.bias, self.stride, (top, left), 1, self.groups)

    def _padding_of(self, side: int) -> tuple[int, int]:
        """Zeros before and after an axis of ``side`` pixels."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        outputs = -(-side // stride)
        total = max((outputs - 1) * stride + kernel - side, 0)
        return total // 2, total - total // 2


class Block(nn.Module):
    """Inverted residual: widen 1×1, depthwise k×k, narrow 1×1 without activation."""

    def __init__(self, inputs: int, stage: Stage, stride: int) -> None:
        super().__init__()
        hidden = inputs * stage.expansion
        # The first stage does not widen, and has no convolution for it.
        self.expand = nn.Conv2d(inputs, hidden, 1) if stage.expansion > 1 else None
        self.depthwise = SameConv(hidden, hidden, stage.kernel, stride, groups=hidden)
        self.project = nn.Conv2d(hidden, stage.channels, 1)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(self.expand(x), inplace=True)
        y = F.relu6(self.depthwise(y), inplace=True)
        narrow: Tensor = self.project(y)
        return narrow.add_(x) if self.residual else narrow


class EfficientNetLite2(nn.Module):
    """The trunk up to the last 1×1 convolution and its ReLU6, without pooling or classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = SameConv(3, STEM_CHANNELS, 3, stride=2)
        blocks: list[Block] = []
        channels = STEM_CHANNELS
        for stage in STAGES:
            for index in range(stage.blocks):
                blocks.append(Block(channels, stage, stage.stride if index == 0 else 1))
                channels = stage.channels
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Conv2d(channels, FEATURES, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map normalised RGB to features.

        Args:
            x: ``(B, 3, 260, 260)``, float.

        Returns:
            ``(B, 1280, 9, 9)``, every value in 0–6. Its mean over the positions is the
            photo's feature vector.
        """
        x = F.relu6(self.stem(x), inplace=True)  # (B, 32, 130, 130)
        for place, block in enumerate(self.blocks):  # to (B, 352, 9, 9)
            x = block(x.to(self.head.weight.dtype) if place == EXACT else x)
        return F.relu6(self.head(x), inplace=True)  # (B, 1280, 9, 9)

    def narrow(self, dtype: torch.dtype) -> None:
        """Compute in other numbers from now on, but for the stem and `EXACT` blocks."""
        self.blocks[EXACT:].to(dtype)
        self.head.to(dtype)


def pool(feature_map: Tensor) -> Tensor:
    """Average over positions: ``(B, F, H, W)`` → ``(B, F)``."""
    return torch.mean(feature_map, dim=(2, 3))
