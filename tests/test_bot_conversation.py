"""A conversation with the bot, from the photo to the caption."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import httpx
import pytest
from bot_fixtures import Person, calls, drawn, eventually, fault, fine, newcomer, photo
from page_fixtures import RunningBot

COFFEE, CAT, TEMPLE = photo("coffee.jpg"), photo("cat.png"), photo("temple.jpg")


# --- the panel --------------------------------------------------------------------------------


async def test_a_photo_is_answered_with_ten_suggestions_in_two_columns(ann: Person) -> None:
    sent = await ann.sends(COFFEE)
    panel = await ann.panel(sent)

    assert panel.answers == sent
    assert len(set(panel.offered)) == 10
    assert [len(row) for row in panel.rows] == [2, 2, 2, 2, 2, 2, 2, 3]
    why, like, search, surprise, more, undo, done = panel.labels[10:]
    assert "Why" in why and "Similar" in like
    assert "Search" in search and "Surprise" in surprise
    assert "More" in more and "Undo" in undo and "Done" in done
    assert [one.id for one in await ann.all_said()] == [panel.id]


async def test_the_bot_shows_that_it_is_working(ann: Person, http: httpx.AsyncClient) -> None:
    await ann.shows(COFFEE)
    (typing,) = await calls(http, "sendChatAction", ann.chat)
    assert typing["parameters"]["action"] == "typing"


async def test_a_tap_adds_the_tag_and_the_suggestions_follow(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    first = panel.offered[2]
    tap = await ann.taps(panel, first)
    panel_2 = await ann.sees_that(panel, lambda now: now.chosen == [first])
    assert await ann.told(tap) == ""

    assert first in panel_2.text
    assert len(panel_2.offered) == 10
    assert first not in panel_2.offered
    assert panel_2.offered != panel.offered

    second = panel_2.offered[5]
    panel_3 = await ann.chooses(panel_2, second)
    assert panel_3.chosen == [first, second]
    assert not {first, second} & set(panel_3.offered)
    assert panel_3.text.index(first) < panel_3.text.index(second)
    assert [one.id for one in await ann.all_said()] == [panel.id]


async def test_other_choices_lead_to_other_suggestions(ann: Person) -> None:
    one, other = await ann.shows(COFFEE), await ann.shows(COFFEE)
    assert one.offered == other.offered
    left, right = one.offered[0], one.offered[-1]
    one = await ann.chooses(one, left)
    other = await ann.chooses(other, right)
    assert set(one.offered) - {left, right} != set(other.offered) - {left, right}


async def test_other_photos_lead_to_other_suggestions(ann: Person) -> None:
    cat, temple = await ann.shows(CAT), await ann.shows(TEMPLE)
    assert len(set(cat.offered) & set(temple.offered)) < 8


async def test_a_tap_on_a_chosen_tag_takes_it_out(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    fresh = panel
    one, other = panel.offered[:2]
    panel = await ann.chooses(panel, one)
    panel = await ann.chooses(panel, other if other in panel.offered else panel.offered[0])
    kept = panel.chosen[1]

    await ann.taps(panel, f"✓ {one}")
    panel = await ann.sees_that(panel, lambda now: now.chosen == [kept])
    assert one not in panel.text
    await ann.taps(panel, f"✓ {kept}")
    panel = await ann.sees_that(panel, lambda now: now.chosen == [])
    assert panel.offered == fresh.offered


async def test_two_fast_taps_on_one_message_both_count(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    one, other = panel.offered[0], panel.offered[1]
    taps = await asyncio.gather(ann.taps(panel, one), ann.taps(panel, other))
    panel = await ann.sees_that(panel, lambda now: len(now.chosen) == 2)
    assert set(panel.chosen) == {one, other}
    assert [await ann.told(tap) for tap in taps] == ["", ""]


async def test_many_fast_taps_all_count(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    for label in panel.offered:
        await ann.taps(panel, label)
    now = await ann.sees_that(panel, lambda now: len(now.chosen) == 10)
    assert now.chosen == panel.offered


async def test_the_same_button_tapped_twice_adds_its_tag_once(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    tag = panel.offered[0]
    await ann.taps(panel, tag)
    again = await ann.taps(panel, tag)
    assert await ann.told(again) == ""
    panel = await ann.sees_that(panel, lambda now: now.chosen)
    assert panel.chosen == [tag]
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: now.chosen == [])


async def test_more_shows_others_and_never_repeats(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    passed: set[str] = set()
    for _ in range(3):
        passed |= set(panel.offered)
        await ann.taps(panel, "More")
        panel = await ann.sees_that(panel, lambda now, old=panel.offered: now.offered != old)
        assert len(panel.offered) == 10
        assert not set(panel.offered) & passed
    panel = await ann.chooses(panel, panel.offered[4])
    assert not set(panel.offered) & passed


async def test_undo_takes_every_kind_of_step_back(ann: Person) -> None:
    states = [await ann.shows(COFFEE)]

    async def step(label: str) -> None:
        before = states[-1]
        await ann.taps(before, label)
        states.append(await ann.sees_that(before, lambda now: now.labels != before.labels))

    await step(states[-1].offered[0])
    await step("More")
    await step(states[-1].offered[3])
    await step(f"✓ {states[1].chosen[0]}")
    await ann.says("#ourdog")
    states.append(await ann.sees_that(states[-1], lambda now: "#ourdog" in now.chosen))

    panel = states[-1]
    for before in reversed(states[:-1]):
        await ann.taps(panel, "Undo")
        wanted = (before.chosen, before.offered, before.text)
        panel = await ann.sees_that(
            before, lambda now, wanted=wanted: (now.chosen, now.offered, now.text) == wanted
        )
    tap = await ann.taps(panel, "Undo")
    assert "nothing to undo" in await ann.told(tap)


async def test_undo_and_done_with_nothing_there_get_a_short_answer_and_no_message(
    ann: Person,
) -> None:
    panel = await ann.shows(COFFEE)
    undo = await ann.taps(panel, "Undo")
    assert await ann.told(undo) == "There is nothing to undo."
    done = await ann.taps(panel, "Done")
    assert await ann.told(done) == "Choose a hashtag first."
    assert [one.body for one in await ann.all_said()] == [panel.body]


# --- one's own words --------------------------------------------------------------------------


async def test_a_typed_hashtag_joins_the_caption(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    await ann.says("#OurDog")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#OurDog"])
    assert len(panel.offered) == 10
    await ann.taps(panel, "✓ #OurDog")
    await ann.sees_that(panel, lambda now: now.chosen == [])


async def test_a_hashtag_keeps_its_capitals_and_is_the_same_without_them(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption="#Coffee #newyork")
    assert panel.chosen == ["#Coffee", "#newyork"]
    assert "#coffee" not in panel.offered
    small = await ann.shows(COFFEE, caption="#coffee #newyork")
    assert panel.offered == small.offered
    typed = await ann.says("#NewYork #NEWYORK", reply_to_message_id=small.id)
    small = await ann.sees_that(small, lambda now: now.chosen == ["#coffee", "#NewYork"])
    await ann.edits(typed, text="#NewYORK #SoHo")
    small = await ann.sees_that(small, lambda now: "#SoHo" in now.chosen)
    assert small.chosen == ["#coffee", "#NewYORK", "#SoHo"]
    await ann.taps(small, "Undo")
    small = await ann.sees_that(small, lambda now: now.chosen == ["#coffee", "#NewYork"])
    await ann.taps(small, "Done")
    assert (await ann.hears(small.id)).block == "#coffee #NewYork"


async def test_an_own_tag_steers_the_suggestions(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    await ann.says("#wedding")
    now = await ann.sees_that(panel, lambda now: now.chosen)
    assert now.offered != panel.offered


async def test_several_hashtags_and_other_words_in_one_message(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    await ann.says("Sunday at last! #slow #brunch and #slow again")
    panel = await ann.sees_that(panel, lambda now: now.chosen)
    assert panel.chosen == ["#slow", "#brunch"]
    assert "Sunday at last! slow brunch and slow again\n\n#slow #brunch" in panel.text


async def test_plain_words_stand_above_the_hashtags(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    tag = panel.offered[0]
    panel = await ann.chooses(panel, tag)
    await ann.says("The first one today")
    panel = await ann.sees_that(panel, lambda now: f"The first one today\n\n{tag}" in now.text)
    await ann.says("The second one today")
    panel = await ann.sees_that(panel, lambda now: f"The second one today\n\n{tag}" in now.text)
    assert "first" not in panel.text
    assert panel.chosen == [tag]


async def test_hashtags_glued_together_are_several(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    await ann.says("#sea#sun ＃sand")
    await ann.sees_that(panel, lambda now: now.chosen == ["#sea", "#sun", "#sand"])


async def test_an_edited_text_counts_as_it_stands_now(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    typed = await ann.says("#ourdgo #park")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#ourdgo", "#park"])
    await ann.edits(typed, text="#ourdog #park")
    panel = await ann.sees_that(panel, lambda now: "#ourdog" in now.chosen)
    assert panel.chosen == ["#park", "#ourdog"]
    await ann.edits(typed, text="#ourdgo")
    await ann.sees_that(panel, lambda now: now.chosen == ["#ourdgo"])


async def test_a_text_from_before_the_photo_stays_out_of_it_when_it_is_edited(ann: Person) -> None:
    old = await ann.says("hello")
    await ann.hears(old, "Send me a photo")
    panel = await ann.shows(COFFEE)
    await ann.edits(old, text="hello #there")
    said = await ann.all_said()
    assert said[-1].body == panel.body


async def test_words_without_an_open_photo_are_answered_with_what_to_do(ann: Person) -> None:
    said = await ann.says("#hello there")
    assert "Send me a photo" in (await ann.hears(said)).text


# --- the photo's own caption ------------------------------------------------------------------


async def test_hashtags_of_the_photos_caption_start_the_prefix_and_its_words_stay(
    ann: Person,
) -> None:
    panel = await ann.shows(COFFEE, caption="Morning in Rome #Espresso #rome\nwith Ben")
    assert panel.chosen == ["#Espresso", "#rome"]
    assert not {"#espresso", "#rome"} & set(panel.offered)
    assert "Morning in Rome\nwith Ben\n\n#Espresso #rome" in panel.text

    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    assert caption.block == "Morning in Rome\nwith Ben\n\n#Espresso #rome"


async def test_a_photos_caption_that_is_edited_later_is_followed(ann: Person) -> None:
    sent = await ann.sends(COFFEE, caption="Rome #espreso #morning")
    panel = await ann.panel(sent)
    tag = next(one for one in panel.offered if one != "#espresso")
    panel = await ann.chooses(panel, tag)

    await ann.edits(sent, caption="Rome again #espresso #morning")
    panel = await ann.sees_that(panel, lambda now: "#espresso" in now.chosen)
    assert panel.chosen == ["#morning", tag, "#espresso"]
    assert "Rome again\n\n" in panel.text

    await ann.edits(sent, caption="")
    panel = await ann.sees_that(panel, lambda now: "Rome" not in now.text)
    assert panel.chosen == [tag]


async def test_a_caption_edited_after_done_changes_the_finished_caption(ann: Person) -> None:
    sent = await ann.sends(COFFEE, caption="Rome #espresso")
    panel = await ann.panel(sent)
    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    await ann.edits(sent, caption="Rome #espresso #doppio")
    caption = await ann.sees_that(caption, lambda now: "#doppio" in now.text)
    assert caption.block == caption.copied == "Rome\n\n#espresso #doppio"
    await ann.edits(sent, caption="")
    caption = await ann.sees_that(caption, lambda now: "Nothing is left" in now.text)
    assert [label for label in caption.labels if "Edit" in label] == caption.labels
    await ann.edits(sent, caption="Rome")
    caption = await ann.sees_that(caption, lambda now: "Rome" in now.text)
    assert caption.block == caption.copied == "Rome"


# --- done, and on -----------------------------------------------------------------------------


async def test_done_gives_a_caption_to_copy_and_edit_goes_on(ann: Person) -> None:
    sent = await ann.sends(COFFEE)
    panel = await ann.chooses(await ann.panel(sent), *(await ann.panel(sent)).offered[:1])
    panel = await ann.chooses(panel, panel.offered[0])
    done = await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    assert await ann.told(done) == ""
    assert caption.block == caption.copied == " ".join(panel.chosen)
    assert caption.answers == sent

    closed = await ann.sees_that(panel, lambda now: not now.offered)
    assert not closed.chosen
    assert all("Edit" in label for label in closed.labels)

    await ann.taps(caption, "Edit")
    reopened = await ann.hears(caption.id)
    assert reopened.chosen == panel.chosen
    assert reopened.offered == panel.offered
    await ann.sees_that(closed, lambda now: not now.buttons)

    third = reopened.offered[0]
    reopened = await ann.chooses(reopened, third)
    await ann.taps(reopened, "Done")
    second = await ann.hears(reopened.id)
    assert second.block == " ".join([*panel.chosen, third])


async def test_done_twice_gives_one_caption(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption="#espresso")
    first, second = await ann.taps(panel, "Done"), await ann.taps(panel, "Done")
    assert await ann.told(first) == ""
    assert "Edit" in await ann.told(second)
    assert len(await ann.all_said()) == 2


async def test_edit_on_an_open_caption_says_so(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption="#espresso")
    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    await ann.taps(caption, "Edit")
    reopened = await ann.hears(caption.id)
    again = await ann.taps(caption, "Edit")
    assert await ann.told(again) == "It is open already."
    assert (await ann.all_said())[-1].id == reopened.id


async def test_words_after_done_go_into_no_older_photo_and_edit_goes_on(ann: Person) -> None:
    sent = await ann.sends(CAT, caption="My cat text")
    cat = await ann.panel(sent)
    temple = await ann.shows(TEMPLE)
    temple = await ann.chooses(temple, temple.offered[0])
    await ann.taps(temple, "Done")
    caption = await ann.hears(temple.id)

    typed = await ann.says("What a view #latetag")
    told = await ann.hears(typed)
    assert "This caption is finished." in told.text
    assert told.answers == caption.id
    await ann.edits(typed, text="What a view #lateragain")  # it is for no photo later either
    assert (await ann.all_said())[-1].body == told.body
    cat = await ann.sees_that(cat, lambda now: now.text == cat.text)
    assert not cat.chosen

    # In reply to the cat, or when it has been in hand since, they are for the cat.
    await ann.says("#whiskers", reply_to_message_id=sent)
    cat = await ann.sees_that(cat, lambda now: now.chosen == ["#whiskers"])
    await ann.says("A view of the cat")
    cat = await ann.sees_that(cat, lambda now: "A view of the cat" in now.text)

    await ann.taps(told, "Edit")
    temple = await ann.hears(told.id, temple.chosen[0])
    await ann.says("What a view #latetag")
    temple = await ann.sees_that(temple, lambda now: "#latetag" in now.chosen)
    assert "What a view" in temple.text


async def test_a_button_that_is_no_step_brings_an_older_photo_back_to_hand(ann: Person) -> None:
    cat = await ann.shows(CAT)

    async def finishes_another() -> None:
        temple = await ann.shows(TEMPLE, caption="#temple")
        await ann.taps(temple, "Done")
        await ann.hears(temple.id, "Tap the caption")

    await finishes_another()
    assert "Choose a hashtag first" in await ann.told(await ann.taps(cat, "Done"))
    await ann.says("#first")
    cat = await ann.sees_that(cat, lambda now: now.chosen == ["#first"])
    await finishes_another()
    await ann.taps(cat, "Similar")
    await ann.sees_that(cat, lambda now: "Back" in now.labels[-1])
    await ann.says("#second")
    await ann.sees_that(cat, lambda now: now.chosen == ["#first", "#second"])


async def test_words_after_done_without_an_open_photo_are_told_how_to_go_on(
    ann: Person, talking: RunningBot
) -> None:
    sent = await ann.sends(TEMPLE, caption="#temple")
    panel = await ann.panel(sent)
    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    told = await ann.hears(await ann.says("#after"), "This caption is finished.")
    assert ["Edit" in label for label in told.labels] == [True]
    for replied in (sent, caption.id):
        typed = await ann.says("#after", reply_to_message_id=replied)
        assert (await ann.hears(typed)).text == told.text
    await ann.taps(told, "Edit")
    panel = await ann.hears(typed, "#temple")
    assert panel.chosen == ["#temple"]

    # A caption of days ago is not what they are about.
    await ann.taps(panel, "Done")
    await ann.hears(panel.id, "Tap the caption")
    database = talking.home / "data" / "tagalong.db"
    with closing(sqlite3.connect(database, timeout=20)) as other, other:
        begun = "SELECT 1 FROM inbox WHERE chat_id = ? AND done_at IS NULL"
        await eventually(
            lambda: not other.execute(begun, (ann.chat,)).fetchall(), "the end of Done"
        )
        other.execute(
            "UPDATE sessions SET updated_at = '2020-01-01 00:00:00.000000' WHERE chat_id = ?",
            (ann.chat,),
        )
    await ann.hears(await ann.says("#after"), "Send me a photo")


async def test_a_caption_up_to_256_characters_has_a_copy_button_and_a_longer_one_has_none(
    ann: Person,
) -> None:
    words = "a" * (256 - len("\n\n#espresso"))
    for extra, copies in (("", True), ("b", False)):
        panel = await ann.shows(COFFEE, caption=f"{words}{extra} #espresso")
        await ann.taps(panel, "Done")
        caption = await ann.hears(panel.id)
        assert caption.block == f"{words}{extra}\n\n#espresso"
        assert (caption.copied == caption.block) is copies
        assert caption.data("Edit")


# --- commands ---------------------------------------------------------------------------------


async def test_start_and_help_explain_the_bot(ann: Person) -> None:
    said = await ann.says("/start")
    assert "photo" in (await ann.hears(said)).text
    said = await ann.says("/help")
    text = (await ann.hears(said)).text
    assert all(word in text for word in ("More", "Undo", "Done", "#ourdog", "/cancel"))


async def test_the_commands_are_registered(http: httpx.AsyncClient) -> None:
    known = (await fine(http.get("/playground/bot")))["commands"]
    assert [one["command"] for one in known] == [
        *("start", "help", "tag", "settings", "history", "sets"),
        *("cancel", "privacy", "export", "forget"),
    ]


async def test_cancel_puts_the_newest_photo_aside(ann: Person) -> None:
    old, new = await ann.shows(COFFEE), await ann.shows(CAT)
    said = await ann.says("/cancel")
    await ann.hears(said, "put the photo aside")
    new = await ann.sees_that(new, lambda now: not now.buttons)
    await ann.says("#still")
    await ann.sees_that(old, lambda now: now.chosen == ["#still"])


async def test_a_button_of_a_cancelled_photo_gets_a_short_answer(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    await ann.says("/cancel")
    await ann.sees_that(panel, lambda now: not now.buttons)
    tap = await ann.taps(panel, panel.offered[0])
    assert "put aside" in await ann.told(tap)


async def test_cancel_without_an_open_photo_says_so(ann: Person) -> None:
    said = await ann.says("/cancel")
    assert "No photo is open" in (await ann.hears(said)).text


async def test_an_unknown_command_points_to_help(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    said = await ann.says("/dance")
    assert "/help" in (await ann.hears(said)).text
    (now,) = [one for one in await ann.sees() if one.id == panel.id]
    assert "/dance" not in now.text


# --- files and several photos -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "mime"),
    [
        ("cup.jpg", "JPEG", "image/jpeg"),
        ("cup.png", "PNG", "image/png"),
        ("cup.webp", "WEBP", "image/webp"),
        ("cup.heic", "HEIF", "image/heic"),
        ("IMG_0001.HEIC", "HEIF", "application/octet-stream"),
    ],
)
async def test_an_image_sent_as_a_file_works_as_a_photo_does(
    ann: Person, name: str, kind: str, mime: str
) -> None:
    as_photo = await ann.shows(COFFEE, caption="#morning")
    panel = await ann.shows((name, drawn(kind), mime), as_file=1, caption="Good #morning")
    assert panel.chosen == ["#morning"]
    assert len(set(panel.offered) & set(as_photo.offered)) >= 5
    tag = panel.offered[0]
    panel = await ann.chooses(panel, tag)
    await ann.taps(panel, "Done")
    assert (await ann.hears(panel.id)).block == f"Good\n\n#morning {tag}"


async def test_a_second_photo_has_a_session_of_its_own(ann: Person) -> None:
    first, second = await ann.shows(COFFEE), await ann.shows(CAT)
    first = await ann.chooses(first, first.offered[0])
    second = await ann.chooses(second, second.offered[0])
    await ann.says("#newest")
    second = await ann.sees_that(second, lambda now: now.chosen[-1] == "#newest")
    first = await ann.sees_that(first, lambda now: True)
    assert "#newest" not in first.chosen

    await ann.taps(first, "Done")
    caption = await ann.hears(second.id)
    assert caption.block == " ".join(first.chosen)
    second = await ann.chooses(second, second.offered[0])
    assert len(second.chosen) == 3


async def test_words_that_reply_to_the_older_panel_or_photo_are_for_it(ann: Person) -> None:
    sent = await ann.sends(COFFEE)
    older = await ann.panel(sent)
    newer = await ann.shows(CAT)
    await ann.says("#older", reply_to_message_id=older.id)
    older = await ann.sees_that(older, lambda now: now.chosen == ["#older"])
    await ann.says("Two cups", reply_to_message_id=sent)
    await ann.sees_that(older, lambda now: "Two cups" in now.text)
    said = await ann.says("/cancel", reply_to_message_id=older.id)
    await ann.hears(said, "put the photo aside")
    await ann.sees_that(older, lambda now: not now.buttons)
    (now,) = [one for one in await ann.sees() if one.id == newer.id]
    assert now.body == newer.body


# --- groups -----------------------------------------------------------------------------------


async def test_in_a_group_only_the_sender_of_the_photo_steers(http: httpx.AsyncClient) -> None:
    ann = await newcomer(http, type="group", admin=True)
    ben = (await fine(http.post(f"{ann.path}/members", json={"name": "Ben"})))["user_id"]
    panel = await ann.shows(COFFEE)
    tap = await ann.taps(panel, panel.offered[0], user_id=ben)
    assert "Only the person who asked me about this photo" in await ann.told(tap)
    await ann.says("#bens", user_id=ben, reply_to_message_id=panel.id)
    await ann.says("#anns", reply_to_message_id=panel.id)
    panel = await ann.sees_that(panel, lambda now: now.chosen)
    assert panel.chosen == ["#anns"]
    await ann.chooses(panel, panel.offered[0])


async def test_in_a_group_people_may_talk_to_each_other(http: httpx.AsyncClient) -> None:
    ann = await newcomer(http, type="group", admin=True)
    panel = await ann.shows(COFFEE)
    for words in ("Look at this!", "#nice", "/dance"):
        await ann.says(words)
    await ann.sends(("clip.mp4", b"moving", "video/mp4"), kind="video")
    assert [one.body for one in await ann.all_said()] == [panel.body]


async def test_in_a_group_with_privacy_a_photo_that_mentions_the_bot_is_for_it(
    http: httpx.AsyncClient,
) -> None:
    ann = await newcomer(http, type="group")
    panel = await ann.shows(COFFEE, caption="@tagalong_bot Hello #rome")
    assert panel.chosen == ["#rome"]
    assert "Hello\n\n#rome" in panel.text
    assert "@" not in panel.text


async def test_a_group_that_becomes_a_supergroup_goes_on_there(http: httpx.AsyncClient) -> None:
    ann = await newcomer(http, type="group", admin=True)
    panel = await ann.shows(COFFEE)
    panel = await ann.chooses(panel, panel.offered[0])
    new = (await fine(http.post(f"{ann.path}/upgrade")))["chat_id"]
    ann = Person(http, new, ann.id)

    moved = await ann.hears(0)
    assert moved.chosen == panel.chosen
    assert moved.offered == panel.offered
    moved = await ann.chooses(moved, moved.offered[0])
    await ann.taps(moved, "Done")
    assert (await ann.hears(moved.id)).block == " ".join(moved.chosen)


async def test_in_a_forum_everything_stays_in_the_photos_topic(http: httpx.AsyncClient) -> None:
    ann = await newcomer(http, type="supergroup", forum=True, admin=True)
    panel = await ann.shows(COFFEE, message_thread_id=7)
    panel = await ann.chooses(panel, panel.offered[0])
    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    await ann.taps(caption, "Edit")
    reopened = await ann.hears(caption.id)
    for message in (panel, caption, reopened):
        assert message.body["message_thread_id"] == 7


# --- when Telegram does not play along --------------------------------------------------------


async def test_a_pause_that_telegram_asks_for_is_kept_and_nothing_is_lost(
    ann: Person, http: httpx.AsyncClient
) -> None:
    await fault(http, "sendMessage", error_code=429, retry_after=1)
    panel = await ann.shows(COFFEE)
    refused, sent = await calls(http, "sendMessage", ann.chat)
    assert sent["time"] - refused["answered"] >= 1

    await fault(http, "editMessageText", error_code=429, retry_after=1)
    for label in panel.offered[:3]:
        await ann.taps(panel, label)
    await ann.sees_that(panel, lambda now: len(now.chosen) == 3)


async def test_someone_who_taps_faster_than_telegram_allows_sees_the_last_state(
    ann: Person, http: httpx.AsyncClient
) -> None:
    panel = await ann.shows(COFFEE)
    await fine(http.post("/playground/faults", json={"flood": {"per_second": 1, "burst": 3}}))
    for label in panel.offered:
        await ann.taps(panel, label)
    await ann.sees_that(panel, lambda now: now.chosen == panel.offered)
    edits = await calls(http, "editMessageText", ann.chat)
    assert len(edits) < 10  # a newer state takes the place of one that waits


async def test_an_api_that_fails_for_a_while_is_asked_again(
    ann: Person, http: httpx.AsyncClient
) -> None:
    await fault(http, "sendMessage", drop=True)
    await fault(http, "sendMessage", error_code=502)
    panel = await ann.shows(COFFEE)
    await fault(http, "editMessageText", error_code=500)
    await fault(http, "answerCallbackQuery", drop=True)
    await ann.chooses(panel, panel.offered[0])


async def test_a_photo_that_cannot_be_fetched_now_can_be_tried_again(
    ann: Person, http: httpx.AsyncClient
) -> None:
    await fault(http, "getFile", error_code=500, times=3)
    sent = await ann.sends(COFFEE, caption="#espresso")
    trouble = await ann.hears(sent, "could not fetch the photo")
    assert trouble.answers == sent
    await ann.taps(trouble, "Try again")
    panel = await ann.sees_that(trouble, lambda now: now.offered)
    assert panel.chosen == ["#espresso"]


async def test_a_download_that_breaks_off_is_tried_again_by_itself(
    ann: Person, http: httpx.AsyncClient
) -> None:
    await fault(http, "download", drop=True)
    await fault(http, "getFile", error_code=429, retry_after=1)
    assert (await ann.shows(COFFEE)).offered


async def test_a_file_that_telegram_has_no_more_is_told(
    ann: Person, http: httpx.AsyncClient
) -> None:
    reason = "wrong file_id or the file is temporarily unavailable"
    await fault(http, "getFile", error_code=400, description=reason)
    sent = await ann.sends(COFFEE)
    told = await ann.hears(sent)
    assert "send it again" in told.text
    assert not told.buttons


async def test_someone_who_blocked_the_bot_does_not_stop_it_and_can_come_back(
    ann: Person, http: httpx.AsyncClient
) -> None:
    panel = await ann.shows(COFFEE)
    ben = await newcomer(http)
    await fault(http, "sendMessage", error_code=403, chat_id=ben.chat)
    lost = await ben.sends(CAT, caption="#tom")

    async def refused() -> bool:
        return any(one.get("ok") is False for one in await calls(http, "sendMessage", ben.chat))

    await eventually(refused, "the refusal")
    await ann.taps(panel, panel.offered[0])
    await ann.blocks()
    await ann.blocks(False)
    said = await ann.says("#back")
    panel = await ann.sees_that(panel, lambda now: "#back" in now.chosen)
    await ben.says("#back")
    assert (await ben.panel(lost)).chosen == ["#tom", "#back"]  # what he sent is not lost
    assert not [one for one in await ann.sees() if one.id > said]


async def test_a_panel_that_was_deleted_comes_back_with_the_next_step(ann: Person) -> None:
    sent = await ann.sends(COFFEE)
    panel = await ann.panel(sent)
    panel = await ann.chooses(panel, panel.offered[0])
    await ann.deletes(panel.id)
    said = await ann.says("#ourdog")
    fresh = await ann.hears(said)
    assert fresh.answers == sent
    assert fresh.chosen == [*panel.chosen, "#ourdog"]
    await ann.chooses(fresh, fresh.offered[0])


async def test_a_photo_that_was_deleted_can_still_be_finished(ann: Person) -> None:
    sent = await ann.sends(COFFEE, caption="#espresso")
    panel = await ann.panel(sent)
    await ann.deletes(sent)
    panel = await ann.chooses(panel, panel.offered[0])
    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    assert caption.block == " ".join(panel.chosen)
    assert caption.answers is None


async def test_a_topic_that_was_deleted_ends_its_photo_quietly(
    http: httpx.AsyncClient, ann: Person
) -> None:
    group = await newcomer(http, type="supergroup", forum=True, admin=True)
    gone = "message thread not found"
    await fault(http, "sendMessage", error_code=400, description=gone, chat_id=group.chat, times=9)
    await group.sends(COFFEE, message_thread_id=7)

    async def refused() -> bool:
        return bool(await calls(http, "sendMessage", group.chat))

    await eventually(refused, "the refusal")
    await ann.shows(COFFEE)
    assert len(await calls(http, "sendMessage", group.chat)) == 1
