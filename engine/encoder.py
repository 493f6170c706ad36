"""The CNN with its weights: uint8 pixels in, feature vectors out, on whatever device there is.

The first half of the engine's flow; `engine.decoder` takes the features from here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.door import CheckpointError, NoHeatmap
from engine.model.efficientnet import FEATURES, EfficientNetLite2, pool
from engine.pixels import Geometry

SHIPPED = "tf_efficientnet_lite2"
"""Name of the encoder that is shipped, and the one that this package itself implements."""

Channels = float | tuple[float, float, float]
"""One value for red, green and blue alike, or one for each."""

WEIGHTS_FILE = "encoder.safetensors"
CARD_FILE = "encoder.json"


@dataclass(frozen=True)
class EncoderCard:
    """What travels with the weights, so that nothing about them is guessed at load time.

    Attributes:
        name: The architecture and its training, in timm's words; a head says which it reads.
        version: Names these weights and this preprocessing; every embedding carries it.
        geometry: How a photo becomes a square of pixels.
        mean: Subtracted from RGB in 0–1.
        std: Divides what is left.
        features: Length of a feature vector.
    """

    name: str
    version: str
    geometry: Geometry
    mean: Channels
    std: Channels
    features: int

    @property
    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and std in steps of a pixel: float32, ``(3, 1, 1)``, or ``(1, 1, 1)`` for all."""
        mean, std = (
            np.float32(np.multiply(255, value)).reshape(-1, 1, 1) for value in (self.mean, self.std)
        )
        return mean, std

    @classmethod
    def read(cls, path: Path) -> EncoderCard:
        """Read ``encoder.json``.

        Raises:
            CheckpointError: missing, not JSON, or incomplete.
        """
        try:
            card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            preprocessing = card["preprocessing"]
            return cls(
                name=str(card["name"]),
                version=str(card["version"]),
                geometry=_geometry(preprocessing),
                mean=_channels(preprocessing["mean"]),
                std=_channels(preprocessing["std"]),
                features=int(card["features"]),
            )
        except OSError as error:
            raise CheckpointError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{path} does not describe an encoder: {error!r}") from error


