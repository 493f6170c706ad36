"""``python -m benchmarks.capacity``: what so many photos a day need, by arithmetic alone.

The costs are those that were measured; docs/CAPACITY.md says how, what is assumed, and what is not
known. Where no GPU's speed is given, GPUs stand as a formula.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.table import number, size, table

TAPS = 4
"""Hashtags tapped for a photo before Done: the conversation that was measured."""


@dataclass(frozen=True)
class Core:
    """Seconds of a core for a photo, for a tap, and for Done."""

    photo: float
    tap: float
    done: float = 0.0

    @property
    def conversation(self) -> float:
        """A whole conversation."""
        return self.photo + TAPS * self.tap + self.done


# `python -m benchmarks.costs --database postgresql://…`: a bot with an engine of its own.
WITH_ENGINE = Core(photo=0.0899, tap=0.0294, done=0.0393)
WITH_ENGINE_BYTES = 917e6

# Of the same run, the engine alone. A photo is decoded on the CPU where the CNN is on a GPU, too.
ENGINE = Core(photo=0.0351, tap=0.0041)
DECODE = 0.0118

# `… --engine ray`: the bot's own process, and all processes of bot and Ray together.
ON_RAY = Core(photo=0.0693, tap=0.0334, done=0.0399)
ON_RAY_WHOLE = Core(photo=0.131, tap=0.0436, done=0.0399)
ON_RAY_BYTES = 743e6

# The first run again: what the server of PostgreSQL did for a conversation, and holds then. The
# inbox keeps its rows for a day; a session and five picks stay until nobody has used them for long.
TRANSACTIONS, WRITES = 43.5, 28.1
SERVER, LOG_BYTES = 0.0371, 28_746
INBOX_ROWS, INBOX_BYTES = 6, 9_503
KEPT_ROWS, KEPT_BYTES = 6, 3_523 + 2_458

SENDS = 7
"""Messages and edits of the same run: the panel, five edits of it, the caption."""

CONNECTIONS = 21
"""Of a process to PostgreSQL at most: docs/OPERATIONS.md."""

PHOTO_BYTES = 243e3
"""The median of `benchmarks.pictures`, which are made like Telegram's photos of 1,280 px."""

DAY = 86_400


@dataclass(frozen=True)
class Assumed:
    """What nobody can measure beforehand.

    Attributes:
        peak: Photos a second in the busiest minutes, over the mean of the day.
        use: How much of a core or of a GPU is planned for.
        days: For which photos are kept (`RETENTION_DAYS`).
        sends: Messages and edits a second of one token.
        gpu: Photos a second of one GPU; None where it has not been measured.
    """

    peak: float
    use: float
    days: int
    sends: float
    gpu: float | None


@dataclass(frozen=True)
class Need:
    """What a stream of photos needs.

    Attributes:
        mean: Photos a second over the day.
        assumed: See `Assumed`.
    """

    mean: float
    assumed: Assumed

    @property
    def most(self) -> float:
        """Photos a second at the peak."""
        return self.mean * self.assumed.peak

    @property
    def day(self) -> float:
        """Photos a day."""
        return self.mean * DAY

    def busy(self, seconds: float) -> int:
        """Cores for what takes so much time of one in each conversation."""
        return math.ceil(self.most * seconds / self.assumed.use)

    @property
    def tokens(self) -> int:
        """Bots that Telegram has to know."""
        return math.ceil(round(self.most * SENDS / self.assumed.sends, 9))

    def processes(self, loop: float) -> int:
        """Processes of the bot whose one loop is busy so long for a conversation.

        None serves two tokens.
        """
        each = math.ceil(self.most / self.tokens * loop / self.assumed.use)
        return self.tokens * each

    @property
    def alone(self) -> int:
        """Processes with an engine of their own, whose threads work beside the loop."""
        return self.processes(WITH_ENGINE.conversation - looking(ENGINE))

    @property
    def joined(self) -> int:
        """Processes whose engine runs on Ray."""
        return self.processes(ON_RAY.conversation)

    @property
    def gpus(self) -> str:
        """A number, or a formula in G, the photos a second of one GPU."""
        wanted = self.most / self.assumed.use
        gpu = self.assumed.gpu
        return f"{number(wanted)} / G" if gpu is None else f"{math.ceil(wanted / gpu):,}"

    @property
    def rows(self) -> float:
        """Rows that are there at once."""
        return self.day * (INBOX_ROWS + self.assumed.days * KEPT_ROWS)

    @property
    def held(self) -> float:
        """Bytes of them, with their indexes."""
        return self.day * (INBOX_BYTES + self.assumed.days * KEPT_BYTES)


