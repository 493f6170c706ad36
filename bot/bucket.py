"""A token bucket: so many at once, then so many a second. Pure but for the numbers it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """How much may pass.

    Attributes:
        per_second: In the long run.
        burst: At once, after a pause.
    """

    per_second: float
    burst: int


class Bucket:
    """The state of one rate; times are seconds of one monotonic clock."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._level = float(rate.burst)
        self._then = now

    def wait(self, now: float) -> float:
        """Seconds until one may pass; 0 if it may pass now."""
        return max(0.0, (1 - self._filled(now)) / self._rate.per_second)

    def take(self, now: float) -> None:
        """Let one pass."""
        self._level = self._filled(now) - 1
        self._then = now

    def full(self, now: float) -> bool:
        """Whether it is as good as new."""
        return self._filled(now) >= self._rate.burst

    def _filled(self, now: float) -> float:
        grown = self._level + (now - self._then) * self._rate.per_second
        return min(float(self._rate.burst), grown)
