"""``python -m benchmarks.engines.serving PORT RUNTIME BATCH WORKERS``: LitServe around our encoder.

Photos come as base64 in JSON, as in LitServe's own examples.
"""

from __future__ import annotations

import base64
import sys
from typing import Any

import litserve
import numpy as np
import torch

from benchmarks.machine import CORES
from engine import pixels
from engine.compiled import compile_for
from engine.encoder import Encoder
from engine.local import SHIPPED_WEIGHTS


class Api(litserve.LitAPI):  # type: ignore[misc]  # it has no types
    """A photo in, its features out."""

    def __init__(self, runtime: str, batch: int, threads: int) -> None:
        super().__init__(max_batch_size=batch, batch_timeout=0.005 if batch > 1 else 0.0)
        self._runtime = runtime
        self._threads = threads

    def setup(self, device: str) -> None:
        """Load the encoder, in a process of its own."""
        torch.set_num_threads(self._threads)
        encoder = Encoder.load(SHIPPED_WEIGHTS, torch.device("cpu"))
        self._geometry = encoder.card.geometry
        self._model = compile_for(encoder, self._runtime, 1) or encoder

    def decode_request(self, request: dict[str, str]) -> np.ndarray:
        """Decode the photo, as our engine does."""
        return pixels.decode(base64.b64decode(request["photo"]), self._geometry)

    def batch(self, inputs: list[np.ndarray]) -> np.ndarray:
        """Photos → one array."""
        return np.stack(inputs)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The features of one photo, or of a batch."""
        return self._model.features(x) if x.ndim == 4 else self._model.features(x[None])[0]

    def unbatch(self, output: np.ndarray) -> list[np.ndarray]:
        """One row a photo."""
        return list(output)

    def encode_response(self, output: np.ndarray) -> dict[str, Any]:
        """Half precision, as our embeddings."""
        return {"features": base64.b64encode(output.astype("<f2").tobytes()).decode()}


def main() -> None:
    """Serve until killed."""
    port, runtime, batch, workers = sys.argv[1:]
    api = Api(runtime, int(batch), CORES // int(workers))
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=int(workers))
    server.run(host="127.0.0.1", port=int(port), log_level="warning", generate_client_file=False)


if __name__ == "__main__":
    main()
