"""What a platform takes: hashtags that are typed or come along stop at it as a tapped one does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from bot_fixtures import Person, Seen, eventually, photo

from bot import texts
from bot.caption import length
from bot.platforms import platforms
from bot.preferences import Preferences
from bot.room import Room, room
from bot.style import Style

COFFEE, CAT = photo(), photo("cat.png")
WORD = "w" * 39  # with a sign and a space 41 characters
SIX = [f"#{letter}{WORD}" for letter in "abcdef"]  # these make 245 of X's 280
BEYOND = f"#g{WORD}"


async def posts_on(person: Person, platform: str) -> None:
    """Choose a platform in /settings."""
    menu = await person.hears(await person.says("/settings"), "Your settings")
    await person.taps(menu, "Platform")
    page = await person.sees_that(menu, lambda now: "Your settings" not in now.text)
    await person.taps(page, platform)
    await person.sees_that(menu, lambda now: f"Platform: {platform}" in " ".join(now.labels))


async def panel_with(person: Person, panel: Seen, tags: Sequence[str]) -> Seen:
    """Wait until a panel shows a caption that ends with these tags, and nothing after them."""
    return await person.sees_that(panel, lambda now: " ".join(tags) in now.text.splitlines())


async def saves(person: Person, name: str) -> Seen:
    """Save the hashtags of the open photo as a set; the message that uses it."""
    menu = await person.hears(await person.says("/sets"), "set")
    await person.taps(menu, "Save")
    question = await person.hears(menu.id, "Reply with a name")
    answer = await person.says(name, reply_to_message_id=question.id)
    return await person.hears(answer, "Saved as")


async def finds(person: Person, after: int, button: str) -> Seen:
    """The bot's next message after one that has a button."""

    async def find() -> Seen | None:
        for one in await person.sees():
            if one.id > after and any(button in label for label in one.labels):
                return one
        return None

    found: Seen = await eventually(find, button)
    return found


async def finishes(person: Person, panel: Seen) -> Seen:
    await person.taps(panel, "Done")
    return await person.hears(panel.id, "Tap the caption")


async def test_typed_hashtags_stop_at_the_characters_of_a_platform_and_are_named(
    ann: Person,
) -> None:
    await posts_on(ann, "X")
    panel = await ann.shows(COFFEE)
    number = await ann.says(" ".join([*SIX, BEYOND, "#tea", f"#h{WORD}"]))
    told = await ann.hears(number, "X takes only 280 characters, so I left out #g")
    assert told.text.endswith(f" #h{WORD[:23]}….")
    panel = await panel_with(ann, panel, [*SIX, "#tea"])  # a shorter one still fitted
    assert "256 of 280 characters for X" in panel.text

    number = await ann.says(" ".join([BEYOND, *(f"#{n}{WORD}" for n in "ijklm")]))
    told = await ann.hears(number, "so I left out #g")
    assert told.text.endswith("… and 3 more.")
    await ann.edits(number, text=f"{BEYOND} #hot")
    await ann.hears(told.id, f"X takes only 280 characters, so I left out {BEYOND[:25]}….")
    panel = await panel_with(ann, panel, [*SIX, "#tea", "#hot"])

    # Words may leave no room for hashtags; then none joins, and Done works all the same.
    await ann.says("A long story. " * 20)
    panel = await ann.sees_that(panel, lambda now: "characters more than the 280" in now.text)
    number = await ann.says("#a")
    await ann.hears(number, "X takes only 280 characters, so I left out #a.")
    assert (await finishes(ann, panel)).block.endswith("#tea #hot")


