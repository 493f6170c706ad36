"""Draws a contact sheet: photos that training never saw, the first ten tags that people get for
each, and what a tap on the third one changes. Would a person post these?

Usage: python scripts/sheet.py --data DIR [--checkpoint DIR] [--number 60] [--out PNG]
       python scripts/sheet.py --photos PHOTO... [--out PNG]
"""

from __future__ import annotations

import argparse
import asyncio
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from engine import open_recommender
from engine.decoder import Query, TagDecoder
from engine.train.data import photo_folders, read_photo_set

ROOT = Path(__file__).parent.parent
CELL, PICTURE, TEXT = 380, 250, 150
COLUMNS, ON_A_PAGE = 5, 20
TAPPED = 2
"""Place of the tag that is tapped: the first ones change little."""


@dataclass(frozen=True)
class Shown:
    """A photo with its two pages."""

    picture: Path
    first: tuple[str, ...]
    tapped: str
    second: tuple[str, ...]


def from_pack(data: Path, checkpoint: Path, number: int, seed: int) -> list[Shown]:
    """Held-back photos that have pictures, in turn from all folders."""
    random = np.random.default_rng(seed)
    queues = []
    for folder in photo_folders(data):
        one = read_photo_set(folder)
        rows = [
            row
            for row in np.flatnonzero(one.held_back).tolist()
            if one.photos[row].image and (folder / str(one.photos[row].image)).is_file()
        ]
        queues.append([(one, rows[i]) for i in random.permutation(len(rows)).tolist()])
    turns = [queue[turn] for turn in range(number) for queue in queues if turn < len(queue)]
    decoder = TagDecoder.load(checkpoint)
    shown = []
    for one, row in turns[:number]:
        features = one.features[row].astype(np.float32)
        first = _tags(decoder, Query(features))
        tap = first[min(TAPPED, len(first) - 1)]
        second = _tags(decoder, Query(features, (tap,)))
        shown.append(Shown(one.folder / str(one.photos[row].image), first, tap, second))
    return shown


def _tags(decoder: TagDecoder, query: Query) -> tuple[str, ...]:
    return tuple(item.tag for item in decoder.suggest([query])[0].items)


async def of_photos(photos: Sequence[Path], checkpoint: Path) -> list[Shown]:
    """Photos of one's own, through the engine that the bot uses."""
    recommender = await open_recommender(weights=str(checkpoint))
    shown = []
    for photo in photos:
        image = await recommender.look(photo.read_bytes())
        first = tuple(s.tag for s in (await recommender.suggest(image, ())).items)
        tap = first[min(TAPPED, len(first) - 1)]
        second = tuple(s.tag for s in (await recommender.suggest(image, (tap,))).items)
        shown.append(Shown(photo, first, tap, second))
    await recommender.close()
    return shown


def draw(shown: Sequence[Shown]) -> Image.Image:
    """One page."""
    lines = -(-len(shown) // COLUMNS)
    page = Image.new("RGB", (COLUMNS * CELL, lines * (PICTURE + TEXT)), "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(14)
    for place, one in enumerate(shown):
        left, top = place % COLUMNS * CELL, place // COLUMNS * (PICTURE + TEXT)
        with Image.open(one.picture) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        picture = ImageOps.contain(picture, (CELL - 20, PICTURE - 16))
        page.paste(picture, (left + 8, top + 8))
        first = " ".join(f"#{tag}" for tag in one.first)
        second = f"after #{one.tapped}: " + " ".join(f"#{tag}" for tag in one.second)
        text = "\n".join(textwrap.wrap(first, 52)[:4])
        pen.text((left + 8, top + PICTURE - 4), text, "black", font)
        below = "\n".join(textwrap.wrap(second, 52)[:4])
        pen.text((left + 8, top + PICTURE + 66), below, "#0a58ca", font)
    return page


def main() -> None:
    """Choose photos, ask for their tags, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="data pack")
    source.add_argument("--photos", type=Path, nargs="+", help="photos of one's own")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "weights")
    parser.add_argument("--number", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/sheet.png"))
    arguments = parser.parse_args()
    if arguments.data:
        shown = from_pack(arguments.data, arguments.checkpoint, arguments.number, arguments.seed)
    else:
        shown = asyncio.run(of_photos(arguments.photos, arguments.checkpoint))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(shown), ON_A_PAGE):
        number = f"-{start // ON_A_PAGE + 1}" if len(shown) > ON_A_PAGE else ""
        path = arguments.out.with_stem(arguments.out.stem + number)
        draw(shown[start : start + ON_A_PAGE]).save(path)
        print(path)


if __name__ == "__main__":
    main()
