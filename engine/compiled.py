"""The CNN compiled for this processor by OpenVINO: the same features as `engine.encoder`, sooner.

PyTorch stays the reference and what heat maps are made with; here the shipped network is written
down once more, layer by layer from its weights, in the form that OpenVINO compiles. All arithmetic
is in float32, so the features are those of PyTorch to a ten-thousandth.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from functools import reduce
from queue import SimpleQueue
from typing import Any

import numpy as np
from torch import nn

from engine.door import NoRuntime
from engine.encoder import SHIPPED, Channels, Encoder, EncoderCard
from engine.model.efficientnet import Block, EfficientNetLite2

AUTO, TORCH, OPENVINO = RUNTIMES = ("auto", "torch", "openvino")
"""What the CNN can run in; ``auto`` takes OpenVINO where there is no GPU and it is installed."""

_log = logging.getLogger(__name__)


class Compiled:
    """The frozen CNN in OpenVINO. Synchronous; as many threads at a time as it has streams.

    A stream is one core at work on one photo: no core ever waits for another, as it would where
    several share a photo.
    """

    def __init__(self, encoder: Encoder, streams: int) -> None:
        """Take the weights of the shipped encoder.

        Args:
            encoder: Whose features are to be computed.
            streams: Photos at a time.

        Raises:
            NoRuntime: the encoder has another architecture, or OpenVINO cannot be imported.
        """
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",  # unasked it takes bfloat16 where there is that
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": streams,
            "ENABLE_CPU_PINNING": False,  # the decoding threads need the same cores
        }
        model = written_down(encoder)
        compiled = import_openvino().Core().compile_model(model, "CPU", settings)
        self.streams = streams
        self._features = encoder.card.features
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(streams):
            self._idle.put(compiled.create_infer_request())

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Pooled features of photos, one after the other: see `Encoder.features`.

        Args:
            pixels: uint8 RGB, ``(B, 260, 260, 3)``.

        Returns:
            float32, ``(B, 1280)``.
        """
        features = np.empty((len(pixels), self._features), np.float32)
        request = self._idle.get()
        try:
            for row, square in zip(features, pixels, strict=True):
                row[:] = request.infer([square[None]], share_inputs=True, share_outputs=True)[0]
        finally:
            self._idle.put(request)
        return features


def compile_for(encoder: Encoder, runtime: str, streams: int) -> Compiled | None:
    """Compile the CNN where that was asked for, or pays.

    Args:
        encoder: The reference.
        runtime: One of `RUNTIMES`.
        streams: Photos at a time.

    Returns:
        None where the encoder itself is to be used.

    Raises:
        NoRuntime: OpenVINO was asked for by name, and cannot be had.
        ValueError: no such runtime.
    """
    if runtime not in RUNTIMES:
        raise ValueError(f"no such runtime: {runtime!r} (there are: {', '.join(RUNTIMES)})")
    if runtime == OPENVINO:
        return Compiled(encoder, streams)
    pays = encoder.device.type == "cpu" and encoder.card.name == SHIPPED
    if runtime == TORCH or not pays or importlib.util.find_spec("openvino") is None:
        return None
    try:
        return Compiled(encoder, streams)
    except (NoRuntime, RuntimeError) as error:  # it is there, but not for this processor
        _log.warning("OpenVINO cannot be used, PyTorch is: %s", error)
        return None


def import_openvino() -> Any:
    """Import OpenVINO without its converter of models, which reports every import to its makers.

    Raises:
        NoRuntime: it is not installed, or broken.
    """
    converter = "openvino.tools.ovc"
    hidden = converter not in sys.modules
    if hidden:
        sys.modules[converter] = None  # type: ignore[assignment]  # importing it fails, and may
    try:
        return importlib.import_module("openvino")
    except ImportError as error:
        raise NoRuntime(f"OpenVINO cannot be imported ({error}): pip install openvino") from error
    finally:
        if hidden:
            del sys.modules[converter]


def written_down(encoder: Encoder) -> Any:
    """The shipped encoder as a model of OpenVINO: one photo of uint8 RGB → its features.

    Raises:
        NoRuntime: the encoder has another architecture, or OpenVINO cannot be imported.
    """
    if not isinstance(encoder.network, EfficientNetLite2):
        raise NoRuntime(f"OpenVINO is used with {SHIPPED} only, not with {encoder.card.name}")
    return _Writer(import_openvino()).model(encoder.network, encoder.card)


class _Writer:
    """Writes a network down in OpenVINO's operations."""

    def __init__(self, ov: Any) -> None:
        self._ov = ov
        self._op = importlib.import_module("openvino.opset13")

    def model(self, network: EfficientNetLite2, card: EncoderCard) -> Any:
        op, side = self._op, card.geometry.crop
        pixels = op.parameter([1, side, side, 3], self._ov.Type.u8)
        x = op.transpose(op.convert(pixels, "f32"), op.constant(np.array([0, 3, 1, 2])))
        x = op.subtract(x, self._channels(card.mean))  # (1, 3, side, side)
        x = op.divide(x, self._channels(card.std))
        x = self._relu6(self._conv(x, network.stem))
        x = reduce(self._block, network.blocks, x)
        x = self._relu6(self._conv(x, network.head))  # (1, 1280, 9, 9)
        x = op.reduce_mean(x, op.constant(np.array([2, 3])))  # (1, 1280)
        return self._ov.Model([x], [pixels])

    def _block(self, x: Any, block: nn.Module) -> Any:
        assert isinstance(block, Block)
        y = x if block.expand is None else self._relu6(self._conv(x, block.expand))
        y = self._relu6(self._conv(y, block.depthwise))
        y = self._conv(y, block.project)
        return self._op.add(y, x) if block.residual else y

    def _conv(self, x: Any, conv: nn.Conv2d) -> Any:
        """A convolution with its bias, padded as `engine.model.efficientnet.SameConv` says."""
        weight = conv.weight.detach().cpu().contiguous().numpy()  # (O, I, k, k)
        convolve = self._op.convolution
        if conv.groups > 1:
            weight = weight.reshape(conv.groups, -1, *weight.shape[1:])  # (G, O / G, I, k, k)
            convolve = self._op.group_convolution
        none, stride = [0, 0], list(conv.stride)
        y = convolve(x, self._op.constant(weight), stride, none, none, [1, 1], "same_upper")
        assert conv.bias is not None
        return self._op.add(y, self._op.constant(conv.bias.detach().cpu().numpy()[:, None, None]))

    def _relu6(self, x: Any) -> Any:
        return self._op.clamp(x, 0.0, 6.0)

    def _channels(self, value: Channels) -> Any:
        """A value for each channel, or one for all, in steps of a pixel."""
        return self._op.constant(np.float32(np.multiply(255, value)).reshape(-1, 1, 1))
