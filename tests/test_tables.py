"""The curated tables and lists beside the code hold together, as shipped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_fixtures import ROOT

from engine.lists import FOLDER as LISTS
from engine.lists import read_lists, rows
from engine.train.bridge import FOLDER as TABLES
from engine.train.bridge import read_tables, seen_in
from engine.train.data import Photo

WEIGHTED = (TABLES / "labels.tsv", TABLES / "words.tsv")
PLAIN = (
    TABLES / "acceptable.tsv",
    TABLES / "named.tsv",
    LISTS / "exclusive.tsv",
    LISTS / "general.tsv",
)
TAG = re.compile(r"[^\W_]+")


def entries(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Key fields and tags of each row."""
    for row in rows(path):
        yield row[:-1], row[-1].split()


def generals(tag: str, general: dict[str, tuple[str, ...]]) -> set[str]:
    """All that is right whenever a tag is, over any number of steps."""
    found: set[str] = set()
    waiting = list(general.get(tag, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += general.get(one, ())
    return found


@pytest.mark.parametrize("path", (*WEIGHTED, *PLAIN), ids=lambda path: path.stem)
def test_every_tag_is_one_that_can_be_posted(path: Path) -> None:
    for key, tags in entries(path):
        assert key, tags
        assert tags, key
        names = [tag.partition(":")[0] for tag in tags]
        for name in names:
            assert TAG.fullmatch(name), (key, name)
            assert name == name.lower(), (key, name)
            assert len(name.encode()) <= 40, (key, name)
            assert not name.isdigit(), (key, name)
        assert len(set(names)) == len(names), (key, tags)


@pytest.mark.parametrize("path", WEIGHTED, ids=lambda path: path.stem)
def test_every_weight_is_above_zero_and_at_most_one(path: Path) -> None:
    for key, tags in entries(path):
        for tag in tags:
            _, colon, weight = tag.partition(":")
            assert not colon or 0 < float(weight) < 1, (key, tag)


@pytest.mark.parametrize("path", (*WEIGHTED, *PLAIN), ids=lambda path: path.stem)
def test_nothing_is_said_twice(path: Path) -> None:
    keys = Counter(tuple(key) for key, _ in entries(path))
    assert [key for key, count in keys.items() if count > 1] == []


def test_a_group_of_rivals_has_at_least_two() -> None:
    for group, tags in read_lists().exclusive.items():
        assert len(tags) >= 2, group


def test_no_tag_excludes_what_is_right_whenever_it_is() -> None:
    lists = read_lists()
    for group, tags in lists.exclusive.items():
        for tag in tags:
            assert not generals(tag, lists.general) & set(tags), (group, tag)


def test_no_two_spellings_of_one_thing_exclude_each_other() -> None:
    lists = read_lists()
    for group, tags in lists.exclusive.items():
        for cluster in lists.clusters:
            assert len(set(tags) & set(cluster)) < 2, (group, cluster)


def test_going_from_the_specific_to_the_general_never_comes_back() -> None:
    general = read_lists().general
    for tag in general:
        assert tag not in generals(tag, general)


def test_a_specific_tag_names_all_that_it_falls_under() -> None:
    general = read_lists().general
    for tag, wider in general.items():
        assert set(wider) == generals(tag, general), tag


def test_a_person_would_accept_at_most_six_tags_for_one_thing() -> None:
    for label, tags in read_tables().acceptable.items():
        assert 1 <= len(tags) <= 6, label
        assert not {"love", "photo", "photography", "instagood"} & set(tags), label


def test_the_model_may_know_every_tag_that_the_tables_ask_of_it() -> None:
    lists, tables = read_lists(), read_tables()
    known = set(lists.vocabulary)
    asked = {words[0] for things in tables.named.values() for words in things.values()}
    asked |= {tag for tags in tables.acceptable.values() for tag in tags}
    asked |= {tag for tags in lists.exclusive.values() for tag in tags}
    asked |= {tag for tags in lists.general.values() for tag in tags} | set(lists.general)
    for things in (*tables.labels.values(), tables.words):
        for weighted in things.values():
            asked |= set(weighted)
    assert sorted(asked - known) == []


def test_the_tables_write_what_people_write_today() -> None:
    lists, tables = read_lists(), read_tables()
    written = {tag for tags in lists.exclusive.values() for tag in tags} | set(lists.general)
    for things in (*tables.labels.values(), tables.words):
        for weighted in things.values():
            written |= set(weighted)
    assert sorted(written & set(lists.forms)) == []


def test_no_label_and_no_word_leads_to_an_embarrassing_or_promotional_tag() -> None:
    lists, tables = read_lists(), read_tables()
    bad = lists.sensitive | lists.promotional
    for things in (*tables.labels.values(), tables.words):
        for thing, weighted in things.items():
            assert not bad & set(weighted), thing


def test_what_names_a_thing_is_also_taught_for_it() -> None:
    tables = read_tables()
    for name, things in tables.named.items():
        for label, words in things.items():
            assert words[0] in tables.labels[name][label], (name, label)


def test_who_a_person_is_leads_only_to_neutral_tags() -> None:
    tables = read_tables()
    neutral = {"people", "portrait"}
    for label in ("female", "male"):
        assert set(tables.labels["mirflickr"][label]) <= neutral
    for word in ("man", "woman", "boy", "girl", "men", "women", "lady", "guy", "boys", "girls"):
        assert set(tables.words[word]) <= neutral, word
    for label in ("men", "women", "boys", "girls", "unisex"):
        assert set(tables.labels["fashion"][label]) <= {"fashion", "style", "kidsfashion"}


def test_a_caption_about_a_hot_dog_is_about_food_and_not_about_a_dog() -> None:
    tables = read_tables()
    photo = Photo(labels=(), captions=("A hot dog with mustard on a plate.",), tags=())
    seen = seen_in("lunch", photo, tables)
    assert seen["hotdog"] == 1.0
    assert seen["food"] > seen.get("pet", 0.0)


def test_what_a_caption_says_comes_in_its_order_in_every_run() -> None:
    # A set of strings has another order in each process, and whatever is drawn from it too.
    photo = Photo(labels=(), captions=("A dog and a cat on a beach at sunset.",), tags=())
    seen = list(seen_in("animals", photo, read_tables()))
    assert [tag for tag in seen if tag in {"dog", "cat", "beach", "sunset"}] == [
        "dog",
        "cat",
        "beach",
        "sunset",
    ]


def test_every_known_tag_has_one_line_and_a_reason() -> None:
    lines = list(rows(LISTS / "vocabulary.tsv"))
    assert len({line[0] for line in lines}) == len(lines)
    for line in lines:
        assert len(line) == 2, line
        assert line[1], line
        assert TAG.fullmatch(line[0]), line
        assert line[0] == line[0].lower(), line


def test_every_spelling_leads_in_one_step_to_a_known_tag() -> None:
    lists = read_lists()
    known = set(lists.vocabulary)
    keys = Counter(row[0] for row in rows(LISTS / "forms.tsv"))
    assert [key for key, count in keys.items() if count > 1] == []
    assert sorted(set(lists.forms) & known) == []
    assert sorted(set(lists.forms.values()) - known) == []


def test_a_tag_stands_in_one_cluster_beside_known_ones() -> None:
    lists = read_lists()
    counts = Counter(tag for cluster in lists.clusters for tag in cluster)
    assert [tag for tag, count in counts.items() if count > 1] == []
    assert sorted(set(counts) - set(lists.vocabulary)) == []
    assert [cluster for cluster in lists.clusters if len(cluster) < 2] == []


def test_a_tag_is_held_back_for_one_reason() -> None:
    lists = read_lists()
    held = (lists.sensitive, lists.promotional, lists.entities, *lists.never_from_pixels)
    counts = Counter(tag for tags in held for tag in tags)
    assert [tag for tag, count in counts.items() if count > 1] == []
    for tag in counts:
        assert TAG.fullmatch(tag), tag
        assert tag == tag.lower(), tag


def test_what_is_never_suggested_takes_no_place_in_the_vocabulary() -> None:
    lists = read_lists()
    assert sorted((lists.sensitive | lists.promotional) & set(lists.vocabulary)) == []


def test_every_object_and_place_leaves_a_tag_that_a_photo_alone_may_bring() -> None:
    lists = read_lists()
    shut = frozenset().union(*lists.never_from_pixels, lists.sensitive, lists.promotional)
    for label, tags in read_tables().acceptable.items():
        assert set(tags) - shut, label


@pytest.mark.parametrize(
    "tag",
    [
        *("girl", "boy", "man", "woman", "mom", "baby", "couple", "pregnant", "blonde"),
        *("nikon", "canon", "iphone", "london", "california", "lakers", "friday", "throwback"),
    ],
)
def test_what_no_photo_tells_is_not_suggested_from_one(tag: str) -> None:
    assert any(tag in section for section in read_lists().never_from_pixels)


@pytest.mark.parametrize("tag", ["likeforlike", "followme", "tagsforlikes", "f4f", "sexy", "gay"])
def test_what_asks_for_followers_or_embarrasses_is_suggested_to_nobody(tag: str) -> None:
    lists = read_lists()
    assert tag in lists.promotional | lists.sensitive


@pytest.mark.parametrize(
    ("written", "meant"),
    [("friend", "friends"), ("shoe", "shoes"), ("sunglass", "sunglasses"), ("colour", "color")],
)
def test_what_data_cut_to_its_stem_is_written_as_people_do(written: str, meant: str) -> None:
    assert read_lists().forms[written] == meant


def test_a_hashtag_in_another_language_is_another_word_and_stands_once() -> None:
    lines = (ROOT / "engine" / "lists" / "languages.tsv").read_text("utf-8").splitlines()
    head, *table = [line.split("\t") for line in lines if not line.startswith("#")]
    for place in range(1, len(head)):
        words = [row[place] for row in table if row[place] != "-"]
        assert not [row[0] for row in table if row[place] == row[0]], head[place]
        assert not [word for word, times in Counter(words).items() if times > 1], head[place]
        assert not [word for word in words if word != word.lower()], head[place]
