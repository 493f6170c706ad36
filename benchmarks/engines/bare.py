"""Decoding and the model, and nothing else: a loop on each core. The limit of the machine."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.engines.load import Answers, answered
from benchmarks.machine import CORES
from engine import pixels
from engine.compiled import Compiled, import_openvino, written_down
from engine.encoder import Encoder
from engine.local import SHIPPED_WEIGHTS
from engine.model.efficientnet import pool

Model = Callable[[np.ndarray], Any]
"""Squares of ``(B, 260, 260, 3)`` → features; for one thread."""

Workers = Callable[[], Model]
"""Gives each thread a model of its own."""


class Bare:
    """A runtime without a queue."""

    def __init__(self, load: Callable[[Encoder, int], Workers]) -> None:
        """Take what loads an encoder for batches of a size."""
        self._encoder = Encoder.load(SHIPPED_WEIGHTS, torch.device("cpu"))
        self._load = load
        self._loaded: dict[int, Workers] = {}

    def flat_out(self, photos: Sequence[bytes], batch: int, seconds: float) -> Answers:
        """Photo after photo on every core."""
        workers = self._model(batch)
        began = time.perf_counter()

        def work(first: int) -> list[float]:
            model = workers()
            waits: list[float] = []
            while (asked := time.perf_counter()) < began + seconds:
                mine = [photos[(first + len(waits) + n) % len(photos)] for n in range(batch)]
                model(np.stack([self._square(photo) for photo in mine]))
                waits += [time.perf_counter() - asked] * batch
            return waits

        with ThreadPoolExecutor(CORES) as threads:
            waits = [wait for each in threads.map(work, range(0, 7 * CORES, 7)) for wait in each]
        return answered(None, waits, 0, time.perf_counter() - began)

    def alone(self, photos: Sequence[bytes], seconds: float) -> tuple[float, float]:
        """Median seconds of decoding one photo, and of the model on one, with nothing beside."""
        model = self._model(1)()
        squares = [self._square(photo) for photo in photos]
        decode = median_seconds(self._square, photos, seconds / 2)
        return decode, median_seconds(lambda square: model(square[None]), squares, seconds / 2)

    def _square(self, photo: bytes) -> np.ndarray:
        return pixels.decode(photo, self._encoder.card.geometry)

    def _model(self, batch: int) -> Workers:
        if batch not in self._loaded:
            self._loaded[batch] = self._load(self._encoder, batch)
        return self._loaded[batch]


def openvino(encoder: Encoder, batch: int) -> Workers:
    """What our engine runs on a CPU, in float32."""
    model, side = written_down(encoder), encoder.card.geometry.crop
    model.reshape([batch, side, side, 3])
    settings = {"INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False}
    settings |= dict.fromkeys(("NUM_STREAMS", "INFERENCE_NUM_THREADS"), CORES)
    compiled = import_openvino().Core().compile_model(model, "CPU", settings)

    def worker() -> Model:
        request = compiled.create_infer_request()
        return lambda squares: request.infer([squares])

    return worker


def openvino_bfloat16(encoder: Encoder, batch: int) -> Workers:
    """The same in bfloat16, one photo after the other."""
    compiled = Compiled(encoder, CORES, "bfloat16")
    return lambda: compiled.features


def onnxruntime(encoder: Encoder, batch: int) -> Workers:
    """ONNX Runtime, with the graph that PyTorch exports."""
    from onnxruntime import InferenceSession, SessionOptions

    side = encoder.card.geometry.crop
    squares = torch.zeros(batch, side, side, 3, dtype=torch.uint8)
    program = torch.onnx.export(_Whole(encoder).eval(), (squares,), dynamo=True, verbose=False)
    assert program is not None
    graph = program.model_proto.SerializeToString()
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a core a thread of ours
    session = InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    return lambda: lambda pixels: session.run(None, {taken.name: pixels})


class _Whole(nn.Module):
    """From pixels to features, as one graph."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self._network = encoder.network
        for name, part in zip(("mean", "std"), encoder.card.steps, strict=True):
            self.register_buffer(name, torch.from_numpy(part))

    def forward(self, squares: Tensor) -> Tensor:
        x = squares.permute(0, 3, 1, 2).float()
        seen: Tensor = self._network((x - self.get_buffer("mean")) / self.get_buffer("std"))
        return pool(seen)


def median_seconds(work: Callable[[Any], Any], items: Sequence[Any], seconds: float) -> float:
    """How long work takes on one item after the other, measured for so long."""
    end = time.perf_counter() + seconds
    taken: list[float] = []
    for item in itertools.cycle(items):
        began = time.perf_counter()
        if began > end:
            return float(np.median(taken))
        work(item)
        taken.append(time.perf_counter() - began)
    raise ValueError("nothing to measure")
