"""`python -m engine features`: what an encoder sees in a manifest's pictures, ``features.npz``.

Between `engine.datasets`, which makes manifests, and `engine.train`, which reads both.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.usage import positive

if TYPE_CHECKING:
    import torch

    from engine.encoder import Encoder

EXAMPLES = """
encoders:
  weights                       any folder with encoder.json and encoder.safetensors
  torchvision:vgg16             a classifier of torchvision without its last layer
  timm:resnet50.a1_in1k         the same of timm (pip install timm)
The last two download the published weights, unless --state names a file with them.

examples:
  python -m engine features runs/coco
  python -m engine features runs/coco --encoder torchvision:vgg16 --save-encoder runs/vgg
"""


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "features",
        help="compute the features of a manifest's pictures",
        description="Write features.npz, row i for line i of the manifest.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "manifest", metavar="MANIFEST", type=Path, help="manifest, or a folder with manifest.jsonl"
    )
    parser.add_argument(
        "--encoder", metavar="NAME", default="weights", help="see below, default weights"
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help="state dict of the backbone, .pth or .safetensors",
    )
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="default features.npz beside the manifest"
    )
    parser.add_argument(
        "--batch", metavar="N", type=positive, default=16, help="pictures at a time, default 16"
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto",
        help="default auto: CUDA when there is one",
    )  # fmt: skip
    parser.add_argument(
        "--cache", metavar="FILE", type=Path,
        help="where features are kept from run to run, default tagalong/features.sqlite in the "
        "user's cache folder",
    )  # fmt: skip
    parser.add_argument(
        "--save-encoder", metavar="DIR", type=Path,
        help="write the encoder itself: beside a head that reads it, both are served",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Compute, write, return the exit status."""
    from engine.datasets.archive import write_features
    from engine.datasets.cache import FeatureCache, usual_place
    from engine.datasets.encode import encode
    from engine.datasets.manifest import file_of
    from engine.datasets.vectors import FEATURES, stored
    from engine.door import EngineError

    try:
        file = file_of(args.manifest)
        pictures, broken = manifest_pictures(file)
        if not any(pictures):
            raise EngineError(f"{file} names no pictures")
        encoder = open_encoder(args.encoder, args.state, _device(args.device))
        if args.save_encoder:
            _save(encoder, args.encoder, args.save_encoder)
        with FeatureCache(args.cache or usual_place(), encoder.card.version) as cache:
            show = _shown(len(pictures))
            vectors, looked = encode(pictures, encoder, cache, args.batch, show)
        seen = sum(vector is not None for vector in vectors)
        if not seen:
            raise EngineError(f"none of the pictures of {file} could be read")
        out = args.out or file.with_name(FEATURES)
        # What was seen in photos whose picture is not here is not thrown away.
        before, note = stored(out, len(vectors), encoder.card.name, encoder.card.version)
        if before is not None:
            vectors = [
                old if new is None else new for new, old in zip(vectors, before.rows, strict=True)
            ]
        write_features(out, vectors, encoder.card)
    except (EngineError, OSError) as error:
        print(f"features: {error}", file=sys.stderr)
        return 1
    print(
        f"{out}: {len(vectors)} lines, {encoder.card.features} features of {encoder.card.name}; "
        f"{looked} computed, {seen - looked} from the cache"
        + (f", {kept} kept" if (kept := sum(one is not None for one in vectors) - seen) else "")
    )
    if note:
        print(note)
    unnamed = sum(picture is None for picture in pictures) - broken
    if lost := len(vectors) - seen:
        print(
            f"not all was well: {lost - broken - unnamed} pictures missing or broken, "
            f"{unnamed} lines without a picture, {broken} broken lines"
        )
    return 0


def manifest_pictures(file: Path) -> tuple[list[Path | None], int]:
    """The picture that each line of a manifest names, and how many lines are broken."""
    from engine.train.data import read_manifest

    photos, numbers, broken = read_manifest(file)
    pictures: list[Path | None] = [None] * (len(photos) + broken)
    for photo, number in zip(photos, numbers, strict=True):
        pictures[number] = None if photo.image is None else file.parent / photo.image
    return pictures, broken


def open_encoder(name: str, state: Path | None, device: torch.device) -> Encoder:
    """Open an encoder by folder or by name.

    Raises:
        CheckpointError: it cannot be had.
    """
    from engine.door import CheckpointError
    from engine.encoder import SHIPPED, Encoder

    if ":" in name:
        from engine.backbones import open_backbone

        return open_backbone(name, state, device)
    if state is not None:
        raise CheckpointError("--state belongs to a backbone of torchvision or timm")
    if name in (SHIPPED, "weights"):
        from engine.local import SHIPPED_WEIGHTS

        return Encoder.load(SHIPPED_WEIGHTS, device)
    if not Path(name).is_dir():
        raise CheckpointError(
            f"there is no encoder {name!r}: it is a folder, torchvision:MODEL or timm:MODEL"
        )
    return Encoder.load(Path(name), device)


def _save(encoder: Encoder, name: str, folder: Path) -> None:
    from engine.backbones import save_encoder
    from engine.door import CheckpointError

    if ":" not in name:
        raise CheckpointError(f"{name} is on disk already: copy its two files to {folder}")
    save_encoder(encoder, folder)


def _device(name: str) -> torch.device:
    import torch

    from engine.door import EngineError
    from engine.encoder import best_device

    if name == "cuda" and not torch.cuda.is_available():
        raise EngineError("there is no CUDA device here")
    return best_device() if name == "auto" else torch.device(name)


def _shown(number: int) -> Callable[[int], None]:
    """Say how far it is, every ten seconds, on standard error."""
    begun = said = time.monotonic()

    def show(done: int) -> None:
        nonlocal said
        if time.monotonic() - said < 10:
            return
        said = time.monotonic()
        rate = done / (said - begun)
        print(f"{done} of {number} pictures, {rate:.1f} a second", file=sys.stderr, flush=True)

    return show