async def test_a_text_alone_can_be_finished_once_it_is_short_enough_for_its_platform(
    ann: Person,
) -> None:
    await posts_on(ann, "Bluesky")
    panel = await ann.shows(COFFEE, caption="a" * 312)
    assert "12 characters more than the 300" in panel.text
    told = await ann.told(await ann.taps(panel, "Done"))
    assert told == (
        "Your text is 12 characters longer than the 300 that Bluesky takes. Send a shorter one."
    )
    await ann.says("a" * 301)
    panel = await ann.sees_that(panel, lambda now: "one character more than" in now.text)
    assert "is one character longer" in await ann.told(await ann.taps(panel, "Done"))
    await ann.says("A quiet morning")
    panel = await ann.sees_that(panel, lambda now: "A quiet morning" in now.text)
    caption = await finishes(ann, panel)
    assert caption.block == caption.copied == "A quiet morning"

    # The history knows it, and has nothing of it for another photo.
    past = await finds(ann, await ann.says("/history"), "Send again")
    assert "no hashtags" in await ann.told(await ann.taps(past, "Use for"))
    await ann.taps(past, "Send again")
    again = await ann.hears(past.id, "Tap the caption")
    assert again.block == "A quiet morning"


async def test_a_photos_own_hashtags_stop_at_its_limits_too(ann: Person) -> None:
    await posts_on(ann, "Bluesky")
    number = await ann.sends(COFFEE, caption=" ".join([*SIX, BEYOND, f"#h{WORD}"]))
    panel = await ann.panel(number)
    await ann.hears(number, "Bluesky takes only 300 characters, so I left out #h")
    panel = await panel_with(ann, panel, [*SIX, BEYOND])
    await ann.edits(number, caption=" ".join([*SIX[1:], BEYOND, f"#h{WORD}", "#i" + WORD]))
    await ann.hears(panel.id, "Bluesky takes only 300 characters, so I left out #i")
    await panel_with(ann, panel, [*SIX[1:], BEYOND, f"#h{WORD}"])

    await posts_on(ann, "Instagram")
    number = await ann.sends(CAT, caption="#a1 #b2 #c3 #d4 #e5 #f6")
    await ann.hears(number, "Instagram takes only 5 hashtags, so I left out #f6.")
    panel = await panel_with(ann, await ann.panel(number), ["#a1", "#b2", "#c3", "#d4", "#e5"])


async def test_sets_and_earlier_captions_stop_at_the_limits_of_a_platform(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption=" ".join([*SIX, BEYOND, f"#h{WORD}"]))
    saved = await saves(ann, "Many")
    await finishes(ann, panel)
    await posts_on(ann, "X")

    # Into the open photo, from a set and from the history.
    panel = await ann.shows(CAT)
    told = await ann.told(await ann.taps(saved, "Use for"))
    assert told.startswith("Added 6 hashtags to your photo. X takes only 280 characters, so I left")
    assert "#gw" in told and "#hw" in told and length(told) <= 200
    panel = await panel_with(ann, panel, SIX)
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: not now.chosen)
    menu = await ann.says("/history")
    past = await finds(ann, menu, "Use for")
    assert "X takes only 280" in await ann.told(await ann.taps(past, "Use for"))
    panel = await panel_with(ann, panel, SIX)
    told = await ann.told(await ann.taps(saved, "Use for"))
    assert told.startswith("X takes only 280 characters, so I left out #g")
    await ann.says("/cancel")
    await ann.sees_that(panel, lambda now: not now.buttons)

    # And kept for the next one.
    await ann.taps(saved, "Use for")
    promise = await ann.hears(panel.id, "No photo is open")
    panel = await ann.shows(COFFEE)
    await panel_with(ann, panel, SIX)
    promise = await ann.sees_that(promise, lambda now: "Your photo started with" in now.text)
    assert " ".join(SIX) in promise.text and BEYOND not in promise.text
    assert "X takes only 280 characters, so I left out #g" in promise.text


