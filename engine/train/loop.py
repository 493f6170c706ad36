"""The training loop: draws batches, steps the optimiser, and returns the trained model.

Knows nothing of photos and vocabularies; `engine.train.command` brings data in and the
checkpoint out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.model.cnn_rnn import CnnRnn
from engine.train import resume
from engine.train.distributed import Team
from engine.train.exam import Exam
from engine.train.interruption import Interruption, interruption
from engine.train.losses import Objective
from engine.train.precision import half_precision
from engine.train.resume import Standing
from engine.train.sampler import Sampler
from engine.train.steps import Step

Report = Callable[[int, float], None]


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    Attributes:
        steps: Batches in all.
        batch: Examples in a batch, of all processes together.
        rate: Highest learning rate, reached after a twentieth of the steps; then a cosine.
        decay: Weight decay, for the image projection and the tables.
        item_rate: Learning rate of the item–item table, as a share of ``rate``.
        optimiser: ``adamw``, or ``rmsprop`` with the paper's momentum.
        precision: One of `engine.train.precision.PRECISIONS`.
        patience: Measures without progress after which training stops; 0 never stops it early.
    """

    steps: int = 2600
    batch: int = 512
    rate: float = 1.5e-3
    decay: float = 0.4
    item_rate: float = 0.3
    optimiser: str = "adamw"
    precision: str = "auto"
    patience: int = 0


@dataclass(frozen=True)
class Run:
    """Where a training runs and what it leaves; what is learned does not depend on it.

    Attributes:
        folder: Takes the curves and the state; None writes nothing.
        every: Steps between two states on disk, 0 for none; the last is written when all steps
            are done.
        resume: Go on from the state in the folder.
        tick: Called after every step with its number and the mean loss since the last report.
        measured: Called with the step and the recall of every validation.
        options: What has to be the same when the run goes on.
    """

    folder: Path | None = None
    every: int = 0
    resume: bool = False
    team: Team = field(default_factory=Team)
    tick: Report | None = None
    measured: Report | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def train(
    model: CnnRnn,
    sampler: Sampler,
    features: Tensor,
    unknown: Tensor,
    schedule: Schedule,
    report: Report,
    objective: Objective | None = None,
    similar: Tensor | None = None,
    exam: Exam | None = None,
    run: Run | None = None,
    groups: Sequence[Tensor] = (),
    crossed: Tensor | None = None,
) -> CnnRnn:
    """Train in place.

    Args:
        features: (N, F) of all photos.
        unknown: (S, V + 1) log weight of each tag for each source.
        report: Called with the step and the mean loss since the last call.
        similar: (V + 1, V + 1) sparse, of `engine.train.clusters`.
        exam: Measured twenty times; the weights that do best on it are the ones returned.
        groups: Rows of the tags that exclude each other.
        crossed: (N, P) what the model's probes say about each photo while it is trained.

    Raises:
        ValueError: the run cannot be resumed.
    """
    run = run or Run()
    similar = similar.to(run.team.device) if similar is not None else None
    step = Step(
        model.to(run.team.device),
        objective or Objective(),
        schedule.precision,
        similar,
        [rows.to(run.team.device) for rows in groups],
        crossed.to(run.team.device) if crossed is not None else None,
    )
    return _Loop(step, schedule, exam, run).go(sampler, features, unknown, report)


