"""What the bot says: complete in every language, and nothing that nobody says."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent
from fluent.syntax.visitor import Visitor
from page_fixtures import ROOT

from bot import texts

BOT = ROOT / "bot"
LOCALES = BOT / "locales"
ANSWER = 200
"""Characters of an answer to a tap."""


class Names(Visitor):
    """The variables of a message."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: Any) -> None:  # noqa: N802
        self.found.add(node.id.name)


@cache
def sentences(language: str) -> dict[str, frozenset[str]]:
    """The variables of each message of a language."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted((LOCALES / language).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text("utf-8")).body:
            assert not isinstance(entry, fluent.Junk), f"{file}: {entry.content}"
            if isinstance(entry, fluent.Message):
                assert entry.id.name not in found, f"{entry.id.name} stands twice in {language}"
                names = Names()
                names.visit(entry)
                found[entry.id.name] = frozenset(names.found)
    return found


@cache
def spoken() -> list[tuple[str, frozenset[str]]]:
    """The calls of `say` in the code that name their message, with the values that they give."""
    calls = []
    for file in BOT.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and len(node.args) > 1):
                continue
            if getattr(node.func, "attr", "") not in ("say", "_say", "_answer"):
                continue
            values = frozenset(one.arg or "**" for one in node.keywords)
            choices = ast.walk(node.args[1])
            calls += [
                (one.value, values)
                for one in choices
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
                if not isinstance(node.args[1], ast.JoinedStr)
            ]
    return calls


def test_a_language_lacks_no_sentence_and_no_variable_of_the_english_ones() -> None:
    english = sentences("en")
    assert len(english) > 100
    assert {folder.name for folder in LOCALES.iterdir() if folder.is_dir()} == set(texts.LANGUAGES)
    for language in texts.LANGUAGES:
        theirs = sentences(language)
        assert theirs.keys() == english.keys(), language
        for message_id, names in english.items():
            # One that only chooses the plural may be needless in another language.
            assert names == theirs[message_id], (language, message_id)


def test_what_the_code_says_is_defined_and_gets_its_values() -> None:
    english = sentences("en")
    assert len(spoken()) > 60
    for message_id, values in spoken():
        assert message_id in english, message_id
        if "**" not in values:
            assert english[message_id] <= values, message_id


def test_no_sentence_is_left_that_nobody_says() -> None:
    code = "\n".join(file.read_text("utf-8") for file in BOT.glob("*.py"))
    named = set(re.findall(r"\"([a-z][a-z0-9-]+)\"", code))
    beginnings = tuple(re.findall(r"f\"([a-z][a-z0-9-]*-)\{", code))
    left = {one for one in sentences("en") if one not in named and not one.startswith(beginnings)}
    assert not left


def test_what_fits_an_answer_to_a_tap_in_english_fits_it_in_every_language() -> None:
    for message_id, names in sentences("en").items():
        values = dict.fromkeys(names, "100")
        said = {one: texts.say(one, message_id, **values) for one in texts.LANGUAGES}
        assert all(said.values()), message_id
        if len(said["en"]) <= ANSWER and "\n" not in said["en"]:
            assert all(len(one) <= ANSWER for one in said.values()), (message_id, said)


def test_no_two_buttons_bear_the_same_word() -> None:
    for language in texts.LANGUAGES:
        labels = [
            re.sub(r"[^\w ]", "", texts.say(language, one)).strip()
            for one in sentences(language)
            if one.startswith("button-")
        ]
        assert len(labels) > 10
        assert sorted(labels) == sorted(set(labels)), language


def test_every_button_that_the_help_names_is_called_so() -> None:
    for language in texts.LANGUAGES:
        for button in ("more", "undo", "done"):
            label = re.sub(r"[^\w ]", "", texts.say(language, f"button-{button}")).strip()
            assert label in texts.say(language, "help"), (language, label)


@pytest.mark.parametrize(
    ("telegram", "language"),
    [
        ("de", "de"),
        ("es-419", "es"),
        ("zh-hant", "zh-TW"),
        ("zh-TW", "zh-TW"),
        ("zh_HK", "zh-TW"),
        ("zh-hans", "zh-TW"),
        ("pt-br", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_client_gets_the_language_that_comes_closest(telegram: str | None, language: str) -> None:
    assert texts.spoken(telegram) == language
    assert texts.say(telegram, "button-done") == texts.say(language, "button-done")


def test_values_are_bare_and_plurals_are_right() -> None:
    assert texts.say("fr", "carry-added", count=1) == "Added one hashtag to your photo."
    added = [texts.say("ru", "carry-added", count=count) for count in (1, 2, 5, 11, 21)]
    assert [one.rsplit(" ", 1)[1] for one in added] == [
        "хештег.",
        "хештега.",
        "хештегов.",
        "хештегов.",
        "хештег.",
    ]
    assert "\u2068" not in texts.say("de", "sets-saved", name="Strand")
    with pytest.raises(KeyError):
        texts.say("de", "no-such-sentence")
