"""Groups of writers, from what a corpus knows of its photos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from engine.train.corpus import Corpus
from engine.train.targets import Example
from engine.train.writers import LEAST, find_writers
from engine.vocabulary import Vocabulary

WORDS = Vocabulary(("sea", "dog", "rare"))


def example(feature: int, source: int, seen: dict[int, float], *written: int) -> Example:
    tags = np.array(list(seen), dtype=np.int32)
    weights = np.array(list(seen.values()), dtype=np.float32)
    return Example(feature, source, (tags, weights), np.array(written, dtype=np.int32))


def corpus(*examples: Example, posts: tuple[tuple[int, ...], ...] = ()) -> Corpus:
    sources = ("mirflickr", "flickr8k", "harrison")
    features = np.zeros((100, 4), dtype=np.float16)
    known = np.ones((3, 4), dtype=np.bool_)
    return Corpus(WORDS, features, examples, posts, sources, known)


def test_owners_write_tags_and_captions_say_what_is_seen_each_photo_once() -> None:
    owners = [example(row, 0, {2: 1.0}, 0, 1) for row in range(LEAST["owners"])]
    captions = [example(30 + row, 1, {0: 0.6, 1: 0.2}, 2) for row in range(LEAST["captions"])]
    posts = [example(-1, 2, {}, 0, 1, 2)] * 50
    lone = example(99, 0, {}, 2)  # too few write this word
    found = find_writers(corpus(*owners, *captions, *posts, lone))
    assert list(found) == ["owners", "captions"]
    own, said = found["owners"], found["captions"]
    assert own.tags == said.tags == ("sea", "dog")
    assert own.rows.tolist() == list(range(LEAST["owners"]))
    assert said.rows.tolist() == [30 + row for row in range(LEAST["captions"])]
    torch.testing.assert_close(own.truth, torch.full_like(own.truth, 0.5))
    torch.testing.assert_close(said.truth[0].float(), torch.tensor([0.75, 0.25]))
    torch.testing.assert_close(said.usual.exp(), torch.tensor([0.75, 0.25]), atol=1e-4, rtol=0)


def test_posts_that_fit_a_photo_of_any_set_write_too_each_post_once() -> None:
    fitting = np.array([0, 1], dtype=np.int32)
    photos = [
        replace(example(row, row % 2, {2: 1.0}), posts=fitting) for row in range(LEAST["posts"])
    ]
    alone = example(LEAST["posts"], 0, {2: 1.0})  # no post fits this one
    found = find_writers(corpus(*photos, alone, posts=((0, 1), (0,), (1, 2))))
    posts = found["posts"]
    assert posts.tags == ("sea", "dog")
    assert posts.rows.tolist() == list(range(LEAST["posts"]))
    torch.testing.assert_close(posts.truth[0].float(), torch.tensor([0.75, 0.25]))


def test_where_nobody_wrote_there_are_no_writers() -> None:
    assert find_writers(corpus(example(0, 0, {0: 1.0}), example(-1, 2, {}, 1))) == {}
