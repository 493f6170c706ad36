"""Who is measured. Each takes the bytes of a photo to its features, in its own way.

All but VGG-16 run the shipped encoder with the same weights.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from benchmarks.machine import CORES
from engine.decoder import Query, TagDecoder
from engine.door import ImageEmbedding
from engine.encoder import Encoder
from engine.local import SHIPPED_WEIGHTS, LocalRecommender
from engine.model.efficientnet import pool

PREFIXES = ((), ("travel",), ("travel", "summer"), ("love", "art", "fun"))


class Rival(Protocol):
    """Somebody who looks at photos, and perhaps suggests tags."""

    async def look(self, photo: bytes) -> Any:
        """Features of a photo."""
        ...

    async def tap(self, number: int) -> None:
        """The suggestions of one tap."""
        ...


class Tagalong:
    """The engine of this project."""

    def __init__(self, engine: LocalRecommender, image: ImageEmbedding) -> None:
        self._engine = engine
        self._image = image
        self._callers = itertools.count()

    @classmethod
    async def open(cls, runtime: str, precision: str, photo: bytes) -> Tagalong:
        engine = await LocalRecommender.open(runtime=runtime, precision=precision)
        return cls(engine, await engine.look(photo))

    async def look(self, photo: bytes) -> ImageEmbedding:
        return await self._engine.look(photo, caller=next(self._callers) % 100)

    async def tap(self, number: int) -> None:
        await self._engine.suggest(self._image, PREFIXES[number % len(PREFIXES)], caller=number)


class Eager:
    """One request after the other in eager PyTorch: decoded in full, batches of one."""

    def __init__(self, network: nn.Module, resize: int, crop: int, mean: Any, std: Any) -> None:
        self._network = network.eval().to(memory_format=torch.contiguous_format)
        self._sides = resize, crop
        self._mean, self._std = (torch.tensor(v).reshape(-1, 1, 1) for v in (mean, std))
        self._thread = ThreadPoolExecutor(1)
        self._decoder = TagDecoder.load(SHIPPED_WEIGHTS)
        self._features = np.zeros(self._decoder.feature_size, np.float32)
        torch.set_num_threads(CORES)

    async def look(self, photo: bytes) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._look, photo)

    async def tap(self, number: int) -> None:
        query = Query(self._features, PREFIXES[number % len(PREFIXES)])
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._decoder.suggest, [query])

    @torch.inference_mode()
    def _look(self, photo: bytes) -> np.ndarray:
        x = torch.from_numpy(self._decode(photo)).permute(2, 0, 1).contiguous().float() / 255
        y: Tensor = self._network(((x - self._mean) / self._std)[None])
        features: np.ndarray = (pool(y) if y.ndim == 4 else y).numpy()
        return features

    def _decode(self, photo: bytes) -> np.ndarray:
        picture = Image.open(io.BytesIO(photo)).convert("RGB")
        resize, crop = self._sides
        scale = resize / min(picture.size)
        width, height = (round(scale * side) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
        left, top = (width - crop) // 2, (height - crop) // 2
        return np.array(picture.crop((left, top, left + crop, top + crop)))


def eager() -> Eager:
    """The shipped encoder, one request after the other."""
    encoder = Encoder.load(SHIPPED_WEIGHTS, torch.device("cpu"))
    card = encoder.card
    sides = card.geometry.resize, card.geometry.crop
    return Eager(encoder.network, *sides, card.mean, card.std)


def vgg16() -> Eager:
    """VGG-16 up to its last hidden layer, with random weights: they do not change its speed."""
    from torchvision.models import vgg16 as network

    whole = network(weights=None)
    whole.classifier = whole.classifier[:-1]
    return Eager(whole, 256, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
