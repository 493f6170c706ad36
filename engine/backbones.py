"""Encoders by name: any classifier of torchvision or timm, in place of the shipped one.

``torchvision:vgg16``, ``timm:resnet50.a1_in1k``. The last layer is taken off, so that what it
read becomes the photo's features; preprocessing is the backbone's own. `engine.features` makes
features with them, and `engine.encoder` serves one whose two files lie beside the head.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from engine.door import CheckpointError
from engine.encoder import (
    CARD_FILE,
    SHIPPED,
    WEIGHTS_FILE,
    Channels,
    Encoder,
    EncoderCard,
    best_device,
    version_of,
)
from engine.pixels import Geometry

AUXILIARY = ("aux1", "aux2", "AuxLogits")
"""Branches that torchvision's Inception networks have while they are trained."""

INITIALISED = ("vgg", "googlenet", "inception")
"""Beginnings of the names of those that draw their weights one by one unless told not to: for
seconds, and in vain where weights are loaded."""


@dataclass(frozen=True)
class Backbone:
    """A network without its last layer, and how it wants its photos.

    Attributes:
        removed: Beginnings of the names of tensors that a whole checkpoint has besides.
    """

    network: nn.Module
    geometry: Geometry
    mean: Channels
    std: Channels
    removed: tuple[str, ...]


def open_backbone(
    name: str, state: Path | None = None, device: torch.device | None = None
) -> Encoder:
    """Build a backbone with its weights.

    Args:
        name: ``torchvision:MODEL`` or ``timm:MODEL``; a ``.TAG`` behind it names the weights
            where there are several.
        state: A state dict of that model on disk; None downloads the published weights.
        device: None takes CUDA when there is one, else the CPU.

    Raises:
        CheckpointError: no such model, or its weights cannot be had.
    """
    backbone = _build(name, published=state is None)
    if state is not None:
        _fill(backbone, state)
    card = EncoderCard(name, "", backbone.geometry, backbone.mean, backbone.std, 0)
    version = version_of(backbone.network.state_dict(), card)
    encoder = Encoder(
        backbone.network, dataclasses.replace(card, version=version), device or best_device()
    )
    encoder.card = dataclasses.replace(encoder.card, features=encoder.measured())
    return encoder


def bare_network(name: str) -> nn.Module:
    """The architecture of that name, its weights still to be loaded.

    Raises:
        CheckpointError: no such model.
    """
    return _build(name, published=False).network


def save_encoder(encoder: Encoder, folder: Path) -> None:
    """Write ``encoder.safetensors`` and ``encoder.json``: put beside a head, they are served."""
    folder.mkdir(parents=True, exist_ok=True)
    card = encoder.card
    save_file(encoder.tensors(), folder / WEIGHTS_FILE)
    (folder / WEIGHTS_FILE).chmod(0o644)  # safetensors writes for the owner alone
    description = {
        "name": card.name,
        "version": card.version,
        "features": card.features,
        "preprocessing": {
            "steps": "EXIF transpose, RGB, shorter side to `resize` (`filter`), centre crop "
            "`crop`, (x/255 - mean)/std",
            "resize": card.geometry.resize,
            "crop": card.geometry.crop,
            "filter": card.geometry.filter,
            "mean": card.mean,
            "std": card.std,
        },
    }
    (folder / CARD_FILE).write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")


def _build(name: str, published: bool) -> Backbone:
    library, _, model = name.partition(":")
    if library == "torchvision" and model:
        return _torchvision(model, published)
    if library == "timm" and model:
        return _timm(model, published)
    raise CheckpointError(
        f"there is no encoder {name!r}: it is {SHIPPED}, torchvision:MODEL or timm:MODEL"
    )


