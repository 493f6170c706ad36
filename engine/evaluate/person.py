"""A simulated person: how far pages and taps bring somebody who knows which tags they want."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.decoder import Query
from engine.evaluate import real, words
from engine.evaluate.contest import rankers
from engine.evaluate.figures import Figure, mean
from engine.evaluate.pairs import Pair, real_pairs
from engine.evaluate.rankers import Ranker, page_ranker, unread
from engine.evaluate.report import Line, Section
from engine.evaluate.world import World

PATIENCE = 3
MOST = 500


@dataclass
class Person:
    """Somebody before a page.

    Attributes:
        wanted: Tags that are still missing, in the spelling that is counted.
        passed: Tags of the pages that were turned.
        missed: Pages in a row without a wanted tag.
    """

    photo: Pair
    wanted: list[str]
    prefix: list[str] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    missed: int = 0
    pages: int = 0
    taps: int = 0
    turns: int = 0

    @property
    def waits(self) -> bool:
        """Whether they look at one more page."""
        return bool(self.wanted) and self.missed < PATIENCE

    def look(self, page: Sequence[str], spell: Callable[[str], str]) -> None:
        """Tap the first wanted tag; where there is none turn the page, or give up."""
        self.pages += 1
        tag = next((one for one in page if spell(one) in self.wanted), None)
        if tag is not None:
            self.prefix.append(tag)
            self.wanted.remove(spell(tag))
            self.taps, self.missed = self.taps + 1, 0
            return
        self.missed = self.missed + 1 if page else PATIENCE
        self.passed.update(page)
        self.turns += self.missed < PATIENCE


def keys(tag: str) -> int:
    """Keystrokes of a typed tag: its letters and the # before it."""
    return len(tag) + 1


def simulate(
    ranker: Ranker,
    photos: Sequence[Pair],
    spell: Callable[[str], str],
    typed: int = 0,
    seed: int = 0,
) -> list[Person]:
    """Everybody taps the best-ranked tag they want, or turns the page, until they give up.

    Args:
        typed: So many random tags are there from the start, and count for nothing.
    """
    random = np.random.default_rng([seed, typed])
    people = []
    for photo in photos:
        order = [photo.tags[i] for i in random.permutation(len(photo.tags))]
        people.append(Person(photo, order[typed:], order[:typed]))
    while waiting := [one for one in people if one.waits]:
        shown = ranker(
            [
                Query(one.photo.features, tuple(one.prefix), exclude=frozenset(one.passed))
                for one in waiting
            ]
        )
        for one, page in zip(waiting, shown, strict=True):
            one.look(page, spell)
    return people


def outcome(people: Sequence[Person], typed: int = 0) -> Mapping[str, Figure]:
    """Share of the tags that were tapped, pages, and keystrokes saved against typing them all.

    A tap and a turn of the page cost a keystroke each; what is missing in the end is typed.
    """
    completion, saved = [], []
    for one in people:
        number = len(one.photo.tags) - typed
        completion.append(1 - len(one.wanted) / number)
        rest = sum(map(keys, one.wanted))
        tapped = sum(map(keys, one.photo.tags)) - sum(map(keys, one.prefix[:typed])) - rest
        saved.append((tapped - one.taps - one.turns) / (tapped + rest))
    return {
        "completion": mean(completion),
        "keystrokes_saved": mean(saved),
        "pages": mean(one.pages for one in people),
    }


def table(
    ours: Mapping[str, Ranker],
    others: Mapping[str, Ranker],
    photos: Sequence[Pair],
    spell: Callable[[str], str],
    typed: int,
    seed: int,
) -> list[Line]:
    """One line a ranker; the first of ours should be above all others."""
    found = {
        name: outcome(simulate(ranker, photos, spell, typed, seed), typed)
        for name, ranker in {**ours, **others}.items()
    }
    targets = {
        column: f"≥ {max(found[name][column].value for name in others):.4f}"
        for column in ("completion", "keystrokes_saved")
    }
    first = next(iter(ours))
    return [Line(name, one, targets if name == first else {}) for name, one in found.items()]


def sections(world: World) -> list[Section]:
    """Real pairs, and HARRISON's posts after a first tag."""
    found, page = [], page_ranker(world.decoder)
    if real.SET in world.whole:
        photos, spell = real_pairs(world.whole[real.SET], real.LEAST)
        validation, _ = real_pairs(world.whole[real.SET], 2, real.LEAST - 1)
        others, _ = rankers(
            world.decoder, real.learned_tags(world), world.sample(validation), spell, world.seed
        )
        others = {"photo alone": unread(page), **others}
        photos = world.sample(photos, MOST)
        lines = table({"photo and taps": page}, others, photos, spell, 0, world.seed)
        found.append(Section("person-real", "A simulated person: real pairs", lines, NOTES))
    if "harrison" in world.posts and (posts := words.cohort(world, MOST)):
        others = words.rankers(world)
        ours = {name: others.pop(name) for name in (words.PAGE, words.SCORES)}
        others = {"tags not read": unread(page), **others}
        lines = table(ours, others, posts, str, 1, world.seed)
        title = "A simulated person: HARRISON's posts, the first tag typed"
        found.append(Section("person-words", title, lines, NOTES))
    return found


NOTES = (
    f"Taps the best-ranked tag of theirs, else turns the page; gives up after {PATIENCE} pages "
    "without one and types the rest. Completion is the share of tags that were tapped.",
)