class _Loop:
    """One run: what steps, and how far it is."""

    def __init__(self, step: Step, schedule: Schedule, exam: Exam | None, run: Run) -> None:
        self._schedule, self._exam, self._run = schedule, exam, run
        device = run.team.device
        self._model = model = step.model
        self._step = run.team.wrap(step)
        self._optimiser = make_optimiser(model, schedule)
        self._rates = [group["lr"] for group in self._optimiser.param_groups]
        half = half_precision(schedule.precision, device)
        # float16 underflows without a scaled loss; for the other types the scaler is idle.
        self._scaler = torch.amp.GradScaler(device.type, enabled=half == torch.float16)
        self._standing = Standing()

    def go(self, sampler: Sampler, features: Tensor, unknown: Tensor, report: Report) -> CnnRnn:
        """All steps that are left.

        Raises:
            KeyboardInterrupt: somebody wants an end; where states are written, there is one.
        """
        # One of a team cannot stop alone: theirs are the states of every so many steps.
        with interruption(heeded=self._run.team.size == 1) as interrupted:
            self._steps(sampler, features, unknown, report, interrupted)
        return self._finished()

    def _steps(
        self,
        sampler: Sampler,
        features: Tensor,
        unknown: Tensor,
        report: Report,
        interrupted: Interruption,
    ) -> None:
        run, standing, steps = self._run, self._standing, self._schedule.steps
        device = run.team.device
        features, unknown = features.to(device), unknown.to(device)
        state = self._load() if run.resume else None
        if run.folder and not run.resume and run.team.leads:
            resume.forget(run.folder)
        often = max(1, min(100, steps // 20))
        self._model.train()
        batch_size = max(1, self._schedule.batch // run.team.size)
        left = steps if not self._over else standing.done
        for batch in sampler.batches(left, batch_size, standing.done, state):
            loss = self._take(self._step(batch.to(device), features, unknown))
            standing.done += 1
            standing.total, standing.since = standing.total + loss, standing.since + 1
            if run.tick and run.team.leads:
                run.tick(standing.done, standing.total / standing.since)
            last = standing.done == steps
            if standing.done % often == 0 or last:
                mean = standing.total / standing.since
                standing.history.append({"step": standing.done, "loss": mean})
                standing.total, standing.since = 0.0, 0
                self._write_history()
                if run.team.leads:
                    report(standing.done, mean)
            if self._exam and (standing.done % max(1, steps // 20) == 0 or last):
                self._measure(features)
            stop = interrupted.asked
            if run.every and (standing.done % run.every == 0 or self._over or stop):
                self._save(sampler)
            if stop:
                raise KeyboardInterrupt
            if self._over:
                break

    @property
    def _over(self) -> bool:
        """Whether there is no step left to take."""
        schedule, standing = self._schedule, self._standing
        impatient = bool(schedule.patience) and standing.idle >= schedule.patience
        return impatient or standing.done >= schedule.steps

    def _take(self, loss: Tensor) -> float:
        """One step of the optimiser."""
        schedule, done = self._schedule, self._standing.done
        rise = min(1.0, (done + 1) / max(1, schedule.steps // 20))
        fall = 0.5 * (1 + math.cos(math.pi * done / schedule.steps))
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * rise * fall
        self._optimiser.zero_grad(set_to_none=True)
        scaled: Tensor = self._scaler.scale(loss)
        scaled.backward()  # type: ignore[no-untyped-call]
        self._scaler.unscale_(self._optimiser)
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 5.0)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        return float(loss.item())

    def _measure(self, features: Tensor) -> None:
        """Ask the exam, keep the weights if they are the best so far."""
        standing, team = self._standing, self._run.team
        recall = float("nan")
        if team.leads and self._exam:
            recall = self._exam.recall(self._model, features)
        recall = team.told(recall)
        standing.history.append({"step": standing.done, "recall": recall})
        self._write_history()
        standing.idle += 1
        if recall > standing.best:
            standing.best, standing.idle = recall, 0
            standing.weights = {
                name: value.detach().clone() for name, value in self._model.state_dict().items()
            }
        if self._run.measured and team.leads:
            self._run.measured(standing.done, recall)

    def _finished(self) -> CnnRnn:
        if self._standing.weights is not None:
            self._model.load_state_dict(self._standing.weights)
        return self._model.cpu().eval()

    def _write_history(self) -> None:
        if self._run.folder and self._run.team.leads:
            resume.write_history(self._run.folder, self._standing.history)

    def _save(self, sampler: Sampler) -> None:
        """Write everything that the next step depends on."""
        team = self._run.team
        random = team.gather((resume.random_state(team.device), sampler.state))
        if self._run.folder is None or not team.leads:
            return
        state = {
            "standing": vars(self._standing),
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
            "random": random,
        }
        resume.save_state(self._run.folder, state, self._run.options)

    def _load(self) -> dict[str, Any]:
        """Bring everything back; returns the sampler's state."""
        if self._run.folder is None:
            raise ValueError("nothing to resume: the run has no folder")
        state = resume.load_state(self._run.folder, self._run.options)
        vars(self._standing).update(state["standing"])
        self._model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._scaler.load_state_dict(state["scaler"])
        team = self._run.team
        states, drawn = state["random"][team.rank]
        resume.set_random_state(states, team.device)
        return dict(drawn)


def make_optimiser(model: CnnRnn, schedule: Schedule) -> torch.optim.Optimizer:
    """The optimiser over all parameters that learn.

    Raises:
        ValueError: there is no such optimiser.
    """
    plain = {"tag_bias", "joint_gate", "item_gate", "no_image"}
    learning = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {
            "params": [p for n, p in learning if n == "item_item"],
            "lr": schedule.rate * schedule.item_rate,
            "weight_decay": 0.0,
        },
        {"params": [p for n, p in learning if n in plain], "weight_decay": 0.0},
        {"params": [p for n, p in learning if n not in plain | {"item_item"}]},
    ]
    groups = [group for group in groups if group["params"]]
    if schedule.optimiser == "adamw":
        return torch.optim.AdamW(groups, lr=schedule.rate, weight_decay=schedule.decay, fused=True)
    if schedule.optimiser == "rmsprop":
        return torch.optim.RMSprop(
            groups, lr=schedule.rate, alpha=0.9, momentum=0.9, weight_decay=schedule.decay
        )
    raise ValueError(f"there is no optimiser {schedule.optimiser!r}, only adamw and rmsprop")
