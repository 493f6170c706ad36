"""The queue alone: items, results, batches, turns, refusals, poison, shutdown."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from engine.door import EngineBusy, EngineClosed
from engine.queue import BatchQueue, Lane
from engine.threads import Threads


class Device:
    """Work that notes its batches and can be held up: doubles numbers, chokes on "poison"."""

    def __init__(self) -> None:
        self.batches: list[list[object]] = []
        self.running = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def work(self, items: Sequence[object]) -> list[object]:
        self.batches.append(list(items))
        self.running.set()
        await self.go_on.wait()
        if "poison" in items:
            raise ValueError("poison")
        return [(item, "done") for item in items]

    def lane(self, max_batch: int = 4, limit: int = 100) -> Lane[object, object]:
        return Lane("lane", self.work, max_batch, limit)


async def busy(queue: BatchQueue, lane: Lane[object, object], device: Device) -> asyncio.Task:
    """Put the device to work on something that ends when `go_on` is set."""
    device.go_on.clear()
    task = asyncio.create_task(queue.submit(lane, "first"))
    await device.running.wait()
    return task


def ask(queue: BatchQueue, lane: Lane[object, object], *items: object, key: object = None):
    """Submit items one after another, each by a caller of its own."""
    return [asyncio.create_task(queue.submit(lane, item, key)) for item in items]


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_idle_queue_starts_on_the_first_item_without_waiting_for_a_batch():
    device = Device()
    lane = device.lane()
    queue = BatchQueue([lane], workers=1)
    assert await queue.submit(lane, 1) == (1, "done")
    assert device.batches == [[1]]


async def test_while_the_device_works_the_next_batch_forms():
    device = Device()
    lane = device.lane(max_batch=4)
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    rest = ask(queue, lane, 1, 2, 3, 4, 5, 6)
    await settle()
    device.go_on.set()
    assert await asyncio.gather(first, *rest) == [
        (item, "done") for item in ("first", 1, 2, 3, 4, 5, 6)
    ]
    assert device.batches == [["first"], [1, 2, 3, 4], [5, 6]]


async def test_taps_go_before_photos_that_have_waited_longer():
    device = Device()
    taps, photos = device.lane(), device.lane(max_batch=2)
    queue = BatchQueue([taps, photos], workers=1)
    first = await busy(queue, photos, device)
    waiting = ask(queue, photos, "photo 1", "photo 2", "photo 3")
    await settle()
    waiting += ask(queue, taps, "tap 1", "tap 2")
    await settle()
    device.go_on.set()
    await asyncio.gather(first, *waiting)
    assert device.batches == [["first"], ["tap 1", "tap 2"], ["photo 1", "photo 2"], ["photo 3"]]


async def test_an_album_does_not_hold_up_a_neighbour():
    device = Device()
    lane = device.lane(max_batch=2)
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    waiting = ask(queue, lane, 1, 2, 3, 4, 5, key="album")
    await settle()
    waiting += ask(queue, lane, "a", "b", key="neighbour")
    await settle()
    device.go_on.set()
    await asyncio.gather(first, *waiting)
    assert device.batches == [["first"], [1, "a"], [2, "b"], [3, 4], [5]]


async def test_a_full_lane_refuses_at_once_and_says_when_to_come_back():
    device = Device()
    lane = device.lane(limit=2)
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    waiting = ask(queue, lane, 1, 2)
    await settle()
    with pytest.raises(EngineBusy) as refusal:
        await queue.submit(lane, 3)
    assert refusal.value.retry_after > 0
    with pytest.raises(EngineBusy):
        queue.expect(lane)
    device.go_on.set()
    await asyncio.gather(first, *waiting)
    queue.expect(lane)
    assert device.batches == [["first"], [1, 2]]
    assert await queue.submit(lane, 3) == (3, "done")


async def test_when_a_lane_is_full_the_greediest_is_refused_and_not_the_newcomer():
    device = Device()
    lane = device.lane(limit=3)
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    flood = ask(queue, lane, 1, 2, 3, key="flood")
    await settle()
    (newcomer,) = ask(queue, lane, "n", key="newcomer")
    await settle()
    assert isinstance(flood[2].exception(), EngineBusy)
    device.go_on.set()
    assert await asyncio.gather(first, flood[0], flood[1], newcomer) == [
        (item, "done") for item in ("first", 1, 2, "n")
    ]


async def test_a_caller_that_has_gone_takes_its_item_with_it():
    device = Device()
    lane = device.lane(limit=2)
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    gone, stays = ask(queue, lane, "gone", "stays")
    await settle()
    gone.cancel()
    await settle()
    (late,) = ask(queue, lane, "late")  # there is room again
    await settle()
    device.go_on.set()
    await asyncio.gather(first, stays, late)
    assert device.batches == [["first"], ["stays", "late"]]


async def test_a_caller_that_goes_while_its_item_is_worked_on_harms_nobody():
    device = Device()
    lane = device.lane()
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    first.cancel()
    device.go_on.set()
    assert await queue.submit(lane, 1) == (1, "done")


async def test_work_with_steps_before_it_stops_when_nobody_waits_for_it_any_more():
    device = Device()
    lane = Lane("lane", device.work, 1, 100, drop=True)
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    (second,) = ask(queue, lane, 2)
    await settle()
    first.cancel()
    await settle()
    assert device.batches == [["first"], [2]]  # without waiting for what nobody wants
    device.go_on.set()
    assert await second == (2, "done")


async def test_a_poisoned_item_fails_alone():
    device = Device()
    lane = device.lane(max_batch=3)
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    before, poisoned, after = ask(queue, lane, 1, "poison", 2)
    await settle()
    device.go_on.set()
    await asyncio.wait([first, before, poisoned, after])
    assert before.result() == (1, "done")
    assert after.result() == (2, "done")
    assert isinstance(poisoned.exception(), ValueError)
    assert await queue.submit(lane, 3) == (3, "done")


async def test_when_all_work_fails_every_caller_hears_of_it():
    async def broken(items: Sequence[int]) -> list[int]:
        raise RuntimeError("out of memory")

    lane = Lane("lane", broken, 8, 100)
    queue = BatchQueue([lane], workers=1)
    outcomes = await asyncio.gather(*ask(queue, lane, 1, 2, 3, 4), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["out of memory"] * 4


async def test_too_few_results_are_an_error_and_nobody_waits_for_ever():
    async def forgetful(items: Sequence[int]) -> list[int]:
        return []

    lane = Lane("lane", forgetful, 8, 100)
    queue = BatchQueue([lane], workers=1)
    with pytest.raises(RuntimeError, match="0 results for 1 items"):
        await queue.submit(lane, 1)


async def test_closing_finishes_what_waits_and_refuses_what_comes():
    device = Device()
    lane = device.lane(max_batch=1)
    queue = BatchQueue([lane], workers=1)
    first = await busy(queue, lane, device)
    waiting = ask(queue, lane, 1, 2)
    await settle()
    closing = asyncio.create_task(queue.close(deadline=60))
    await settle()
    with pytest.raises(EngineClosed):
        await queue.submit(lane, 3)
    device.go_on.set()
    await closing
    assert await asyncio.gather(first, *waiting) == [
        ("first", "done"),
        (1, "done"),
        (2, "done"),
    ]


async def test_after_the_deadline_closing_tells_everybody_who_still_waits():
    device = Device()
    lane = device.lane(max_batch=1)
    queue = BatchQueue([lane], workers=1)
    stuck = await busy(queue, lane, device)
    waiting = ask(queue, lane, 1, 2)
    await settle()
    await queue.close(deadline=0)
    outcomes = await asyncio.gather(stuck, *waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [EngineClosed] * 3


async def test_the_event_loop_goes_on_while_a_thread_works():
    threads = Threads(1, "test")
    event = threading.Event()
    working = asyncio.create_task(threads.run(event.wait, 60))
    await settle()
    event.set()  # only reached if the loop was not held up
    assert await working is True
    threads.close()


@pytest.mark.parametrize("error", [StopIteration(), SystemExit(1), ValueError("no")])
async def test_whatever_ends_the_work_in_a_thread_reaches_its_caller(error: BaseException):
    def work(item: int) -> int:
        raise error

    threads = Threads(1, "test")
    with pytest.raises((RuntimeError, ValueError)):
        await threads.run(work, 1)
    assert await threads.run(abs, -1) == 1
    threads.close()