class Encoder:
    """The frozen CNN. Synchronous; one thread at a time."""

    def __init__(self, model: nn.Module, card: EncoderCard, device: torch.device) -> None:
        """Take a network that gives a feature map, or features that are pooled already."""
        self.card = card
        self.device = device
        self._taken = torch.float32
        self._stream: torch.cuda.Stream | None = None
        if device.type == "cuda":  # no other work on the GPU is waited for
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            # Of its own accord cuDNN rounds float32 to TF32, which has the digits of float16.
            torch.backends.cudnn.allow_tf32 = False
        # Channels-last is how the pixels arrive, and the quicker layout on CPU and GPU alike.
        with self._on_stream():
            self._model: nn.Module = model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
            self._mean, self._std = (torch.from_numpy(part).to(device) for part in card.steps)

    @classmethod
    def load(cls, folder: Path, device: torch.device | None = None) -> Encoder:
        """Load ``encoder.safetensors`` and ``encoder.json``.

        Args:
            folder: Where the two files are.
            device: None takes CUDA when there is one, else the CPU.

        Raises:
            CheckpointError: a file is missing or broken, or the two do not belong together.
        """
        card = EncoderCard.read(folder / CARD_FILE)
        path = folder / WEIGHTS_FILE
        try:
            tensors = load_file(path)
        except (OSError, SafetensorError) as error:
            raise CheckpointError(f"cannot read {path}: {error}") from error
        if card.version != version_of(tensors, card):
            raise CheckpointError(f"{path} is not the file that {CARD_FILE} describes")
        model = _network(card.name)
        try:
            model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        except RuntimeError as error:
            raise CheckpointError(f"{path} does not fit the network: {error}") from error
        encoder = cls(model, card, device or best_device())
        made = FEATURES if card.name == SHIPPED else encoder.measured()
        if card.features != made:
            raise CheckpointError(f"{CARD_FILE} announces {card.features} features, not {made}")
        return encoder

    @property
    def network(self) -> nn.Module:
        """The CNN itself."""
        return self._model

    def compute_in(self, precision: str) -> None:
        """Run in other numbers from now on; features and maps are float32 all the same.

        Args:
            precision: ``float32``, ``float16`` or ``bfloat16``.
        """
        dtype: torch.dtype = getattr(torch, precision)
        with self._on_stream():
            if isinstance(self._model, EfficientNetLite2):
                self._model.narrow(dtype)
            else:
                self._model.to(dtype)
                self._taken = dtype

    def measured(self) -> int:
        """Length of the vector that a blank photo gets.

        Raises:
            CheckpointError: the network does not give one vector a photo at this size.
        """
        side = self.card.geometry.crop
        try:
            features = self.features(np.zeros((1, side, side, 3), np.uint8))
        except (RuntimeError, TypeError, AttributeError, AssertionError) as error:
            raise CheckpointError(f"{self.card.name} cannot be run: {error}") from error
        if features.ndim != 2 or not np.isfinite(features).all():
            raise CheckpointError(f"{self.card.name} does not give one vector of numbers a photo")
        return int(features.shape[1])

    @torch.inference_mode()
    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Pooled features of a batch of photos.

        Args:
            pixels: uint8 RGB, ``(B, 260, 260, 3)``.

        Returns:
            float32, ``(B, 1280)``.
        """
        with self._on_stream():
            seen = self._run(pixels)  # (B, 1280, 9, 9); others' often (B, F)
            pooled = pool(seen) if seen.ndim == 4 else seen  # (B, 1280)
            features: np.ndarray = pooled.cpu().numpy()
        return features

    @torch.inference_mode()
    def spots(self, pixels: np.ndarray) -> np.ndarray:
        """The feature map of one photo, whose mean over the positions is its features.

        Args:
            pixels: uint8 RGB, ``(260, 260, 3)``.

        Returns:
            float32, ``(9, 9, 1280)``.

        Raises:
            NoHeatmap: the network gives features that are pooled already.
        """
        with self._on_stream():
            seen = self._run(np.stack([pixels]))  # (1, 1280, 9, 9)
            if seen.ndim != 4:
                raise NoHeatmap(f"{self.card.name} does not tell one spot of a photo from another")
            spots: np.ndarray = seen[0].permute(1, 2, 0).cpu().numpy()
        return spots

    def tensors(self) -> dict[str, Tensor]:
        """The weights, to be written to disk."""
        state = self._model.state_dict()
        return {name: value.cpu().contiguous().clone() for name, value in state.items()}

    def _on_stream(self) -> AbstractContextManager[Any]:
        """The GPU's work in an order of its own; nothing to do on a CPU."""
        return nullcontext() if self._stream is None else torch.cuda.stream(self._stream)

    def _run(self, pixels: np.ndarray) -> Tensor:
        """What the network makes of pixels, in float32 again."""
        seen: Tensor = self._model(self._normalise(pixels).to(self._taken))
        return seen.float()

    def _normalise(self, pixels: np.ndarray) -> Tensor:
        """Bring pixels to the device and to the range that the network was trained on."""
        raw = torch.from_numpy(pixels)
        if self.device.type == "cuda":
            raw = raw.pin_memory()  # the copy needs no thread of the CPU then
        x = raw.to(self.device, non_blocking=True)  # (B, 260, 260, 3)
        x = x.permute(0, 3, 1, 2).float()  # (B, 3, 260, 260), channels-last in memory
        return x.sub_(self._mean).div_(self._std)


def best_device() -> torch.device:
    """CUDA when there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def version_of(tensors: Mapping[str, Tensor], card: EncoderCard) -> str:
    """Name an encoder after its content: weights and preprocessing.

    Two encoders with the same version give the same features, and a checkpoint whose files
    were mixed up or damaged is noticed when it is loaded.
    """
    geometry = card.geometry
    steps = f"{geometry.resize},{geometry.crop},{card.mean},{card.std}"
    if geometry.filter != Geometry.filter:
        steps += f",{geometry.filter}"
    digest = hashlib.sha256(steps.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    family = "efficientnet-lite2" if card.name == SHIPPED else re.sub(r"\W+", "-", card.name)
    return f"{family}-{digest.hexdigest()[:12]}"


def _network(name: str) -> nn.Module:
    """The architecture of that name, without weights.

    Raises:
        CheckpointError: there is none.
    """
    if name == SHIPPED:
        return EfficientNetLite2()
    from engine.backbones import bare_network

    return bare_network(name)


def _geometry(preprocessing: Mapping[str, Any]) -> Geometry:
    resampling = Image.Resampling[str(preprocessing.get("filter", Geometry.filter)).upper()]
    resize, crop = int(preprocessing["resize"]), int(preprocessing["crop"])
    return Geometry(resize, crop, resampling.name.lower())


def _channels(value: Any) -> Channels:
    if isinstance(value, list):
        red, green, blue = map(float, value)
        return red, green, blue
    return float(value)
