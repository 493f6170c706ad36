"""The CNN compiled for this processor by OpenVINO: the same features as `engine.encoder`, sooner.

PyTorch stays the reference and what heat maps are made with; here the shipped network is written
down once more, layer by layer from its weights, in the form that OpenVINO compiles. In float32 the
features are those of PyTorch to a ten-thousandth. In less, the layers that see the pixels keep
float32: most of what a photo's tags would lose they lose there.
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
from engine.encoder import SHIPPED, Encoder
from engine.model.efficientnet import EXACT, Block, EfficientNetLite2
from engine.precision import BFLOAT16, FLOAT16, FLOAT32, check_precision, for_processor

AUTO, TORCH, OPENVINO = RUNTIMES = ("auto", "torch", "openvino")
"""What the CNN can run in; ``auto`` takes OpenVINO where there is no GPU and it is installed."""

_HINT = "INFERENCE_PRECISION_HINT"
_HINTS = {FLOAT32: "f32", FLOAT16: "f16", BFLOAT16: "bf16"}

_log = logging.getLogger(__name__)


class Compiled:
    """The frozen CNN in OpenVINO. Synchronous; as many threads at a time as it has streams.

    A stream is one core at work on one photo: no core ever waits for another, as it would where
    several share a photo.
    """

    def __init__(self, encoder: Encoder, streams: int, precision: str = FLOAT32) -> None:
        """Take the weights of the shipped encoder.

        Args:
            encoder: Whose features are to be computed.
            streams: Photos at a time.
            precision: ``float32``, ``float16`` or ``bfloat16``. Where the processor lacks it,
                OpenVINO takes another one, which is said in the log.

        Raises:
            NoRuntime: the encoder has another architecture, or OpenVINO cannot be imported or not
                be used on this processor.
        """
        settings = {
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": streams,
            "ENABLE_CPU_PINNING": False,  # the decoding threads need the same cores
        }
        if precision == FLOAT32:
            parts = [(written_down(encoder), FLOAT32)]
        else:
            first, rest = in_two(encoder)
            parts = [(first, FLOAT32), (rest, precision)]
        core = import_openvino().Core()
        try:
            compiled = [
                core.compile_model(part, "CPU", settings | {_HINT: _HINTS[name]})
                for part, name in parts
            ]
            taken = compiled[-1].get_property(_HINT).get_type_name()
        except RuntimeError as error:
            raise NoRuntime(f"OpenVINO cannot be used here: {error}") from error
        self.streams = streams
        self.precision = next((name for name, hint in _HINTS.items() if hint == taken), taken)
        if self.precision != precision:
            _log.warning("this processor lacks %s: OpenVINO takes %s", precision, self.precision)
        self._features = encoder.card.features
        self._idle: SimpleQueue[list[Any]] = SimpleQueue()
        for _ in range(streams):
            self._idle.put([part.create_infer_request() for part in compiled])

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Pooled features of photos, one after the other: see `Encoder.features`.

        Args:
            pixels: uint8 RGB, ``(B, 260, 260, 3)``.

        Returns:
            float32, ``(B, 1280)``.
        """
        features = np.empty((len(pixels), self._features), np.float32)
        parts = self._idle.get()
        try:
            for row, square in zip(features, pixels, strict=True):
                row[:] = reduce(_through, parts, square[None])
        finally:
            self._idle.put(parts)
        return features


def compile_for(
    encoder: Encoder, runtime: str, streams: int, precision: str = AUTO
) -> Compiled | None:
    """Compile the CNN where that was asked for, or pays.

    Args:
        encoder: The reference.
        runtime: One of `RUNTIMES`.
        streams: Photos at a time.
        precision: One of `engine.precision.PRECISIONS`.

    Returns:
        None where the encoder itself is to be used.

    Raises:
        NoRuntime: OpenVINO was asked for by name, and cannot be had.
        ValueError: no such runtime, or no such precision.
    """
    if runtime not in RUNTIMES:
        raise ValueError(f"no such runtime: {runtime!r} (there are: {', '.join(RUNTIMES)})")
    check_precision(precision)
    chosen = for_processor(precision)
    if runtime == OPENVINO:
        return Compiled(encoder, streams, chosen)
    pays = encoder.device.type == "cpu" and encoder.card.name == SHIPPED
    if runtime == TORCH or not pays or importlib.util.find_spec("openvino") is None:
        return None
    try:
        return Compiled(encoder, streams, chosen)
    except NoRuntime as error:  # it is there, but not for this processor
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
    return _Writer(encoder).whole()


def in_two(encoder: Encoder) -> tuple[Any, Any]:
    """The same as two models: the stem and `EXACT` blocks, and what takes what they give.

    Raises:
        NoRuntime: the encoder has another architecture, or OpenVINO cannot be imported.
    """
    return _Writer(encoder).halves()


def _through(x: Any, part: Any) -> Any:
    return part.infer([x], share_inputs=True, share_outputs=True)[0]


class _Writer:
    """Writes a network down in OpenVINO's operations."""

    def __init__(self, encoder: Encoder) -> None:
        if not isinstance(encoder.network, EfficientNetLite2):
            raise NoRuntime(f"OpenVINO is used with {SHIPPED} only, not with {encoder.card.name}")
        self._network, self._card = encoder.network, encoder.card
        self._ov = import_openvino()
        self._op = importlib.import_module("openvino.opset13")

    def whole(self) -> Any:
        pixels = self._pixels()
        x = reduce(self._block, self._network.blocks, self._stem(pixels))
        return self._ov.Model([self._head(x)], [pixels])

    def halves(self) -> tuple[Any, Any]:
        pixels = self._pixels()
        seen = reduce(self._block, self._network.blocks[:EXACT], self._stem(pixels))
        taken = self._op.parameter(list(seen.shape), self._ov.Type.f32)
        x = reduce(self._block, self._network.blocks[EXACT:], taken)
        return self._ov.Model([seen], [pixels]), self._ov.Model([self._head(x)], [taken])

    def _pixels(self) -> Any:
        side = self._card.geometry.crop
        return self._op.parameter([1, side, side, 3], self._ov.Type.u8)

    def _stem(self, pixels: Any) -> Any:
        op = self._op
        x = op.transpose(op.convert(pixels, "f32"), op.constant(np.array([0, 3, 1, 2])))
        mean, std = map(op.constant, self._card.steps)
        x = op.divide(op.subtract(x, mean), std)  # (1, 3, side, side)
        return self._relu6(self._conv(x, self._network.stem))

    def _head(self, x: Any) -> Any:
        x = self._relu6(self._conv(x, self._network.head))  # (1, 1280, 9, 9)
        return self._op.reduce_mean(x, self._op.constant(np.array([2, 3])))  # (1, 1280)

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
