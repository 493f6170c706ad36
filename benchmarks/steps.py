"""What people do besides sending photos: every command, every button, typed words and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.person import Json
from benchmarks.regulars import Regular
from bot.callbacks import Action, Press
from bot.options import OPTIONS, number

_SEND, _EDIT, _TELL = ("sendMessage",), ("editMessageText",), ("answerCallbackQuery",)
_PLACES = {option.name: place for place, option in enumerate(OPTIONS)}


@dataclass(frozen=True)
class Step:
    """Something that a person does.

    Attributes:
        name: What the table calls it; steps of one name are one row.
        act: Does it; where an edit answers it, it gives the message that is edited.
        methods: The call that answers is one of these.
        messages: So many messages and edits follow in all.
        before: Is done first, and not measured.
    """

    name: str
    act: Callable[[Regular], int | None]
    methods: tuple[str, ...] = _EDIT
    messages: int = 1
    before: Callable[[Regular], None] | None = None


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


def _opens_and_sets(name: str, value: int) -> tuple[Step, Step]:
    return (
        Step("/settings: open one", _opens(name)),
        Step("/settings: change it", _sets(name, value), messages=2),
    )


def _switches(name: str, *values: int) -> tuple[Step, ...]:
    return tuple(Step("/settings: a switch", _sets(name, one), messages=2) for one in values)


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


def _sends_a_photo(regular: Regular) -> None:
    regular.people.send(regular.chat, regular.picture)
    regular.people.panel(regular.chat)


def _own(message: Json) -> bool:
    return not message["from"]["is_bot"]


_CHANGES = (("platform", 1), ("layout", 1), ("order", 1), ("buttons", 1), ("columns", 2),
            ("leaning", 1), ("language", 2))  # fmt: skip
_BACK = (("language", 0), ("leaning", 2), ("columns", 1), ("buttons", 3), ("order", 0),
         ("layout", 0), ("platform", 0))  # fmt: skip

EVERY_ROUND = (
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
    *(step for change in _CHANGES for step in _opens_and_sets(*change)),
    *_switches("local_tags", 1, 0),  # as long as the language is not English
    *(step for change in _BACK for step in _opens_and_sets(*change)),
    *_switches("promotional", 1, 0),
    *_switches("taste", 0, 1),
    Step("/settings: forget what was learned", _taps(Action.TASTE_RESET), _TELL),
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
    Step("add to the caption above", _taps(Action.JOIN), messages=2, before=_sends_a_photo),
    Step("/export", _says("/export"), ("sendDocument",)),
    Step("/forget", _says("/forget"), _SEND),
    Step("/forget: keep it", _taps(Action.FORGET_NOT)),
    Step("/cancel", _says("/cancel"), _SEND, 2),
    Step("/tag in reply to a photo", _tags_again, _SEND),
)
"""From a photo that is open to one that is open, with a past that is not used up."""

IN_THE_END = (
    Step("/forget", _says("/forget"), _SEND),
    Step("/forget: delete everything", _taps(Action.FORGET)),
)
"""After it nothing is left of a chat."""
