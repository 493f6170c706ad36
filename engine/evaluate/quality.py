"""The page itself: how much of the vocabulary is shown, and what must never stand there.

Judged by the list files and by what is known about each photo, not by the ranking's own rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.decoder import Query
from engine.evaluate.figures import Figure, mean
from engine.evaluate.rankers import Ranker, model_scorer, page_ranker, score_ranker
from engine.evaluate.report import Line, Section
from engine.evaluate.world import World
from engine.lists import Lists
from engine.train.bridge import seen_in, usual_form
from engine.vocabulary import Vocabulary

DRAWS = 50
"""Samples of pages, drawn with replacement, for the standard error of the coverage."""

TAPPED = 150
"""Photos of a set that are looked at after a tap, too."""

PAGE, AFTER = "page", "page after a tap"

ZERO = ("duplicates", "promotional", "sensitive", "unsupported_names", "guarded", "exclusive3")
TARGETS = {"coverage@10": "≥ .40", **dict.fromkeys(ZERO, "≤ 0")}


@dataclass(frozen=True)
class Shown:
    """One page.

    Attributes:
        prefix: What was chosen before.
        known: Tags that labels, captions and owner say of the photo.
    """

    page: tuple[str, ...]
    prefix: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()


def coverage(shown: Sequence[Shown], size: int, seed: int = 0) -> Figure:
    """Share of the vocabulary that stands on any page, with the error of a bootstrap."""
    found = [np.array(one.page) for one in shown]
    random = np.random.default_rng([seed, 13])
    shares = []
    for _ in range(DRAWS if len(found) > 1 else 0):
        drawn = random.integers(len(found), size=len(found))
        shares.append(len(set(np.concatenate([found[i] for i in drawn]).tolist())) / size)
    error = float(np.std(shares, ddof=1)) if shares else 0.0
    whole = {tag for one in shown for tag in one.page}
    return Figure(len(whole) / size, error, len(shown))


def page_figures(
    shown: Sequence[Shown],
    lists: Lists,
    vocabulary: Vocabulary,
    information: Mapping[str, float],
    seed: int = 0,
) -> dict[str, Figure]:
    """Shares of pages with a fault, and what pages tell.

    Args:
        information: Tag → −log₂ of its share of all tags in posts.
    """
    groups = {
        tag: frozenset(name for name, tags in lists.exclusive.items() if tag in tags)
        for tag in {tag for tags in lists.exclusive.values() for tag in tags}
    }
    first = {tag: alike[0] for alike in lists.clusters for tag in alike}
    faults = {
        "duplicates": [_twice(first.get(tag, tag) for tag in one.page) for one in shown],
        "plurals": [_twice(tag.removesuffix("s") for tag in one.page) for one in shown],
        "promotional": [not lists.promotional.isdisjoint(one.page) for one in shown],
        "sensitive": [not lists.sensitive.isdisjoint(one.page) for one in shown],
        "unsupported_names": [bool(_names(one, lists)) for one in shown],
        "guarded": [_guarded(one, lists) for one in shown],
        "exclusive3": [_exclude(one.page[:3], groups) for one in shown],
        "exclusive5": [_exclude(one.page[:5], groups) for one in shown],
    }
    told = [np.mean([information[tag] for tag in one.page]) for one in shown if one.page]
    return {
        "coverage@10": coverage(shown, len(vocabulary), seed),
        "information": mean(float(one) for one in told),
        **{name: mean(map(float, values)) for name, values in faults.items()},
    }


def _twice(words: Iterable[str]) -> bool:
    """Whether a word stands there twice."""
    listed = list(words)
    return len(set(listed)) < len(listed)


def _names(one: Shown, lists: Lists) -> set[str]:
    """Names of brands and people that neither the photo's own words nor a chosen name support."""
    if not lists.entities.isdisjoint(one.prefix):
        return set()
    return (set(one.page) & lists.entities) - one.known


def _guarded(one: Shown, lists: Lists) -> bool:
    """Whether a tag stands there that no photo tells, and no chosen tag of its section allows."""
    return any(
        not section.isdisjoint(one.page) and section.isdisjoint(one.prefix)
        for section in lists.never_from_pixels
    )


def _exclude(page: Sequence[str], groups: Mapping[str, frozenset[str]]) -> bool:
    """Whether two of the tags exclude each other."""
    said: set[str] = set()
    for tag in page:
        own = groups.get(tag, frozenset())
        if not said.isdisjoint(own):
            return True
        said |= own
    return False


def photo_queries(world: World, most: int | None = None) -> list[tuple[Query, frozenset[str]]]:
    """All evaluation photos, or at most so many of a set, with what is known about each."""
    found = []
    for name, photo_set in world.sets.items():
        rows = np.flatnonzero(photo_set.held_back).tolist()
        for row in world.sample(rows, most) if most else rows:
            photo = photo_set.photos[row]
            written = {usual_form(tag, world.lists.forms, {}) for tag in photo.tags}
            known = written | set(seen_in(name, photo, world.tables))
            query = Query(photo_set.features[row].astype(np.float32))
            found.append((query, frozenset(known)))
    return found


def first_pages(ranker: Ranker, asked: Sequence[tuple[Query, frozenset[str]]]) -> list[Shown]:
    """Pages before a tap."""
    shown = ranker([query for query, _ in asked])
    return [Shown(page, (), known) for page, (_, known) in zip(shown, asked, strict=True)]


def pages_after(ranker: Ranker, asked: Sequence[tuple[Query, frozenset[str]]]) -> list[Shown]:
    """Pages after a tap on what stands first."""
    before = first_pages(ranker, asked)
    queries = [
        Query(query.features, one.page[:1]) for (query, _), one in zip(asked, before, strict=True)
    ]
    return [
        Shown(page, query.prefix, one.known)
        for page, query, one in zip(ranker(queries), queries, before, strict=True)
    ]


def sections(world: World) -> list[Section]:
    """Pages of all evaluation photos, after a tap, and what the rules change."""
    decoder = world.decoder
    bits = (-decoder.head.log_popularity.double() / np.log(2)).tolist()
    information = dict(zip(decoder.vocabulary.tags, bits, strict=True))
    asked, some = photo_queries(world), photo_queries(world, TAPPED)
    page = page_ranker(decoder)
    plain = score_ranker(decoder, model_scorer(decoder))
    rows = {
        PAGE: first_pages(page, asked),
        AFTER: pages_after(page, some),
        "scores alone, no rules": first_pages(plain, asked),
    }
    lines = []
    for name, shown in rows.items():
        found = page_figures(shown, world.lists, decoder.vocabulary, information, world.seed)
        targets = dict(TARGETS) if name == PAGE else {}
        if name == AFTER:
            targets = {key: target for key, target in TARGETS.items() if key in ZERO}
        lines.append(Line(name, found, targets))
    named = Counter(tag for one in rows[PAGE] + rows[AFTER] for tag in _names(one, world.lists))
    names = ", ".join(f"#{tag} {number}" for tag, number in named.most_common()) or "none"
    return [Section("quality", "The page of ten", lines, (NOTE, f"Unsupported names: {names}."))]


NOTE = (
    "Coverage is the share of the vocabulary that stands on any page; information is the mean "
    "−log₂ of a shown tag's share of all tags in posts; the rest are shares of pages: with two "
    "tags of one cluster (duplicates), a word beside its plural, a promotional tag, a sensitive "
    "one, a name that nothing known about the photo supports, a tag that no photo tells "
    "(guarded), and two that exclude each other among the first three and five."
)
