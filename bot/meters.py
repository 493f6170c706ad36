"""What is measured while the bot works, for Prometheus (``/metrics``).

Every number begins here: the engine reports to the `Observer` that it is given, the outbox hands
over the answers that are on their way, and requests to Telegram pass through `MeteredRequest`.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from telegram.request import HTTPXRequest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 4, 8, 16, 32, 64)


@dataclass(eq=False)
class _Handling:
    """An update that is being handled and has not been answered yet."""

    kind: str
    began: float
    answered: bool = False


_handling: ContextVar[_Handling | None] = ContextVar("handling", default=None)


class Meters:
    """The metrics of one process. It is an `engine.Observer`."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it would double the page
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._waiting = Gauge(
            "tagalong_queue_depth",
            "Items that wait in a lane of the engine",
            ["lane"],
            registry=self.registry,
        )
        self._waited = self._times(
            "tagalong_queue_wait_seconds", "How long items waited in a lane of the engine", "lane"
        )
        self._sizes = Histogram(
            "tagalong_batch_size",
            "Items that a network was run on at once",
            ["step"],
            buckets=_SIZES,
            registry=self.registry,
        )
        self._steps = self._times(
            "tagalong_step_seconds", "Time of a step: decode (a photo), cnn, lstm (a batch)", "step"
        )
        self._busy = self._counts("tagalong_busy_total", "Items refused by a full lane", "lane")
        self._updates = self._counts("tagalong_updates_total", "Updates begun", "kind")
        self._answers = self._times(
            "tagalong_answer_seconds", "From the inbox to the answer's arrival", "kind"
        )
        self._errors = self._counts(
            "tagalong_telegram_errors_total",
            "Requests that Telegram refused or that did not reach it",
            "method",
            "code",
        )
        self._inbox = Gauge(
            "tagalong_inbox_depth",
            "Updates in the database that are not finished",
            registry=self.registry,
        )

    def page(self, inbox: int | None) -> bytes:
        """All of it, as Prometheus reads it.

        Args:
            inbox: Updates that are not finished; None where the database does not say.
        """
        self._inbox.set(float("nan") if inbox is None else inbox)
        return generate_latest(self.registry)

    # What the engine reports.

    def waiting(self, lane: str, number: int) -> None:
        """So many items wait in a lane."""
        self._waiting.labels(lane).set(number)

    def waited(self, lane: str, seconds: float) -> None:
        """An item has left a lane for work."""
        self._waited.labels(lane).observe(seconds)

    def worked(self, step: str, items: int, seconds: float) -> None:
        """A step was done on so many items at once."""
        self._steps.labels(step).observe(seconds)
        self._sizes.labels(step).observe(items)

    def refused(self, lane: str) -> None:
        """An item was refused: the engine is busy."""
        self._busy.labels(lane).inc()

    # What the bot reports.

    def begin(self, kind: str, since: float) -> None:
        """The handling of an update begins, in this task and those that it starts.

        Args:
            kind: Of the update.
            since: When it was taken out of the inbox, or written down (`time.perf_counter`).
        """
        self._updates.labels(kind).inc()
        _handling.set(_Handling(kind, since))

    def posted(self, answer: asyncio.Future[Any]) -> None:
        """A message or an edit is on its way; the first to arrive answers the update."""
        handling = _handling.get()
        if handling is not None:
            answer.add_done_callback(lambda done: self._arrived(handling, done))

    def failed(self, method: str, code: str) -> None:
        """A request to Telegram was in vain."""
        self._errors.labels(method, code).inc()

    def _arrived(self, handling: _Handling, answer: asyncio.Future[Any]) -> None:
        if handling.answered or answer.cancelled() or answer.exception() is not None:
            return
        handling.answered = True
        self._answers.labels(handling.kind).observe(time.perf_counter() - handling.began)

    def _times(self, name: str, text: str, label: str) -> Histogram:
        return Histogram(name, text, [label], buckets=_SECONDS, registry=self.registry)

    def _counts(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)


class MeteredRequest(HTTPXRequest):
    """python-telegram-bot's requests, with an eye on those that fail."""

    def __init__(self, meters: Meters, *, connections: int, pool_timeout: float) -> None:
        super().__init__(connection_pool_size=connections, pool_timeout=pool_timeout)
        self._meters = meters

    async def do_request(
        self, url: str, method: str, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        """Make a request; its answer is the caller's."""
        # The token stands in the address: only what follows it may be told. Files are fetched.
        name = url.rsplit("/", 1)[-1] if method == "POST" else "file"
        try:
            code, body = await super().do_request(url, method, *args, **kwargs)
        except Exception as error:
            self._meters.failed(name, type(error).__name__)
            raise
        if code >= 400:
            self._meters.failed(name, str(code))
        return code, body
