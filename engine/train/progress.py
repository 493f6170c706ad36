"""How a training shows that it goes on: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Report = Callable[[int, float], None]


@dataclass(frozen=True)
class Progress:
    """What `engine.train.loop` calls.

    Attributes:
        report: With the step and the mean loss, a few times in a run.
        measured: With the step and the recall of a validation.
        tick: With the step and the loss so far, after every step.
    """

    report: Report
    measured: Report
    tick: Report


@contextmanager
def progress(
    steps: int, say: Callable[[str], None], quiet: bool = False, what: str = ""
) -> Iterator[Progress]:
    """Show the progress of ``steps`` steps.

    Args:
        say: Prints a line.
        quiet: Show nothing: another process does.
        what: Stands before each line.
    """
    if quiet:
        yield Progress(_nothing, _nothing, _nothing)
        return

    def measured(step: int, recall: float) -> None:
        say(f"{what}step {step} of {steps}, validation recall@10 {recall:.4f}")

    if not sys.stderr.isatty():
        yield Progress(
            lambda step, loss: say(f"{what}step {step} of {steps}, loss {loss:.4f}"),
            measured,
            _nothing,
        )
        return
    from tqdm import tqdm

    with tqdm(total=steps, unit="step", desc=what.strip(", ") or None, dynamic_ncols=True) as bar:

        def tick(step: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
            bar.update(step - bar.n)

        def aside(step: int, recall: float) -> None:
            with tqdm.external_write_mode(file=sys.stderr):
                measured(step, recall)

        yield Progress(_nothing, aside, tick)


def _nothing(step: int, value: float) -> None:
    """Show nothing."""
