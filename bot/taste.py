"""What a chat tends to pick and to take out, read from its own steps. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bot.history import fold
from storage import Pick, PickKind
from storage.steps import tag_of

STEPS = 300
"""How many of a chat's newest steps its taste is read from."""

_DOUBT = 2.0
"""Photos that a tag must be picked for before half of its full weight counts."""

_PASSED = 0.25
"""How much a suggestion that was passed over counts against one that was taken out."""


def taste_of(picks: Iterable[Pick], *, after: int, without: int) -> dict[str, float]:
    """How much a chat likes each tag that it has had to do with, −1…1.

    Args:
        picks: Of the chat.
        after: Steps up to this one are forgotten.
        without: The session that is being decided: what was done in it already shows by itself.
    """
    by_session: dict[int, list[Pick]] = defaultdict(list)
    for pick in picks:
        if pick.id > after and pick.session_id != without:
            by_session[pick.session_id].append(pick)
    liked: dict[str, float] = defaultdict(float)
    met: dict[str, float] = defaultdict(float)
    for steps in by_session.values():
        steps.sort(key=lambda pick: pick.id)
        standing = fold(steps)
        taken_out = {tag_of(one.tag) for one in steps if one.kind is PickKind.REMOVE and one.tag}
        marks = dict.fromkeys(standing.passed if standing.chosen else (), -_PASSED)
        marks |= dict.fromkeys(taken_out, -1.0)
        marks |= dict.fromkeys(standing.prefix, 1.0)
        for tag, mark in marks.items():
            liked[tag] += mark
            met[tag] += abs(mark)
    return {tag: total / (met[tag] + _DOUBT) for tag, total in liked.items()}
