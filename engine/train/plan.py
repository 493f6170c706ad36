"""What the command line asks of a training, whatever data it is about to see.

Made by `engine.train.command`; pack and manifest hand it their corpus.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from engine.head import Head, load_head
from engine.train.bridge import Weighted
from engine.train.corpus import Corpus
from engine.train.distributed import Team
from engine.train.imagenet import Classifier
from engine.train.loop import Run
from engine.train.options import shaped
from engine.train.probes import Probes
from engine.train.progress import progress
from engine.train.recipe import Recipe, train_head
from engine.train.resume import STATE, forget


class Plan:
    """The arguments of `python -m engine train`, put to work."""

    def __init__(self, args: argparse.Namespace, team: Team, say: Callable[[str], None]) -> None:
        """Take the arguments.

        Raises:
            ValueError: two options contradict each other.
        """
        shaped(args)  # a contradiction is told before any data is read
        self._args, self._team, self._say = args, team, say

    @property
    def folder(self) -> Path:
        """Where everything but the head goes."""
        out: Path = self._args.out
        return out / "report"

    @property
    def plain(self) -> bool:
        """Whether the paper's model was asked for, with nothing of ours beside it."""
        return shaped(self._args).plain

    @property
    def seed(self) -> int:
        """Of everything that is drawn."""
        return shaped(self._args).seed

    def train(
        self,
        corpus: Corpus,
        encoder: str,
        classifier: Classifier | None = None,
        class_labels: Mapping[str, Weighted] | None = None,
        usual: Recipe | None = None,
        probes: Probes | None = None,
    ) -> Head:
        """Train on a corpus: `engine.train.recipe.train_head` with all that was asked.

        Args:
            encoder: Name of the CNN whose features these are.
            classifier: The encoder's last layer, as a start.
            class_labels: Tags of each class.
            usual: Recipe in place of the default preset.
            probes: Units of the joint embedding that are there before.

        Raises:
            ValueError: the run cannot be resumed.
        """
        args, team = self._args, self._team
        recipe = shaped(args, usual)
        alike = load_head(args.alike_by) if args.alike_by else None
        with progress(recipe.schedule.steps, self._say, quiet=not team.leads) as shown:
            run = Run(
                folder=self.folder,
                every=args.checkpoint_every,
                resume=args.resume,
                team=team,
                tick=shown.tick,
                measured=shown.measured,
            )
            return train_head(
                corpus, recipe, encoder, shown.report, classifier, class_labels, run, alike, probes
            )

    def rehearse(self, corpus: Corpus, encoder: str, usual: Recipe, what: str) -> Head:
        """Train by the same recipe on a part of a corpus, and leave nothing behind.

        Args:
            what: What the progress is of.
        """
        recipe = replace(shaped(self._args, usual), validation=0.0)
        recipe = replace(recipe, schedule=replace(recipe.schedule, patience=0))
        quiet = not self._team.leads
        with progress(recipe.schedule.steps, self._say, quiet, f"{what}, ") as shown:
            run = Run(team=self._team, tick=shown.tick)
            return train_head(corpus, recipe, encoder, shown.report, run=run)

    @property
    def resumable(self) -> bool:
        """Whether there is a state to go on from."""
        return (self.folder / STATE).exists()

    def forget(self) -> None:
        """Remove the state of a run that is over."""
        forget(self.folder)
