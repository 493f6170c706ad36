"""The tables of the papers, beside what can be measured with the photos and posts at hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from engine.evaluate.field import Table, label_figures, tag_figures
from engine.evaluate.figures import Figure
from engine.evaluate.report import Line, Section, published
from engine.evaluate.world import World
from engine.tags import normalise_tag
from engine.train.data import PhotoSet, Posts

SETS = {"coco-captions": 3, "corel5k": 5, "mirflickr": 3, "voc-objects": 3}
"""Set → labels that are said of every photo."""

PART = 512

LABELS = (
    published(
        "published: CNN-RNN, MS-COCO, 80 objects, k = 3",
        c_p=0.660, c_r=0.556, c_f1=0.604, o_p=0.692, o_r=0.664, o_f1=0.678, **{"map@10": 0.612},
    ),
    published(
        "published: CNN-RNN, NUS-WIDE, 81 concepts, k = 3", c_f1=0.347, **{"map@10": 0.561}
    ),
    published("published: CNN-RNN, VOC 2007, 20 objects", map=0.840),
)  # fmt: skip
HARRISON = (
    published("published: object and scene CNNs", **{"p@1": 0.3016, "r@5": 0.2138, "a@5": 0.5252}),
    published("published: popularity", **{"p@1": 0.113, "r@5": 0.084, "a@5": 0.284}),
)


def own_tag(name: str, world: World, label: str) -> int | None:
    """Row of the hashtag that stands for a label: its own name, else the first that it leads to."""
    vocabulary = world.decoder.vocabulary
    tags = [normalise_tag(label), *world.tables.labels.get(name, {}).get(label, {})]
    return next(iter(vocabulary.rows(tags)), None)


def through_tags(world: World, photo_set: PhotoSet) -> tuple[Table, Table]:
    """Labels of the held-back photos, and the head's scores of the hashtags that stand for them.

    Returns:
        (N, L) true and (N, L) scores; labels without any hashtag have the lowest score.
    """
    rows = [
        row
        for row in np.flatnonzero(photo_set.held_back).tolist()
        if photo_set.photos[row].labelled and photo_set.photos[row].labels
    ]
    names = sorted({label for row in rows for label in photo_set.photos[row].labels})
    place = {label: number for number, label in enumerate(names)}
    true = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        true[number, [place[label] for label in photo_set.photos[row].labels]] = 1
    tags = {number: own_tag(photo_set.name, world, label) for number, label in enumerate(names)}
    known = {number: tag for number, tag in tags.items() if tag is not None}
    scores = np.full((len(rows), len(names)), -1e9)
    decoder = world.decoder
    for start in range(0, len(rows), PART):
        features = [
            photo_set.features[row].astype(np.float32) for row in rows[start : start + PART]
        ]
        seen = decoder.scorer.look(features)
        logits = np.stack([sight.before.numpy() for sight in seen if sight])
        scores[start : start + len(features), list(known)] = logits[:, list(known.values())]
    return true, scores


def popular_tags(posts: Posts, folders: list[str] | None = None) -> dict[str, Figure]:
    """HARRISON's figures of its most frequent tags, on the posts held back.

    Args:
        folders: Crawl hashtag of each post, which then does not count as a tag of it.
    """
    counts: Counter[str] = Counter()
    true = []
    for row, tags in enumerate(posts.tags):
        own = set(tags) - ({folders[row]} if folders else set())
        if posts.held_back[row]:
            true.append(own)
        else:
            counts.update(own)
    page = [tag for tag, _ in counts.most_common(5)]
    return tag_figures(true, [page] * len(true))


def crawl_tags(folder: Path, number: int) -> list[str] | None:
    """The hashtag under which each photo was found; None where that is not known of every one."""
    path = folder / "data_list.txt"
    if not path.exists():
        return None
    lines = path.read_text(encoding="utf-8").split("\n")
    names = [normalise_tag(Path(line.strip()).parent.name) for line in lines if line.strip()]
    return names if len(names) == number else None


def sections(world: World) -> list[Section]:
    """Labels through hashtags, and HARRISON's table."""
    lines, classes = [], []
    for name, k in SETS.items():
        if name in world.sets:
            true, scores = through_tags(world, world.sets[name])
            if len(true):
                lines.append(Line(f"{name}, k = {k}", label_figures(true, scores, k, world.seed)))
                classes.append(f"{true.shape[1]} of {name}")
    notes = (NOTE, f"Labels that occur: {', '.join(classes)}.")
    title = "The paper's table: labels through hashtags"
    found = [Section("labels", title, [*lines, *LABELS], notes)] if lines else []
    if "harrison" in world.posts:
        posts = world.posts["harrison"]
        rows = [Line("popularity", popular_tags(posts))]
        data = next(iter(world.whole.values())).folder.parent
        crawled = crawl_tags(data / "harrison", len(posts.tags))
        if crawled:
            rows.append(
                Line("popularity, the folder's own tag removed", popular_tags(posts, crawled))
            )
        found.append(Section("harrison", "HARRISON's table", [*rows, *HARRISON], HARRISON_NOTES))
    return found


NOTE = (
    "Ours is not trained to rank these labels: a label has the score of the hashtag that stands "
    "for it, on the photos at hand that training never saw. The published rows are of other "
    "photos: those of COCO's validation part, NUS-WIDE and VOC 2007 are not at hand, so the "
    "paper's figures could not be run here. Who has them: `python -m engine data coco COCO --split "
    "train --out runs/coco` (or `nuswide`, `voc`), the same for the test part, `python -m engine "
    "train --preset paper --manifest …`, and `python -m engine evaluate --manifest …`."
)
HARRISON_NOTES = (
    "HARRISON's photos are not at hand, so no figure of a photo could be run here, only what "
    "needs none. Who has them: `python -m engine data harrison HARRISON --split test --out …`, "
    "then `python -m engine evaluate --manifest …`.",
)