BESIDE_GPUS = ON_RAY_WHOLE.conversation - ON_RAY.conversation - ENGINE.photo + DECODE
"""Decoding, taps, and Ray itself: all of Ray's share but the CNN."""


def looking(engine: Core) -> float:
    """The engine's part in a conversation: a photo, its first suggestions, those of the taps."""
    return engine.photo + (1 + TAPS) * engine.tap


Row = tuple[str, Callable[[Need], str]]

ROWS: tuple[Row, ...] = (
    ("photos a second, mean", lambda need: number(need.mean)),
    ("photos a second, peak", lambda need: number(need.most)),
    ("updates a second, peak", lambda need: number(need.most * (2 + TAPS))),
    ("messages and edits a second, peak", lambda need: number(need.most * SENDS)),
    ("tokens", lambda need: f"{need.tokens:,}"),
    ("photos from Telegram a day", lambda need: size(need.day * PHOTO_BYTES)),
    ("… peak", lambda need: f"{number(need.most * PHOTO_BYTES * 8 / 1e6)} Mbit/s"),
    ("**no GPU**: bot processes with their engine", lambda need: f"{need.alone:,}"),
    ("… their cores", lambda need: f"{need.busy(WITH_ENGINE.conversation):,}"),
    ("… their memory", lambda need: size(need.alone * WITH_ENGINE_BYTES)),
    ("**GPUs on Ray**: GPUs", lambda need: need.gpus),
    ("… cores beside them", lambda need: f"{need.busy(BESIDE_GPUS):,}"),
    ("… bot processes, a core each", lambda need: f"{need.joined:,}"),
    ("… their memory", lambda need: size(need.joined * ON_RAY_BYTES)),
    ("**PostgreSQL**: cores", lambda need: f"{need.busy(SERVER):,}"),
    ("… transactions a second, peak", lambda need: number(need.most * TRANSACTIONS)),
    ("… of them writing", lambda need: number(need.most * WRITES)),
    ("… rows added a day", lambda need: number(need.day * (INBOX_ROWS + KEPT_ROWS))),
    ("… write-ahead log a day", lambda need: size(need.day * LOG_BYTES)),
    ("… rows held", lambda need: number(need.rows)),
    ("… bytes held, indexes included", lambda need: size(need.held)),
    ("… connections at most", lambda need: f"{max(need.alone, need.joined) * CONNECTIONS:,}"),
)


def page(photos: Sequence[float], assumed: Assumed) -> str:
    """The needs of several streams beside each other, and of what one token carries."""
    needs = [Need(each / DAY, assumed) for each in photos]
    one = Need(assumed.sends / SENDS / assumed.peak, assumed)
    heads = ("photos a day", *(number(need.day) for need in (*needs, one)))
    marked = (*heads[:-1], f"{heads[-1]} (one token)")
    return table(marked, [(name, *map(says, (*needs, one))) for name, says in ROWS])


def main() -> int:
    """Calculate and print.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description=__doc__)
    parser.add_argument(
        "--photos", type=float, nargs="+", default=[1e6, 1e7, 1e8], help="photos a day"
    )
    parser.add_argument("--peak", type=float, default=3, help="busiest minutes over the mean")
    parser.add_argument("--use", type=float, default=0.6, help="share of a core or GPU planned for")
    parser.add_argument("--days", type=int, default=365, help="RETENTION_DAYS")
    parser.add_argument("--token", type=float, default=30, help="messages a second of a token")
    parser.add_argument("--gpu", type=float, help="photos a second of one GPU, as measured")
    given = parser.parse_args()
    assumed = Assumed(given.peak, given.use, given.days, given.token, given.gpu)
    print(page(given.photos, assumed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
