"""`python -m engine train`: from photos, owners' tags and posts to a head (`engine.head`)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

EXAMPLES = """
examples:
  python -m engine train --data DIR --out weights
      the default head, from a data pack: folders with manifest.jsonl and features.npz,
      harrison/ and hashtag-sets/ with posts
  python -m engine train --manifest photos/manifest.jsonl --out my-head
      a head of one's own from any manifest, one JSON object a line:
      {"image": "images/1.jpg", "tags": ["sea", "sunset"]} ("labels" and "captions" count too);
      features.npz beside the manifest is used if it is there, else the pictures are encoded
  python -m engine train --manifest photos/manifest.jsonl --out my-head --resume
      goes on with a run that was stopped
  torchrun --nproc-per-node=2 -m engine train --data DIR --out my-head
      the same on several GPUs or, without any, processes
"""


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    from engine.train.options import add_knobs
    from engine.usage import whole

    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train",
        help="train the tag model on a folder of features, tags and posts",
        description="Train the head: everything after the CNN.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, metavar="DIR", help="data pack")
    source.add_argument("--manifest", type=Path, metavar="FILE", help="JSONL manifest")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="where the head goes; what there is to look at goes to DIR/report",
    )
    parser.add_argument("--seed", type=whole(0), default=0, help="default 0")
    parser.add_argument("--threads", type=whole(1), default=2, help="CPU threads, default 2")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto",
        help="default auto: CUDA when there is one",
    )  # fmt: skip
    parser.add_argument(
        "--hold-back", type=whole(0), metavar="N",
        help="with --manifest: leave N photos out, drawn by the seed; "
        "evaluate with the same options measures on them",
    )  # fmt: skip
    parser.add_argument(
        "--weights", type=Path, metavar="DIR",
        help="with --manifest: folder of the encoder, default the shipped one",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoint-every", type=whole(0), default=200, metavar="N",
        help="write the whole state to OUT/report every N steps, default 200; 0: never",
    )  # fmt: skip
    parser.add_argument(
        "--resume", action="store_true",
        help="go on from that state, with the same options, to the same weights",
    )  # fmt: skip
    parser.add_argument(
        "--alike-by", type=Path, metavar="DIR",
        help="a trained head whose tag embedding says which tags are alike (default: an "
        "embedding that is factorised from the posts)",
    )  # fmt: skip
    add_knobs(parser)


def run(args: argparse.Namespace) -> int:
    """Train, write the head, return the exit status."""
    from engine.train.command import train_command

    return train_command(args)
