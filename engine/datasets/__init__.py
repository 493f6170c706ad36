"""`python -m engine data`: other people's data sets, and one's own picks, as plain manifests.

Every kind is read by a module of this package, all through one interface
(`engine.datasets.source`); training and evaluation know manifests alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

SPLITS = ("train", "val", "trainval", "test")
EXAMPLES = """
kinds:
  harrison   folder with tag_list.txt and data_list.txt; photos in instagram_dataset/
  coco       folder with annotations/instances_*.json, or one such file; captions count too
  nuswide    folder with ImageList/, Groundtruth/ and, for the tags, NUS_WID_Tags/
  voc        VOCdevkit, or the folder of one year in it
  manifest   JSON Lines: {"image": "a.jpg", "tags": ["sea"]}; "labels" and "captions" count too
  picks      what python -m storage export writes, a .json with such objects in a list, or
             what a chat's /export sent; features come from it, too

examples:
  python -m engine data coco COCO --split train --out runs/coco
  python -m engine data picks picks.jsonl --out runs/picks
docs/TRAINING.md says more.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "data",
        help="convert a data set, or people's own picks, to a manifest",
        description="Write FOLDER/manifest.jsonl: one line for each photo that is there.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "kind",
        metavar="KIND",
        choices=("harrison", "coco", "nuswide", "voc", "manifest", "picks"),
        help="the form that SOURCE has, see below",
    )
    parser.add_argument("source", metavar="SOURCE", type=Path, help="folder or file")
    parser.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="where to write")
    parser.add_argument(
        "--images", metavar="DIR", type=Path, help="folder of the photos, if not in SOURCE"
    )
    parser.add_argument("--split", choices=SPLITS, help="only this part (default: everything)")
    parser.add_argument(
        "--weights", metavar="DIR", type=Path,
        help="picks: folder of the encoder that saw the photos, default the shipped one",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Convert, report, return the exit status."""
    from engine.datasets.command import data_command

    return data_command(args)