def _torchvision(name: str, published: bool) -> Backbone:
    from torchvision import models

    model, _, tag = name.partition(".")
    try:
        choices: Any = models.get_model_weights(model)
    except ValueError as error:
        raise CheckpointError(f"torchvision has no model {model!r}") from error
    known = [weights.name for weights in choices]
    if tag and tag not in known:
        raise CheckpointError(f"torchvision's {model} has no weights {tag!r}, but {known}")
    weights = choices[tag] if tag else choices.DEFAULT
    preset = weights.transforms()
    if not hasattr(preset, "crop_size"):
        raise CheckpointError(f"torchvision's {model} does not classify pictures")
    try:
        options = {"init_weights": False} if model.startswith(INITIALISED) else {}
        network: Any = models.get_model(model, weights=weights if published else None, **options)
    except (OSError, RuntimeError) as error:  # no connection, or a download that was cut off
        raise _not_had(f"torchvision:{name}", error) from error
    for branch in AUXILIARY:
        if hasattr(network, branch):
            setattr(network, branch, None)
    if hasattr(network, "transform_input"):
        network.transform_input = True  # as their published weights want it, wherever they lie
    geometry = Geometry(preset.resize_size[0], preset.crop_size[0], preset.interpolation.value)
    removed = (_behead(network, name), *AUXILIARY)
    return Backbone(network, geometry, _channels(preset.mean), _channels(preset.std), removed)


def _behead(network: nn.Module, name: str) -> str:
    """Replace the last linear layer, which is the classifier; return its name."""
    linear: list[str] = [
        part for part, module in network.named_modules() if isinstance(module, nn.Linear)
    ]
    if not linear:
        raise CheckpointError(f"torchvision's {name} has no last layer to take off")
    owner, _, leaf = linear[-1].rpartition(".")
    setattr(network.get_submodule(owner), leaf, nn.Identity())
    return linear[-1]


def _timm(name: str, published: bool) -> Backbone:
    try:
        import timm
    except ImportError as error:
        raise CheckpointError(f"timm:{name} needs the package timm: pip install timm") from error
    if not timm.is_model(name.partition(".")[0]):
        raise CheckpointError(f"timm has no model {name!r}")
    try:
        network = timm.create_model(name, pretrained=published, num_classes=0)
    except Exception as error:  # whatever the hub's client raises on the way
        raise _not_had(f"timm:{name}", error) from error
    config: Mapping[str, Any] = timm.data.resolve_model_data_config(network)
    _, height, width = config["input_size"]
    if height != width or config["crop_mode"] != "center":
        raise CheckpointError(f"timm's {name} does not read the middle square of a photo")
    geometry = Geometry(int(height / config["crop_pct"]), height, config["interpolation"])
    classifier = network.default_cfg.get("classifier") or ()
    removed = (classifier,) if isinstance(classifier, str) else tuple(classifier)
    mean, std = _channels(config["mean"]), _channels(config["std"])
    return Backbone(network, geometry, mean, std, removed)


def _not_had(name: str, error: Exception) -> CheckpointError:
    reason = " ".join(str(error).split())
    return CheckpointError(
        f"the weights of {name} could not be downloaded ({reason}); "
        "where there is no connection, give them as a file with --state"
    )


def _fill(backbone: Backbone, state: Path) -> None:
    """Load a state dict, leaving out what was taken off the network."""
    try:
        if state.suffix == ".safetensors":
            tensors = load_file(state)
        else:
            tensors = torch.load(state, map_location="cpu", weights_only=True)
    except Exception as error:  # unpickling raises anything on broken bytes
        known = isinstance(error, OSError | SafetensorError | RuntimeError)
        reason = str(error).partition("\n")[0] if known else "it holds no plain tensors"
        raise CheckpointError(f"cannot read {state}: {reason}") from error
    if not isinstance(tensors, Mapping) or not all(
        isinstance(tensor, Tensor) for tensor in tensors.values()
    ):
        raise CheckpointError(f"{state} is not a state dict")
    beginnings = tuple(f"{part}." for part in backbone.removed)
    kept = {name: value for name, value in tensors.items() if not name.startswith(beginnings)}
    try:
        backbone.network.load_state_dict(kept)
    except RuntimeError as error:
        first = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{state} does not fit the network: {first}…") from error


def _channels(values: Any) -> Channels:
    red, green, blue = map(float, values)
    return red, green, blue
