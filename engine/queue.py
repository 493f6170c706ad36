"""The queue in front of a device: items in, results out, batches in between.

It knows nothing of images or tags. It lives on one event loop, so there are no locks; work
that blocks belongs in `engine.threads`.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from engine.door import EngineBusy, EngineClosed, Observer, Unobserved

Item = TypeVar("Item")
Result = TypeVar("Result")

SHORTEST_RETRY = 1.0
"""Seconds: no caller is told to come back sooner."""


@dataclass(frozen=True, eq=False)
class Lane(Generic[Item, Result]):
    """One class of items, and what is done with them.

    Attributes:
        name: Tells it from others, to an observer.
        work: Turns a batch of items into as many results, in the same order.
        max_batch: Items in a batch at most.
        limit: Items that may wait; one more is refused.
        drop: Whether work that nobody waits for any more is cancelled. What runs in a thread
            goes on there, so this is for work that still has steps before it.
    """

    name: str
    work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]
    max_batch: int
    limit: int
    drop: bool = False


class BatchQueue:
    """A bounded queue with dynamic batches.

    Idle, it starts on the first item at once; busy, the next batch forms meanwhile. Lanes are
    served in the order given, a later one only when those before it are empty. Within a lane
    keys take turns, so that a burst of one caller does not hold up the others; when a lane is
    full, it is the greediest key that is refused.

    Args:
        lanes: The most urgent first.
        workers: Batches under way at the same time.
        observer: Told of waiting and work; None for nobody.
    """

    def __init__(
        self,
        lanes: Iterable[Lane[Any, Any]],
        *,
        workers: int,
        observer: Observer | None = None,
    ) -> None:
        self._lines = {lane: _Line(lane) for lane in lanes}
        self._workers = workers
        self._observer = observer or Unobserved()
        self._running: dict[asyncio.Task[None], list[_Entry]] = {}
        self._closed = False

    async def submit(self, lane: Lane[Item, Result], item: Item, key: Hashable = None) -> Result:
        """Queue an item and wait for its result.

        A caller that is cancelled while its item waits takes the item with it, and on a lane
        that drops its work also an item that is worked on.

        Args:
            lane: One of the queue's.
            item: Handed to the lane's work as it is.
            key: On whose behalf; keys take turns.

        Raises:
            EngineBusy: the lane is full; nothing was started.
            EngineClosed: the queue is closing.
            Exception: whatever the work raised for this item.
        """
        if self._closed:
            raise EngineClosed("the engine is shutting down")
        line = self._lines[lane]
        if line.count >= lane.limit:
            self._make_room(line, key)
        loop = asyncio.get_running_loop()
        entry = _Entry(item, loop.create_future(), loop.time())
        line.add(key, entry)
        self._start()
        self._observer.waiting(lane.name, line.count)
        try:
            result: Result = await entry.future
        except asyncio.CancelledError:
            line.discard(key, entry)
            if lane.drop:
                self._abandon(entry)
            self._observer.waiting(lane.name, line.count)
            raise
        return result

    def expect(self, lane: Lane[Any, Any], key: Hashable = None) -> None:
        """Say whether an item would find room.

        Raises:
            EngineBusy: it would be refused now.
        """
        line = self._lines[lane]
        if line.count >= lane.limit and not line.gives_way(key):
            self._observer.refused(lane.name)
            raise EngineBusy(self.delay(lane))

    def delay(self, lane: Lane[Any, Any]) -> float:
        """Seconds until what waits on a lane now will be done, as far as that can be told."""
        line = self._lines[lane]
        return max(SHORTEST_RETRY, line.count * line.seconds_per_item / self._workers)

    async def close(self, deadline: float) -> None:
        """Refuse new items, finish what waits, and after ``deadline`` seconds fail the rest.

        Nobody is left waiting: callers whose item was not done get `EngineClosed`.
        """
        self._closed = True
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline
        while self._running and (left := end - loop.time()) > 0:
            await asyncio.wait(self._running, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for line in self._lines.values():
            for entry in line.clear():
                entry.fail(EngineClosed("the engine shut down before this was done"))
        for task in self._running:
            task.cancel()  # `_finished` tells their callers

    def _make_room(self, line: _Line, key: Hashable) -> None:
        """Refuse the newest item of the greediest key, or ``key`` itself.

        Raises:
            EngineBusy: no other key has more waiting than this one.
        """
        self._observer.refused(line.lane.name)
        busy = EngineBusy(self.delay(line.lane))
        evicted = line.pop_greediest(key)
        if evicted is None:
            raise busy
        evicted.fail(busy)

    def _start(self) -> None:
        """Start batches while there are items and idle workers."""
        while len(self._running) < self._workers:
            line = next((each for each in self._lines.values() if each.count), None)
            if line is None:
                return
            batch = line.take()
            self._tell(line, batch)
            task = asyncio.create_task(self._run(line, batch))
            self._running[task] = batch
            task.add_done_callback(self._finished)

    def _tell(self, line: _Line, batch: list[_Entry]) -> None:
        """Report that a batch has left its line."""
        now = asyncio.get_running_loop().time()
        for entry in batch:
            self._observer.waited(line.lane.name, now - entry.arrived)
        self._observer.waiting(line.lane.name, line.count)

    def _abandon(self, entry: _Entry) -> None:
        """Stop the work on an entry, unless others of its batch still wait."""
        for task, batch in self._running.items():
            if entry in batch and all(each.future.done() for each in batch):
                task.cancel()

    def _finished(self, task: asyncio.Task[None]) -> None:
        for entry in self._running.pop(task):
            # Whatever ended the task, nobody may wait for ever.
            entry.fail(EngineClosed("the engine shut down before this was done"))
        self._start()

    async def _run(self, line: _Line, batch: list[_Entry]) -> None:
        """Work on a batch; if that fails, on each of its items alone.

        A poisoned item thus costs only its own caller an exception.
        """
        error = await self._attempt(line, batch)
        if error is None:
            return
        if len(batch) == 1:
            batch[0].fail(error)
            return
        for entry in batch:
            if not entry.future.done():
                error = await self._attempt(line, [entry])
                if error is not None:
                    entry.fail(error)

    async def _attempt(self, line: _Line, batch: list[_Entry]) -> Exception | None:
        """Do the work and deliver its results, or return what it raised."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            results = await line.lane.work([entry.item for entry in batch])
            if len(results) != len(batch):
                raise RuntimeError(f"{len(results)} results for {len(batch)} items")
        except Exception as error:
            return error
        seconds = loop.time() - began
        line.learn(seconds / len(batch))
        self._observer.worked(line.lane.name, len(batch), seconds)
        for entry, result in zip(batch, results, strict=True):
            if not entry.future.done():
                entry.future.set_result(result)
        return None


