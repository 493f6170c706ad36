"""``python -m engine explain``: a picture of where in a photo a hashtag comes from.

The numbers come through the engine's door, the picture from `engine.heatmap`.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from pathlib import Path
from typing import Any

from engine import EngineError, Heatmap, draw_heatmap, open_recommender
from engine.answers import read_photo, reason

EXAMPLE = """
example:
  python -m engine explain photo.jpg --prefix beach sunset --tag sea --out map.png
"""


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "explain",
        help="draw where in a photo a hashtag comes from",
        description="Draw where in a photo a hashtag comes from: before the first tag of the "
        "prefix, and after each.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="a picture file")
    parser.add_argument("--tag", metavar="TAG", required=True, help="the hashtag to explain")
    parser.add_argument(
        "--prefix", metavar="TAG", nargs="*", action="extend", default=[],
        help="hashtags chosen so far, in order",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoint",
        metavar="DIR",
        type=Path,
        help="a head of one's own, default the shipped one",
    )
    parser.add_argument(
        "--out", metavar="FILE", type=_png,
        help="the picture, a .png; default PHOTO-TAG-heatmap.png beside the photo",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Explain, write the picture, say in a sentence what it shows; return the exit status."""
    file: Path = args.photo
    try:
        heatmap, picture = asyncio.run(_explain(args))
        file = args.out or _beside(args.photo, heatmap.tag)
        if file.exists() and file.samefile(args.photo):
            raise EngineError("this is the photo itself, which stays as it is")
        file.write_bytes(picture)
    except Exception as error:  # whatever it is, people get one line about it
        print(_printable(f"explain: {file}: {reason(error)}"), file=sys.stderr)
        return 1
    print(_printable(f"{sentence(heatmap)}\n{file}"))
    return 0


async def _explain(args: argparse.Namespace) -> tuple[Heatmap, bytes]:
    """The heat map and its picture.

    Raises:
        EngineError: the photo or the tag cannot be explained.
        OSError: the photo cannot be read.
    """
    photo = read_photo(str(args.photo))
    engine = await open_recommender("local", args.checkpoint)
    try:
        heatmap = await engine.explain(photo, args.prefix, args.tag)
    finally:
        await engine.close()
    return heatmap, await draw_heatmap(heatmap)


def sentence(heatmap: Heatmap) -> str:
    """How much comes from the photo and how much from the tags, against an average hashtag."""
    tag, after = f"#{heatmap.tag}", " ".join(f"#{each}" for each in heatmap.prefix)
    photo, tags = heatmap.lift.from_photo, heatmap.lift.from_tags
    if not after:
        return f"{tag}: the photo speaks {'for' if photo > 0 else 'against'} it ({photo:+.1f})."
    if photo > 0 and tags > 0:
        share = round(100 * photo / (photo + tags))
        said = f"{share} % of what speaks for it is in the photo, {100 - share} % in your tags"
    elif photo > 0:
        said = "the photo speaks for it, your tags do not"
    elif tags > 0:
        said = "your tags speak for it, the photo does not"
    else:
        said = "neither the photo nor your tags speak for it"
    return f"{tag} after {after}: {said} (photo {photo:+.1f}, tags {tags:+.1f})."


def _beside(photo: Path, tag: str) -> Path:
    word = re.sub(r"\W+", "-", tag)
    return photo.with_name(f"{photo.stem}-{word}-heatmap.png")


def _printable(text: str) -> str:
    """What a terminal can show of a path or a word, whatever bytes it was made of."""
    return text.encode("utf-8", "replace").decode()


def _png(name: str) -> Path:
    if Path(name).suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"{name!r} does not end in .png")
    return Path(name)
