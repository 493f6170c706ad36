"""A tiny world to train in: four themes, each with its tags, its photos and its posts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.lists import read_lists
from engine.train.bridge import Tables
from engine.train.corpus import Corpus, build_corpus, order_vocabulary
from engine.train.data import PhotoSet, read_harrison, read_photo_set

THEMES = (
    ("beach", "sea", "sand"),
    ("food", "dinner", "yummy"),
    ("dog", "puppy", "pet"),
    ("snow", "winter", "cold"),
)
FEATURES = 16
PHOTOS = 160


def centre(theme: int) -> np.ndarray:
    """Features of the most typical photo of a theme."""
    features = np.zeros(FEATURES, dtype=np.float32)
    features[theme * 4 : theme * 4 + 4] = 3.0
    return features


def make_pack(folder: Path, rejected: bool = False, pictures: int = 0) -> Path:
    """Write a pack of one photo folder and HARRISON's posts.

    Args:
        rejected: Every photo of a beach was shown #sand, and it was passed over.
        pictures: So many photos have a picture, too.
    """
    random = np.random.default_rng(5)
    photos = folder / "mirflickr"
    (photos / "images").mkdir(parents=True)
    codes, lines = [], []
    for number in range(PHOTOS):
        theme = number % len(THEMES)
        noise = random.normal(0, 0.4, FEATURES)
        codes.append(np.clip((centre(theme) + noise + 2) * 40, 0, 255).astype(np.uint8))
        # The first tag of a theme is the most frequent one, the last one the rarest.
        tags = [tag for place, tag in enumerate(THEMES[theme]) if random.random() > 0.2 * place]
        line: dict[str, object] = {"id": number, "tags": tags or [THEMES[theme][0]]}
        if rejected and theme == 0:
            line["tags"], line["rejected"] = ["beach", "sea"], ["sand"]
        if number < pictures:
            line["image"] = f"images/{number}.png"
            _picture(photos / "images" / f"{number}.png", theme)
        lines.append(json.dumps(line))
    (photos / "manifest.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    np.savez(
        photos / "features.npz",
        codes=np.stack(codes),
        low=np.full(FEATURES, -2, dtype=np.float32),
        scale=np.full(FEATURES, 1 / 40, dtype=np.float32),
    )
    (folder / "harrison").mkdir()
    posts = []
    for number in range(200):
        tags = list(THEMES[number % len(THEMES)])
        posts.append(" ".join(tags[: 2 + number // len(THEMES) % 2]))
    (folder / "harrison" / "tag_list.txt").write_text("\n".join(posts) + "\n", encoding="utf-8")
    return folder


def _picture(path: Path, theme: int) -> None:
    from PIL import Image

    colours = ((80, 160, 220), (200, 120, 60), (120, 90, 60), (240, 240, 250))
    Image.new("RGB", (40, 30), colours[theme]).save(path)


def tiny_corpus(pack: Path) -> Corpus:
    """The corpus of `make_pack`, by way of the readers that real data goes through."""
    sets: list[PhotoSet] = [read_photo_set(pack / "mirflickr")]
    posts = [read_harrison(pack / "harrison")]
    tags = tuple(tag for theme in THEMES for tag in theme)
    lists = replace(read_lists(), vocabulary=tags, forms={})
    vocabulary = order_vocabulary(lists.vocabulary, posts, sets, lists)
    tables = Tables(labels={}, words={}, acceptable={}, named={})
    return build_corpus(sets, posts, vocabulary, tables, lists, {})
