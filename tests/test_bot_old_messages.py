"""Messages from before: buttons of what is closed or deleted, names that changed, odd hashtags."""

from __future__ import annotations

import asyncio
import json

from bot_fixtures import PATIENCE_S, Person, Seen, eventually, photo

from bot.callbacks import CARRYING, MENUS, Action, Press, pack

COFFEE, CAT = photo(), photo("cat.png")
LONG, HEBREW, CUP = "#" + "x" * 200, "#שבת_שלום", "#☕"


async def becomes(person: Person, message: Seen, has: str) -> Seen:
    """Wait until a message shows a button."""
    return await person.sees_that(message, lambda now: any(has in one for one in now.labels))


async def opens(person: Person, words: str, has: str, reply_to: int | None = None) -> Seen:
    """Write something, and wait for a new message with a button or some words."""
    number = await person.says(words, reply_to_message_id=reply_to)

    async def find() -> Seen | None:
        for one in await person.sees():
            if one.id > number and (has in one.text or any(has in label for label in one.labels)):
                return one
        return None

    found: Seen = await eventually(find, f"{has!r} after {words!r}")
    return found


async def answers(person: Person, queries: list[str]) -> dict[str, str]:
    """Wait for the short answers to all of these taps."""
    told: dict[str, str] = {}
    async with (
        asyncio.timeout(PATIENCE_S),
        person.http.stream("GET", f"{person.path}/events?after=0") as stream,
    ):
        async for line in stream.aiter_lines():
            event = json.loads(line[6:]) if line.startswith("data: ") else {}
            if "answer" in event:
                told[event["answer"]["callback_query_id"]] = event["answer"]["text"]
            if told.keys() >= set(queries):
                break
    return {query: told[query] for query in queries}


async def taps_all(person: Person, message: Seen, numbers: list[int]) -> set[str]:
    """Tap every kind of button there is, for each of these sessions or sets; what was told.

    The one that deletes everything is another person's here: its own would delete the answers too.
    """
    queries = []
    for action in Action:
        for number in numbers:
            own = action in MENUS and action is not Action.FORGET
            argument = str(person.id) if own else "1" if action in CARRYING else ""
            data = pack(Press(action, number, argument))
            queries.append(await person.forges(message, data))
    return set((await answers(person, queries)).values())


async def forgets(person: Person, message: Seen, number: int) -> Seen:
    """Tap the button that deletes everything, below some message; what is said in the end."""
    data = pack(Press(Action.FORGET, number, str(person.id)))
    await person.forges(message, data)
    last = await person.hears(message.id, "Everything is deleted")
    assert [one.id for one in await person.sees()] == [last.id]
    return last


async def test_every_button_of_every_old_message_is_answered(ann: Person) -> None:
    finished = await ann.shows(COFFEE, caption="#espresso")
    shown = [one["callback_data"] for one in finished.buttons]
    await ann.taps(finished, "Done")
    caption = await ann.hears(finished.id, "Tap the caption")
    cancelled = await ann.shows(CAT, caption="#whiskers")
    shown += [one["callback_data"] for one in cancelled.buttons]
    await ann.says("/cancel")
    await ann.sees_that(cancelled, lambda now: not now.buttons)
    over = {
        "This caption is finished. Tap Edit to go on.",
        "This photo was put aside. Send it again to start over.",
    }
    queries = [await ann.forges(caption, data) for data in shown]
    assert set((await answers(ann, queries)).values()) == over

    # Any other button, of what is there and of what never was: an answer, and never an error.
    numbers = [int(caption.data("Edit")[2:]), int(cancelled.data("Done")[2:]), 0]
    told = await taps_all(ann, caption, numbers)
    assert {"This button no longer works. Send the photo again to start over."} < told
    assert "This menu belongs to somebody else. Open your own with the same command." in told
    assert not [one for one in told if "went wrong" in one]

    # All is forgotten: whatever was shown before gets an answer, and the chat goes on.
    forget = await opens(ann, "/forget", "Delete everything")
    await ann.taps(forget, "Delete everything")
    last = await ann.hears(forget.id, "Everything is deleted")
    told = await taps_all(ann, last, numbers)
    assert not [one for one in told if "went wrong" in one]
    assert not told & over
    # What deletes everything does so below any message, also where nothing is left.
    for number in numbers:
        last = await forgets(ann, (await ann.sees())[-1], number)
    await ann.says("/cancel")
    assert (await ann.shows(CAT)).offered


