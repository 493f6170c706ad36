"""What is measured of whom. The rivals take turns, so that all have the same weather."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch

from benchmarks.engines.load import Answers
from benchmarks.engines.team import LITSERVE, Rival, team
from benchmarks.machine import Machine, load, machine, narrow
from engine.train.precision import half_precision

ENGINES = ("tagalong", "tagalong-torch", *LITSERVE, "eager", "vgg16")
TAPPED = ("tagalong", "tagalong-torch", "eager")
LIMITS: dict[str, tuple[int, ...]] = {"bare": (1, 2, 4), "bare-onnx": (1, 2, 4)}
"""Photos in a batch of a bare model."""

BFLOAT16, BARE_BFLOAT16 = "tagalong-bfloat16", "bare-bfloat16"
"""Where the processor has it, these are there, too; the latter has batches of one."""

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 1.1, 1.3)
"""Offered load, as shares of what our engine takes at most."""

MARKS = 10
_TAP_RATE = 5.0
_LATE = 2.0
"""Who needs so many times the time in which the photos came is not offered more."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How long each measurement takes, how often, and how many photos are looked at in a row."""

    seconds: float
    rounds: int
    photos: int


@dataclass(frozen=True)
class Figures:
    """Everything that was measured.

    Attributes:
        alone: Median seconds of decoding one photo and of the model on one, alone.
        bare: Photos as fast as each bare model takes them, by batch, one a round.
        flat: The same of each engine.
        single: Photos one after the other.
        swept: Photos at offered rates.
        taps: One after the other, as fast as they are taken, and beside photos at the limit.
        tapped: Taps at offered rates, of our engine.
        photos: How many it then looked at in a row.
        held: Bytes before them, and after each tenth of them.
        load: Of the machine after all this; `machine` has that before it.
    """

    machine: Machine
    load: float
    alone: dict[str, float]
    bare: dict[str, dict[int, list[Answers]]]
    flat: dict[str, list[Answers]]
    single: dict[str, list[Answers]]
    swept: dict[str, list[Answers]]
    taps: dict[str, dict[str, Answers]]
    tapped: list[Answers]
    photos: int
    held: list[int]

    def best_batch(self, name: str) -> int:
        """The batch with which a bare model is quickest."""
        rounds = self.bare[name]
        return max(rounds, key=lambda batch: median(each.rate for each in rounds[batch]))


def measure(plan: Plan, home: Path, say: Say) -> Figures:
    """Start everybody, and let them take turns.

    Args:
        plan: How much.
        home: Where the processes may write.
        say: Told what goes on.
    """
    here = machine(narrow())
    engines, limits = list(ENGINES), dict(LIMITS)
    if half_precision("auto", torch.device("cpu")) is not None:
        engines.insert(1, BFLOAT16)
        limits[BARE_BFLOAT16] = (1,)
    say("starting")
    with team([*limits, *engines], home) as rivals:
        bare, flat, single = _rounds(rivals, engines, limits, plan, say)
        ours = rivals["tagalong"]
        limit = median(answers.rate for answers in flat["tagalong"])
        swept = {name: _sweep(rivals[name], limit, plan.seconds, say, name) for name in engines}
        taps = {name: _taps(rivals[name], plan.seconds, say, name) for name in TAPPED}
        most = taps["tagalong"]["flat out"].rate
        say("taps at offered rates")
        tapped = [ours.load("taps", rate=most * x, seconds=plan.seconds) for x in SHARES]
        say(f"{plan.photos} photos in a row")
        held = ours.ask("many", count=plan.photos, marks=MARKS)["bytes"]
        alone = rivals["bare"].ask("alone", seconds=plan.seconds)
    return Figures(
        machine=here,
        load=load(),
        alone=alone,
        bare=bare,
        flat=flat,
        single=single,
        swept=swept,
        taps=taps,
        tapped=tapped,
        photos=plan.photos,
        held=held,
    )


def _rounds(
    rivals: dict[str, Rival],
    engines: Sequence[str],
    limits: Mapping[str, Sequence[int]],
    plan: Plan,
    say: Say,
) -> tuple[dict[str, dict[int, list[Answers]]], dict[str, list[Answers]], dict[str, list[Answers]]]:
    """Everybody at the limit, and with one photo at a time, again and again in turn."""
    bare: dict[str, dict[int, list[Answers]]] = {
        name: {batch: [] for batch in batches} for name, batches in limits.items()
    }
    flat: dict[str, list[Answers]] = {name: [] for name in engines}
    single: dict[str, list[Answers]] = {name: [] for name in engines}
    for number in range(plan.rounds):
        say(f"everybody at the limit, round {number + 1} of {plan.rounds}")
        for name, rounds in bare.items():
            for batch, answers in rounds.items():
                answers.append(rivals[name].load("bare", batch=batch, seconds=plan.seconds))
        for name in engines:
            flat[name].append(rivals[name].load("photos", seconds=plan.seconds))
        for name in engines:
            single[name].append(rivals[name].load("photos", seconds=plan.seconds / 2, clients=1))
    return bare, flat, single


def _sweep(rival: Rival, limit: float, seconds: float, say: Say, name: str) -> list[Answers]:
    """More and more photos a second, until it cannot follow."""
    say(f"photos at offered rates: {name}")
    answers: list[Answers] = []
    for share in SHARES:
        answers.append(rival.load("photos", rate=limit * share, seconds=seconds))
        if answers[-1].done / answers[-1].rate > _LATE * seconds:
            break
    return answers


def _taps(rival: Rival, seconds: float, say: Say, name: str) -> dict[str, Answers]:
    say(f"taps: {name}")
    return {
        "alone": rival.load("taps", rate=_TAP_RATE, seconds=2 * seconds),
        "flat out": rival.load("taps", seconds=seconds),
        "beside photos": rival.load("taps", rate=_TAP_RATE, seconds=2 * seconds, busy=True),
    }
