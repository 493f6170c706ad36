"""What a replica tells with its answers of the work behind them. No torch."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.door import EngineError, Unobserved

Result = TypeVar("Result", covariant=True)

NOTES = 1024
"""Steps that are remembered while no answer takes them along."""


@dataclass(frozen=True)
class Work:
    """A step that was done, as `engine.door.Observer.worked` is told of it."""

    step: str
    items: int
    seconds: float


@dataclass(frozen=True)
class Report(Generic[Result]):
    """An answer, and what its replica has done since the last one.

    A batch is thus told of once, to one of those whose items were in it.
    """

    answer: Result | EngineError
    work: tuple[Work, ...]


class Notes(Unobserved):
    """Notes the steps of a replica until an answer takes them along."""

    def __init__(self) -> None:
        self._work: deque[Work] = deque(maxlen=NOTES)

    def worked(self, step: str, items: int, seconds: float) -> None:
        """A step was done on so many items at once."""
        self._work.append(Work(step, items, seconds))

    def along_with(self, answer: Result | EngineError) -> Report[Result]:
        """An answer, with what was noted."""
        work = tuple(self._work)
        self._work.clear()
        return Report(answer, work)
