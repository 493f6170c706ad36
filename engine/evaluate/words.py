"""Tags alone, without a photo: the model beside every baseline on HARRISON's held-back posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from engine.decoder import Query
from engine.evaluate.figures import Figure, mean
from engine.evaluate.pairs import Pair, Recalls, above, best_of, columns, recalls
from engine.evaluate.rankers import (
    Ranker,
    closed_forms,
    model_scorer,
    page_ranker,
    score_ranker,
    unread,
)
from engine.evaluate.report import Line, Section
from engine.evaluate.world import World

LEAST = 6
TAPS = (0, 1, 2, 3, 4, 5)
RIVALS = ("ΣP(j|i)", "EASE")
"""The baselines that have to be beaten at every k."""

PAGE, SCORES = "page", "model, scores alone"
ORDERS = 5
"""Orders of one prefix that are compared with each other."""

MOST = 1500
SEVERAL = 300


def order_likeness(
    ranker: Ranker, pairs: Sequence[Pair], taps: Sequence[int], seed: int = 0
) -> Mapping[int, Figure]:
    """Mean Jaccard of the first ten over orders in which the same tags were accepted."""
    result = {}
    for number in taps:
        random = np.random.default_rng([seed, number])
        queries = []
        for pair in pairs:
            chosen = random.permutation(len(pair.tags))[:number]
            for _ in range(ORDERS):
                prefix = tuple(pair.tags[i] for i in random.permutation(chosen))
                queries.append(Query(pair.features, prefix))
        shown = [set(page) for page in ranker(queries)]
        result[number] = mean(
            float(np.mean([jaccard(*two) for two in combinations(shown[i : i + ORDERS], 2)]))
            for i in range(0, len(shown), ORDERS)
        )
    return result


def jaccard(one: set[str], other: set[str]) -> float:
    """Share of what either holds that both hold; 1 for two empty ones."""
    return len(one & other) / len(one | other) if one | other else 1.0


def cohort(world: World, most: int = MOST) -> list[Pair]:
    """Held-back posts of six or more known tags."""
    tags = world.decoder.vocabulary.tags
    posts = [post for post in world.unseen("harrison") if len(post) >= LEAST]
    return [Pair(None, tuple(tags[i] for i in post)) for post in world.sample(posts, most)]


def rankers(world: World) -> dict[str, Ranker]:
    """Ours, and the baselines in closed form."""
    decoder = world.decoder
    forms = closed_forms(world.learned("harrison"), len(decoder.vocabulary))
    return {
        PAGE: page_ranker(decoder),
        SCORES: score_ranker(decoder, model_scorer(decoder)),
        **{name: score_ranker(decoder, scorer) for name, scorer in forms.items()},
    }


def sections(world: World) -> list[Section]:
    """HARRISON's posts."""
    if "harrison" not in world.posts or not (posts := cohort(world)):
        return []
    ours = rankers(world)
    found = {
        name: recalls(ranker, posts, str, TAPS, seed=world.seed) for name, ranker in ours.items()
    }
    masked = recalls(unread(ours[PAGE]), posts, str, TAPS, seed=world.seed)
    wrong = recalls(ours[PAGE], posts, str, TAPS, seed=world.seed, wrong=True)
    best = best_of([found[name] for name in RIVALS])
    alike = order_likeness(ours[PAGE], posts[:SEVERAL], TAPS[2:], world.seed)
    gain, lost = above(found[PAGE], masked), above(wrong, masked)
    lines = [
        Line(PAGE, columns(found[PAGE]), _floor(best)),
        Line(SCORES, columns(found[SCORES]), _floor(best)),
        *(Line(name, columns(one)) for name, one in found.items() if name not in (PAGE, SCORES)),
        Line("above the better of ΣP(j|i) and EASE, relative", _relative(found[PAGE], best),
             {f"rr@10({k})": "≥ .10" for k in TAPS[1:]}),
        Line("gain of reading the taps", gain, dict.fromkeys(gain, "≥ 0")),
        Line("gain of reading wrong taps", lost, dict.fromkeys(lost, "≤ 0")),
    ]  # fmt: skip
    order = {f"jaccard@10({number})": figure for number, figure in alike.items()}
    return [
        Section("words", f"Tags alone: HARRISON's posts of {LEAST} or more tags", lines),
        Section(
            "order",
            "Likeness of the first ten over orders of the same taps",
            [Line(PAGE, order, dict.fromkeys(order, "≥ .9"))],
        ),
    ]


def _floor(best: Recalls) -> dict[str, str]:
    """What the better baseline reaches, after each tap."""
    return {f"rr@10({k})": f"≥ {mean(values).value:.4f}" for k, values in best.items() if k}


def _relative(found: Recalls, best: Recalls) -> dict[str, Figure]:
    """How far above the better baseline, as a share of what it reaches."""
    result = {}
    for name, figure in above(found, best).items():
        base = mean(best[int(name[6:-1])]).value or 1.0
        result[name] = Figure(figure.value / base, figure.error / base, figure.number)
    return result
