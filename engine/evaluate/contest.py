"""Photo and taps against photo alone, tags alone and their best plain sum: the tables of pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.decoder import TagDecoder
from engine.evaluate.figures import mean
from engine.evaluate.pairs import Pair, above, best_of, columns, recalls
from engine.evaluate.rankers import (
    Ranker,
    blind,
    closed_forms,
    model_scorer,
    page_ranker,
    photo_scorer,
    score_ranker,
    sum_scorer,
    unread,
)
from engine.evaluate.report import Line, Section
from engine.train.items import incidence, log_given

TAPS = (0, 1, 2, 3)
WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0)
"""Of the co-occurrence in the plain sum."""

RIGHT = {f"rr@10({number})": "≥ .05" for number in TAPS[1:]}
BEST = {f"rr@10({number})": "≥ 0" for number in TAPS}
SUM = "plain sum of photo and co-occurrence"


def rankers(
    decoder: TagDecoder,
    posts: Sequence[Sequence[int]],
    validation: Sequence[Pair],
    spell: Callable[[str], str],
    seed: int = 0,
) -> tuple[dict[str, Ranker], float]:
    """The baselines of a photo with tags.

    Args:
        posts: Known rows of tags that were written together, for the closed forms.
        validation: Photos that training never saw and that are not measured on.

    Returns:
        Name → ranker, and the weight of the plain sum, which is the best on the validation.
    """
    size = len(decoder.vocabulary)
    found = {
        name: score_ranker(decoder, scorer) for name, scorer in closed_forms(posts, size).items()
    }
    photo, table = photo_scorer(decoder), log_given(incidence(posts, size))
    sums = {w: score_ranker(decoder, sum_scorer(photo, table, w)) for w in WEIGHTS}
    worth = {
        w: sum(
            mean(values).value
            for values in recalls(ranker, validation, spell, (1, 2), seed=seed).values()
        )
        for w, ranker in sums.items()
    }
    best = max(WEIGHTS, key=lambda w: worth[w])
    found["photo alone, scores"] = sums[0.0]
    found[SUM] = sums[best]
    return found, best


def contest(
    key: str,
    title: str,
    decoder: TagDecoder,
    pairs: Sequence[Pair],
    baselines: Mapping[str, Ranker],
    weight: float,
    spell: Callable[[str], str],
    targets: Mapping[str, str],
    seed: int = 0,
) -> Section:
    """RR@10 after taps: ours, what a tap adds, controls, and every baseline."""
    page, plain = page_ranker(decoder), score_ranker(decoder, model_scorer(decoder))
    ours = recalls(page, pairs, spell, TAPS, seed=seed)
    masked = recalls(unread(page), pairs, spell, TAPS, seed=seed)
    wrong = recalls(page, pairs, spell, TAPS, seed=seed, wrong=True)
    alone = recalls(blind(page), pairs, spell, TAPS, seed=seed)
    others = {
        name: recalls(ranker, pairs, spell, TAPS, seed=seed) for name, ranker in baselines.items()
    }
    lines = [
        Line("photo and taps", columns(ours), targets),
        Line(
            "photo and taps, scores alone", columns(recalls(plain, pairs, spell, TAPS, seed=seed))
        ),
        Line("photo alone", columns(masked)),
        Line("tags alone", columns(alone)),
        Line("wrong taps", columns(wrong)),
        *(Line(name, columns(found)) for name, found in others.items()),
        Line("gain of reading the taps", above(ours, masked)),
        Line("gain of reading wrong taps", above(wrong, masked)),
        Line("right above wrong taps", above(ours, wrong), RIGHT),
        Line(
            "above the best of all others",
            above(ours, best_of([masked, alone, *others.values()]), 0),
            BEST,
        ),
    ]
    notes = (
        f"The plain sum is log p(tag | photo) + {weight:g} × mean log co-occurrence; the weight "
        "is the best one on photos that neither training nor this table saw.",
        "Photo alone leaves chosen tags out and does not read them; scores alone are the head's, "
        "without the rules of the page. Differences are taken photo by photo.",
    )
    return Section(key, title, lines, notes)