@dataclass(frozen=True, eq=False)
class _Entry:
    """An item, the future that its caller awaits, and when it came."""

    item: Any
    future: asyncio.Future[Any]
    arrived: float

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class _Line:
    """The waiting entries of one lane, by key, the key whose turn it is first."""

    def __init__(self, lane: Lane[Any, Any]) -> None:
        self.lane = lane
        self.count = 0
        self.seconds_per_item = 0.0
        self._by_key: OrderedDict[Hashable, deque[_Entry]] = OrderedDict()

    def add(self, key: Hashable, entry: _Entry) -> None:
        self._by_key.setdefault(key, deque()).append(entry)
        self.count += 1

    def take(self) -> list[_Entry]:
        """Remove and return the next batch: one entry of each key in turn."""
        batch: list[_Entry] = []
        while self._by_key and len(batch) < self.lane.max_batch:
            key, entries = next(iter(self._by_key.items()))
            batch.append(entries.popleft())
            self._by_key.move_to_end(key)
            self._removed_from(key)
        return batch

    def discard(self, key: Hashable, entry: _Entry) -> None:
        """Remove an entry whose caller has gone, if it still waits."""
        entries = self._by_key.get(key)
        if entries is not None and entry in entries:
            entries.remove(entry)
            self._removed_from(key)

    def gives_way(self, key: Hashable) -> bool:
        """Whether another key has so many that one of them can make room for ``key``."""
        most = max(len(entries) for entries in self._by_key.values())
        return most > len(self._by_key.get(key, ())) + 1

    def pop_greediest(self, key: Hashable) -> _Entry | None:
        """Remove the newest entry of the key that has most, if ``key`` would have fewer."""
        if not self.gives_way(key):
            return None
        greediest = max(self._by_key, key=lambda each: len(self._by_key[each]))
        entry = self._by_key[greediest].pop()
        self._removed_from(greediest)
        return entry

    def clear(self) -> list[_Entry]:
        """Remove and return every entry."""
        entries = [entry for waiting in self._by_key.values() for entry in waiting]
        self._by_key.clear()
        self.count = 0
        return entries

    def learn(self, seconds: float) -> None:
        """Remember how long an item takes, recent ones first."""
        known = self.seconds_per_item
        self.seconds_per_item = 0.8 * known + 0.2 * seconds if known else seconds

    def _removed_from(self, key: Hashable) -> None:
        self.count -= 1
        if not self._by_key[key]:
            del self._by_key[key]
