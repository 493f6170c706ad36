"""Every command and every other tap: how long a person waits for what does not look at a photo.

``python -m benchmarks.commands`` measures these alone.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.machine import narrow
from benchmarks.person import Json, Unanswered, person
from benchmarks.pictures import photos
from benchmarks.processes import TOKEN, at, bot_api, running
from benchmarks.regulars import Regular, remember
from benchmarks.summary import Summary
from benchmarks.table import milliseconds, table
from bot.callbacks import Action, Press
from bot.options import OPTIONS, number

AIM_S = 0.1

_SHOWN = 8
"""Photos that the bot is shown before, in chats of their own; the past is made of them."""

_SEND, _EDIT = ("sendMessage",), ("editMessageText",)
_PLACES = {option.name: place for place, option in enumerate(OPTIONS)}


@dataclass(frozen=True)
class Step:
    """Something that a person does.

    Attributes:
        name: What the table calls it; steps of one name are one row.
        act: Does it; where an edit answers it, it gives the message that is edited.
        methods: The call that answers is one of these.
        messages: So many messages and edits follow in all.
    """

    name: str
    act: Callable[[Regular], int | None]
    methods: tuple[str, ...] = _EDIT
    messages: int = 1


@dataclass(frozen=True)
class Waits:
    """How long people waited for one kind of step, in seconds."""

    name: str
    seconds: tuple[float, ...]


def commands(
    home: Path, pictures: Sequence[bytes], chats: int, rounds: int, *, module: str = "bot"
) -> tuple[Waits, ...]:
    """A bot with a token, and people who have used it for long.

    Args:
        home: Where bot and Bot API may write.
        pictures: To be sent.
        chats: In so many chats, one after the other, each step is taken.
        rounds: How often all steps are taken in each.
        module: What runs as the bot.
    """
    waits: dict[str, list[float]] = defaultdict(list)
    with (
        bot_api(home / "api") as url,
        running(["-m", module], home / "bot", **at(url)),
        person(url) as people,
        httpx.Client(base_url=url, timeout=60) as http,
    ):
        for picture in pictures[:_SHOWN]:
            chat_id = people.new_chat()
            people.send(chat_id, picture)
            people.panel(chat_id)
        regulars = [Regular(people, http, people.new_chat()) for _ in range(chats)]
        database, bot_id = home / "bot" / "data" / "tagalong.db", int(TOKEN.partition(":")[0])
        asyncio.run(remember(database, bot_id, [one.chat for one in regulars]))
        for regular, picture in zip(regulars, pictures * chats, strict=False):
            people.send(regular.chat, picture)
            people.panel(regular.chat)
        for _ in range(rounds):
            for step in STEPS:
                for regular in regulars:
                    waits[step.name].append(_take(step, regular))
    return tuple(Waits(name, tuple(seconds)) for name, seconds in waits.items())


def _take(step: Step, regular: Regular) -> float:
    """Take a step; how long its answer took."""
    with regular.turn(step.messages):
        try:
            return regular.answered(step.methods, step.act(regular)).seconds
        except Unanswered as error:
            raise Unanswered(f"{step.name}: {error}") from error


def report(waits: Sequence[Waits]) -> str:
    """A table, and a word about the slowest."""
    rows = []
    for one in waits:
        summary = Summary.of(one.seconds)
        times = (summary.median, summary.p95, summary.slowest)
        rows.append((one.name, str(summary.count), *map(milliseconds, times)))
    late = sum(second > AIM_S for one in waits for second in one.seconds)
    all_of_them = sum(len(one.seconds) for one in waits)
    names = ("what does not look at a photo", "times", "median", "p95", "slowest")
    return (
        f"{table(names, rows)}\n\n"
        f"Slower than the aim of {milliseconds(AIM_S)}: {late} of {all_of_them:,}."
    )


def _says(text: str) -> Callable[[Regular], None]:
    return lambda regular: regular.say(text)


def _taps(
    action: Action, wanted: Callable[[Press], object] = bool
) -> Callable[[Regular], int | None]:
    return lambda regular: regular.tap(action, wanted)


def _opens(name: str) -> Callable[[Regular], int | None]:
    """Open one setting."""
    return _taps(Action.OPTION, lambda press: press.session_id == _PLACES[name])


def _sets(name: str, value: int) -> Callable[[Regular], int | None]:
    """Choose one value of a setting, by its place."""
    wanted = number(_PLACES[name], value)
    return _taps(Action.OPTION_SET, lambda press: press.session_id == wanted)


def _draws(act: Callable[[Regular], int | None]) -> Callable[[Regular], int | None]:
    """What is answered by an edit of the open photo's panel."""

    def follow(regular: Regular) -> int:
        panel = regular.newest(_is_panel)
        act(regular)
        return panel

    return follow


def _is_panel(message: Json) -> bool:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    begun = f"{Action.DONE}:"
    return any(button.get("callback_data", "").startswith(begun) for row in rows for button in row)


def _replies(text: str) -> Callable[[Regular], None]:
    """Answer the bot's newest question."""

    def act(regular: Regular) -> None:
        asked = regular.newest(lambda one: one.get("reply_markup", {}).get("force_reply"))
        regular.say(text, reply_to=asked)

    return act