async def test_what_a_photo_that_joins_brings_along_stops_at_the_limit(ann: Person) -> None:
    await posts_on(ann, "X")
    await ann.shows(COFFEE, caption=" ".join(SIX))
    panel = await ann.shows(CAT)
    joins = next(one["callback_data"] for one in panel.buttons if "Add to" in one["text"])
    await ann.chooses(panel, panel.offered[0])
    await ann.says(f"Mornings {BEYOND}", reply_to_message_id=panel.id)
    panel = await ann.sees_that(panel, lambda now: BEYOND in now.text)
    first = panel.chosen[0]
    told = await ann.told(await ann.forges(panel, joins))
    assert told.startswith("X takes only 280 characters, so I left out #g")
    await panel_with(ann, panel, [*SIX, first])
    joined = await ann.sees_that(panel, lambda now: "Mornings" in now.text)
    await ann.taps(joined, "Undo")  # what came at once goes at once
    await ann.sees_that(joined, lambda now: first not in now.chosen and "Morn" not in now.text)


async def test_without_a_platform_a_caption_ends_where_telegram_marks_no_more(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    number = await ann.says(" ".join(f"#n{n}" for n in range(104)))
    told = await ann.hears(number, "A caption takes only 100 hashtags, so I left out")
    assert told.text.endswith("out #n100 #n101 #n102 and 1 more.")
    await ann.sees_that(panel, lambda now: "#n99" in now.text and "#n100" not in now.text)


async def test_blocked_hashtags_are_taken_as_far_as_there_is_room_and_the_rest_is_named(
    ann: Person,
) -> None:
    menu = await ann.hears(await ann.says("/settings"), "Your settings")
    await ann.taps(menu, "Blocked hashtags")
    listed = await ann.sees_that(menu, lambda now: "No hashtag is blocked" in now.text)
    answer = listed.id
    for number in range(4):
        await ann.taps(listed, "Block hashtags")
        question = await ann.hears(answer, "Which hashtags should I never suggest?")
        many = " ".join(f"#m{number}x{one}" for one in range(300))
        answer = await ann.says(many, reply_to_message_id=question.id)
        if number < 3:
            await ann.hears(answer, f"{(number + 1) * 300} hashtags are never suggested")
    told = await ann.hears(answer, "Only 1,000 hashtags can be blocked")
    assert told.text.endswith("so I left out #m3x100 #m3x101 #m3x102 and 197 more.")
    full = await ann.hears(told.id, "1,000 hashtags are never suggested")
    assert "✕ #m3x99" in full.labels
    assert "Block hashtags" not in " ".join(full.labels)


# --- the sentence -----------------------------------------------------------------------------


class AsChosen:
    """Knows no broad hashtag."""

    def broad_first(self, tags: Sequence[str]) -> tuple[str, ...]:
        return tuple(tags)


def style(language: str = "en", **settings: Any) -> Style:
    return Style(language, Preferences(**settings), AsChosen())


@pytest.mark.parametrize("language", list(texts.LANGUAGES))
def test_the_answer_to_a_tap_has_room_for_what_was_left_out(language: str) -> None:
    many = tuple(f"{n}{'ш' * 60}" for n in range(200))
    for platform in ("", *platforms()):
        told = room(style(language, platform=platform), "", (), many).told
        added = texts.say(language, "carry-added", count=100)
        assert f"#{many[-1][:3]}" not in told
        assert length(f"{added} {told}") <= 200, told


def test_what_is_added_in_ones_own_language_takes_no_room_from_what_is_typed() -> None:
    words = "x" * 262
    kept = room(style("de", platform="x", local_tags=True), words, ("coffee",), ("dog", "cat"))
    assert kept == Room(("dog",), "X nimmt nur 280 Zeichen, daher habe ich #cat weggelassen.")
    none = room(style(platform="x"), "x" * 281, (), ("a", "b"))
    assert none == Room((), "X takes only 280 characters, so I left out #a #b.")
    heavy = room(style(platform="x"), "x" * 276, (), ("漢", "a", "b"))
    assert heavy.tags == ("a",)
    assert room(style(platform="threads"), "", ("a",), ("a", "b")).told == (
        "Threads takes only one hashtag, so I left out #b."
    )
    assert room(style(), "", ("a",), ("a",)) == Room()