async def test_a_set_that_was_renamed_or_deleted_meanwhile_is_still_the_one_that_was_meant(
    ann: Person,
) -> None:
    panel = await ann.shows(COFFEE, caption="#espresso #morning")
    menu = await opens(ann, "/sets", "Save")
    await ann.taps(menu, "Save")
    asked = await ann.hears(menu.id, "Reply with a name")
    saved = await opens(ann, "Coffee", "Saved as", reply_to=asked.id)
    await ann.says("/cancel")
    await ann.sees_that(panel, lambda now: not now.buttons)
    old = await opens(ann, "/sets", "Coffee · 2")
    await ann.taps(saved, "Use for")
    promise = await ann.hears(old.id, "No photo is open")
    await ann.taps(saved, "Rename")
    asked = await ann.hears(promise.id, "Reply with the new name")
    renamed = await opens(ann, "Кофе ☕ קפה", "It is called “Кофе ☕ קפה” now", reply_to=asked.id)
    await ann.taps(old, "Coffee · 2")
    old = await ann.sees_that(old, lambda now: now.text.startswith("Кофе ☕ קפה"))
    panel = await ann.shows(CAT)
    assert panel.chosen == ["#espresso", "#morning"]
    await ann.says("/cancel")
    await ann.sees_that(panel, lambda now: not now.buttons)

    await ann.taps(renamed, "Use for")
    promise = await ann.hears(panel.id, "No photo is open")
    await ann.taps(old, "Delete")
    old = await becomes(ann, old, "Keep it")
    await ann.taps(old, "Delete")
    await ann.sees_that(old, lambda now: "is deleted" in now.text)
    assert (await ann.shows(COFFEE)).chosen == []
    await ann.sees_that(promise, lambda now: "no longer there" in now.text)


async def test_the_longest_and_oddest_hashtags_go_through_every_menu(ann: Person) -> None:
    odd = [LONG, HEBREW, CUP]
    panel = await ann.shows(COFFEE, caption=" ".join(odd))
    assert panel.chosen == [f"{LONG[:29]}…", HEBREW, CUP]
    await ann.taps(panel, "Why")
    asks = await becomes(ann, panel, "💡 #")
    assert asks.labels[:2] == [f"💡 {HEBREW}", f"💡 {CUP}"]  # no button can carry the long one
    assert "do not know #☕" in await ann.told(await ann.taps(asks, f"💡 {CUP}"))
    panel = await becomes(ann, panel, "Similar")
    await ann.taps(panel, "Similar")
    asks = await becomes(ann, panel, "🧲 #")
    await ann.taps(asks, f"🧲 {HEBREW}")
    panel = await ann.sees_that(asks, lambda now: now.offered and "Done" in str(now.labels))
    assert f"{HEBREW} is new to me" in panel.text
    await ann.taps(panel, "Search")
    asked = await ann.hears(panel.id, "Which letters")
    found = await opens(ann, LONG, "Send it as a message of its own", reply_to=asked.id)
    assert not found.buttons

    await ann.taps(await opens(ann, "/settings", "Blocked"), "Blocked")
    page = await ann.sees_that((await ann.sees())[-1], lambda now: "No hashtag is" in now.text)
    await ann.taps(page, "Block hashtags")
    asked = await ann.hears(page.id, "never suggest")
    listed = await opens(ann, " ".join(odd), "3 hashtags are never", reply_to=asked.id)
    answer = listed.id - 1
    for label in listed.labels[:3]:
        await ann.taps(listed, label)
    await ann.sees_that(listed, lambda now: "No hashtag is blocked" in now.text)
    await ann.edits(answer, text="#edited")  # what was answered stays answered
    menu = await opens(ann, "/sets", "Save")
    await ann.taps(menu, "Save")
    asked = await ann.hears(menu.id, "Reply with a name")
    saved = await opens(ann, "שבת 🐈", "Saved as “שבת 🐈”", reply_to=asked.id)
    await ann.taps(panel, "Done")
    caption = await ann.hears(saved.id, "Tap the caption")
    assert caption.block == " ".join(odd)

    panel = await ann.shows(CAT)
    await ann.taps(saved, "Use for")
    panel = await ann.sees_that(panel, lambda now: len(now.chosen) == 3)
    assert "#edited" not in panel.text