def _tags_again(regular: Regular) -> None:
    """``/tag`` in reply to one's newest photo."""
    regular.say("/tag", reply_to=regular.newest(lambda one: "photo" in one and _own(one)))


def _own(message: Json) -> bool:
    return not message["from"]["is_bot"]


_CHANGES = (("platform", 1), ("layout", 1), ("order", 1), ("buttons", 1), ("columns", 2),
            ("leaning", 1), ("language", 2))  # fmt: skip
_BACK = (("language", 0), ("leaning", 2), ("columns", 1), ("buttons", 3), ("order", 0),
         ("layout", 0), ("platform", 0))  # fmt: skip
_SWITCHES = ("promotional", "taste", "local_tags")

STEPS = (
    Step("/start", _says("/start"), _SEND),
    Step("/help", _says("/help"), _SEND),
    Step("/privacy", _says("/privacy"), _SEND),
    Step("/tag alone", _says("/tag"), _SEND),
    Step("inline query", lambda one: one.ask_inline("beach sunset"), ("answerInlineQuery",), 0),
    Step("tap a hashtag", _taps(Action.ADD)),
    Step("More", _taps(Action.MORE)),
    Step("Surprise me", _taps(Action.SURPRISE)),
    Step("Undo", _taps(Action.UNDO)),
    Step("typed hashtags", _draws(_says("#ourdog #lighthouse"))),
    Step("typed words", _draws(_says("What a day!"))),
    Step("take a hashtag out", _taps(Action.REMOVE)),
    Step("Why?", _taps(Action.WHY)),
    Step("Back", _taps(Action.BACK)),
    Step("Similar…", _taps(Action.LIKE)),
    Step("Similar… to one", _taps(Action.LIKE_TAG)),
    Step("Search…", _taps(Action.SEARCH), _SEND),
    Step("letters to search for", _replies("sun"), _SEND),
    Step("tap a hashtag", _draws(_taps(Action.ADD))),
    Step("/settings", _says("/settings"), _SEND),
    *(
        step
        for name, value in (*_CHANGES, *_BACK)
        for step in (
            Step("/settings: open one", _opens(name)),
            Step("/settings: change it", _sets(name, value), messages=2),
        )
    ),
    *(
        Step("/settings: a switch", _sets(name, value), messages=2)
        for name in _SWITCHES
        for value in ((0, 1) if name == "taste" else (1, 0))
    ),
    Step("/settings: blocked hashtags", _taps(Action.BLOCKED)),
    Step("/settings: block some", _taps(Action.BLOCK), _SEND),
    Step("hashtags to block", _replies("#love #happy"), _SEND, 2),
    Step("/settings: unblock one", _taps(Action.UNBLOCK), messages=2),
    Step("/history", _says("/history"), ("sendPhoto",)),
    *(Step("/history: older, newer", _taps(Action.PAST), ("editMessageMedia",)) for _ in range(2)),
    Step("/history: send again", _taps(Action.PAST_SEND), _SEND),
    Step("/history: use", _draws(_taps(Action.PAST_USE))),
    Step("/sets", _says("/sets"), _SEND),
    Step("/sets: next page", _taps(Action.SETS)),
    Step("/sets: open one", _taps(Action.SET)),
    Step("/sets: use", _draws(_taps(Action.SET_USE))),
    Step("/sets: back", _taps(Action.SETS)),
    Step("/sets: save", _taps(Action.SET_SAVE), _SEND),
    Step("/sets: its name", _replies("A new one"), _SEND),
    Step("/sets: rename", _taps(Action.SET_RENAME), _SEND),
    Step("/sets: its name", _replies("A better name"), _SEND),
    Step("/sets: delete", _taps(Action.SET_DELETE)),
    Step("/sets: delete it", _taps(Action.SET_GONE)),
    Step("Start over", _taps(Action.RESTART)),
    Step("tap a hashtag", _draws(_taps(Action.ADD))),
    Step("Done", _taps(Action.DONE), _SEND, 2),
    Step("Edit", _taps(Action.EDIT), _SEND, 2),
    Step("/export", _says("/export"), ("sendDocument",)),
    Step("/forget", _says("/forget"), _SEND),
    Step("/forget: keep it", _taps(Action.FORGET_NOT)),
    Step("/cancel", _says("/cancel"), _SEND, 2),
    Step("/tag in reply to a photo", _tags_again, _SEND),
)


def main() -> int:
    """Measure and print.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__)
    parser.add_argument("--chats", type=int, default=10, help="chats in which all is done")
    parser.add_argument("--rounds", type=int, default=2, help="how often in each")
    parser.add_argument("--module", default="bot", help="what runs as the bot")
    arguments = parser.parse_args()
    narrow()
    with tempfile.TemporaryDirectory() as home:
        waits = commands(
            Path(home), photos(), arguments.chats, arguments.rounds, module=arguments.module
        )
    print(report(waits))
    return 0


if __name__ == "__main__":
    sys.exit(main())
