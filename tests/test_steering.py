"""Steering past what is suggested: search by letters, a surprise, starting over."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import httpx
from bot_fixtures import Person, fine, newcomer

from bot.history import fold
from storage import Pick, PickKind
from storage.export import add_up


async def test_a_search_offers_tags_by_their_letters(ann: Person) -> None:
    panel = await ann.shows()
    await ann.taps(panel, "Search")
    question = await ann.hears(panel.id, "Which letters")
    assert question.body["reply_markup"]["force_reply"]
    nothing = await ann.says("...", reply_to_message_id=question.id)
    await ann.hears(nothing, "a few letters")
    answer = await ann.says("Sun", reply_to_message_id=question.id)
    found = await ann.hears(answer, "Hashtags with “Sun”")
    assert found.offered[0] == "#sun"
    assert all("sun" in one for one in found.offered) and len(found.offered) == 12
    tap = await ann.taps(found, found.offered[3])
    assert await ann.told(tap) == f"✓ {found.offered[3]}"  # the caption stands elsewhere
    panel = await ann.sees_that(panel, lambda now: now.chosen == [found.offered[3]])

    await ann.taps(panel, "Search")
    question = await ann.hears(answer, "Which letters")
    answer = await ann.says("#qzxqzx", reply_to_message_id=question.id)
    own = await ann.hears(answer, "I know no hashtag")
    await ann.taps(own, "#qzxqzx")
    await ann.sees_that(panel, lambda now: now.chosen == [found.offered[3], "#qzxqzx"])


async def test_words_of_other_languages_find_and_steer_as_what_they_mean(
    http: httpx.AsyncClient,
) -> None:
    ann = await newcomer(http, language_code="de")
    panel = await ann.shows(caption="#Straße #playa #собака")
    assert panel.chosen == ["#Straße", "#playa", "#собака"]
    assert "#собака" in panel.text and "#dog" in panel.text
    assert "#beach" in panel.text and "#play " not in panel.text
    await ann.taps(panel, "Suchen")
    question = await ann.hears(panel.id, "Welche Buchstaben")
    answer = await ann.says("Hund", reply_to_message_id=question.id)
    found = await ann.hears(answer, "„Hund“")
    assert found.offered[:2] == ["#hund", "#dog"]  # theirs as well


async def test_a_search_in_a_group_asks_only_who_tapped(http: httpx.AsyncClient) -> None:
    ann = await newcomer(http, type="group", admin=True)
    ben = (await fine(http.post(f"{ann.path}/members", json={"name": "Ben"})))["user_id"]
    panel = await ann.shows()
    await ann.taps(panel, "Search")
    question = await ann.hears(panel.id, "Which letters")
    await ann.says("moon", user_id=ben, reply_to_message_id=question.id)
    answer = await ann.says("sea", reply_to_message_id=question.id)
    assert "“sea”" in (await ann.hears(answer)).text


async def test_a_surprise_and_starting_over_can_be_undone(ann: Person) -> None:
    panel = await ann.shows()
    usual = panel.offered
    await ann.taps(panel, "Surprise me")
    first = await ann.sees_that(panel, lambda now: now.offered and now.offered != usual)
    assert len(first.offered) == 10 and not set(first.offered) & set(usual)
    await ann.taps(panel, "Surprise me")
    second = await ann.sees_that(panel, lambda now: now.offered not in (usual, first.offered))
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: now.offered == first.offered)
    tag = second.offered[0]
    await ann.taps(second, tag)
    chosen = await ann.sees_that(panel, lambda now: now.chosen == [tag])
    await ann.taps(chosen, "More")
    await ann.sees_that(panel, lambda now: not set(now.offered) & set(chosen.offered))
    await ann.taps(chosen, "Start over")
    await ann.sees_that(panel, lambda now: now.offered == usual and not now.chosen)
    await ann.taps(chosen, "Undo")
    await ann.sees_that(panel, lambda now: now.chosen == [tag])


async def test_words_are_a_step_too(ann: Person) -> None:
    panel = await ann.shows(caption="Good morning #espresso")
    said = await ann.says("A better text")
    panel = await ann.sees_that(panel, lambda now: "A better text\n\n#espresso" in now.text)
    assert "Good morning" not in panel.text
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: "Good morning\n\n#espresso" in now.text)
    await ann.edits(said, text="The best text")
    await ann.sees_that(panel, lambda now: "The best text" in now.text)
    await ann.edits(said, text="#cafe")
    await ann.sees_that(panel, lambda now: "text" not in now.text and "#cafe" in now.chosen)
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: "The best text\n\n#espresso" in now.text)
    await ann.taps(panel, "Start over")
    await ann.sees_that(panel, lambda now: "text" not in now.text and not now.chosen)
    await ann.taps(panel, "Undo")
    panel = await ann.sees_that(panel, lambda now: "The best text\n\n#espresso" in now.text)
    await ann.taps(panel, "Done")
    assert (await ann.hears(panel.id, "Tap the")).block == "The best text\n\n#espresso"


async def test_an_edited_message_changes_the_caption_that_it_belongs_to(ann: Person) -> None:
    first = await ann.shows(caption="#espresso")
    said = await ann.says("Good morning #beans")
    first = await ann.sees_that(first, lambda now: "Good morning\n\n#espresso #beans" in now.text)
    second = await ann.shows(caption="Elsewhere #harbour")
    await ann.edits(said, text="Good night #cup")
    first = await ann.sees_that(first, lambda now: "Good night\n\n#espresso #cup" in now.text)
    await ann.taps(first, "Done")
    finished = await ann.hears(first.id, "Tap the")
    assert finished.block == "Good night\n\n#espresso #cup"
    await ann.edits(said, text="At last #mug")
    await ann.sees_that(finished, lambda now: now.block == "At last\n\n#espresso #mug")
    chosen = await ann.chooses(second, second.offered[0])
    assert "Elsewhere\n\n#harbour" in chosen.text and "At last" not in chosen.text


async def test_undo_takes_back_all_that_one_message_brought(ann: Person) -> None:
    panel = await ann.shows(caption="Hello #mum #dad")
    said = await ann.says("Good morning #sea #sun\n#boat")
    all_five = ["#mum", "#dad", "#sea", "#sun", "#boat"]
    panel = await ann.sees_that(panel, lambda now: now.chosen == all_five)
    assert "Good morning" in panel.text
    # An edit is a step of its own, whatever it takes out and brings.
    await ann.edits(said, text="Good night #sea #moon #stars")
    edited = ["#mum", "#dad", "#sea", "#moon", "#stars"]
    await ann.sees_that(panel, lambda now: now.chosen == edited and "Good night" in now.text)
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: now.chosen == all_five and "Good morning" in now.text)
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: now.chosen == ["#mum", "#dad"] and "Hello" in now.text)
    # Two messages are two steps, and a tap between the same ones is one more.
    await ann.says("#one #two")
    await ann.sees_that(panel, lambda now: now.chosen == ["#mum", "#dad", "#one", "#two"])
    second = await ann.says("#three")
    panel = await ann.sees_that(panel, lambda now: len(now.chosen) == 5)
    await ann.edits(second, text="#three #four #five")
    panel = await ann.sees_that(panel, lambda now: len(now.chosen) == 7)
    for left in (5, 4, 2, 0):
        await ann.taps(panel, "Undo")
        panel = await ann.sees_that(panel, lambda now, left=left: len(now.chosen) == left)
    assert "nothing to undo" in await ann.told(await ann.taps(panel, "Undo"))


async def test_two_edits_of_a_message_are_two_steps_though_they_follow_each_other(
    ann: Person,
) -> None:
    panel = await ann.shows(caption="#mum")
    said = await ann.says("Good morning #sea")
    await ann.sees_that(panel, lambda now: "Good morning\n\n#mum #sea" in now.text)
    await ann.edits(said, text="Good night #sea")  # the words alone
    await ann.edits(said, text="Good night #moon")  # the hashtags alone, a moment later
    await ann.sees_that(panel, lambda now: "Good night\n\n#mum #moon" in now.text)
    for before in ("Good night\n\n#mum #sea", "Good morning\n\n#mum #sea", "caption so far:\n#mum"):
        await ann.taps(panel, "Undo")
        await ann.sees_that(panel, lambda now, before=before: before in now.text)
    photo = panel.answers
    assert photo is not None
    await ann.edits(photo, caption="Hello #mum")
    await ann.edits(photo, caption="Hello #dad")
    await ann.sees_that(panel, lambda now: "Hello\n\n#dad" in now.text)
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: "Hello\n\n#mum" in now.text)
    await ann.taps(panel, "Undo")
    panel = await ann.sees_that(panel, lambda now: "Hello" not in now.text and "#mum" in now.text)


def test_what_is_exported_is_where_the_person_stood() -> None:
    chance, kinds = Random(7), [kind for kind in PickKind if kind is not PickKind.DONE]
    for _ in range(300):
        steps = [
            (
                chance.choice(kinds),
                chance.choice(("sea", "Sea", "sun", "sea sun", "boat")),
                f"1:{number // 2}:{number}" if chance.random() < 0.5 else str(number),
            )
            for number in range(chance.randint(1, 12))
        ]
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        picks = [
            Pick(number, 1, kind, tag, key, moment)
            for number, (kind, tag, key) in enumerate(steps, 1)
        ]
        standing = fold(picks)
        assert add_up(steps) == (standing.prefix, standing.passed), steps
