"""What edits, searches and inline results do to words and spellings that are there already."""

from __future__ import annotations

import httpx
from bot_fixtures import Person, fine, newcomer, photo

COFFEE, CAT = photo("coffee.jpg"), photo("cat.png")


async def test_a_caption_given_to_a_second_photo_of_an_album_keeps_the_words(ann: Person) -> None:
    sent = await ann.sends(COFFEE, CAT, caption="Rome #sea")
    panel = await ann.panel(sent)
    await ann.edits(sent + 1, caption="#Boat")
    panel = await ann.sees_that(panel, lambda now: "#Boat" in now.chosen)
    assert "Rome\n\n#sea #Boat" in panel.text


async def test_it_keeps_them_after_done_too(ann: Person) -> None:
    sent = await ann.sends(COFFEE, CAT, caption="Rome #sea")
    panel = await ann.panel(sent)
    await ann.says("A long story")
    panel = await ann.sees_that(panel, lambda now: "A long story" in now.text)
    await ann.taps(panel, "Done")
    done = await ann.hears(panel.id, "Tap the")
    await ann.edits(sent + 1, caption="#Boat")
    done = await ann.sees_that(done, lambda now: "#Boat" in now.text)
    assert done.block == "A long story\n\n#sea #Boat"


async def test_a_caption_given_to_a_photo_that_joined_keeps_the_words(ann: Person) -> None:
    await ann.shows(COFFEE, caption="Rome #sea")
    two = await ann.sends(CAT)
    panel = await ann.panel(two)
    await ann.taps(panel, "Add to")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#sea"])
    await ann.edits(two, caption="#Boat")
    panel = await ann.sees_that(panel, lambda now: "#Boat" in now.chosen)
    assert "Rome\n\n#sea #Boat" in panel.text


async def test_editing_only_the_words_leaves_a_later_spelling(ann: Person) -> None:
    sent = await ann.sends(COFFEE, caption="Rmoe #newyork")
    panel = await ann.panel(sent)
    await ann.says("#NewYork")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#NewYork"])
    await ann.edits(sent, caption="Rome #newyork")
    panel = await ann.sees_that(panel, lambda now: "Rome" in now.text)
    assert panel.chosen == ["#NewYork"]


async def test_editing_only_the_words_leaves_out_what_was_taken_out(ann: Person) -> None:
    sent = await ann.sends(COFFEE, caption="Rmoe #sea #sun")
    panel = await ann.panel(sent)
    await ann.taps(panel, "✓ #sun")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#sea"])
    await ann.edits(sent, caption="Rome #sea #sun")
    panel = await ann.sees_that(panel, lambda now: "Rome" in now.text)
    assert panel.chosen == ["#sea"]


async def test_an_edit_takes_its_spelling_back(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    tag = panel.offered[0]
    panel = await ann.chooses(panel, tag)
    typed = await ann.says(f"{tag.upper()} #park")
    panel = await ann.sees_that(panel, lambda now: "#park" in now.chosen)
    await ann.edits(typed, text="#parks")
    panel = await ann.sees_that(panel, lambda now: "#parks" in now.chosen)
    assert panel.chosen == [tag, "#parks"]


async def test_a_search_offers_a_hashtag_once(http: httpx.AsyncClient) -> None:
    ann = await newcomer(http, language_code="de")
    panel = await ann.shows(COFFEE)
    await ann.taps(panel, "Suchen")
    question = await ann.hears(panel.id, "Welche Buchstaben")
    answer = await ann.says("#Sport", reply_to_message_id=question.id)
    found = await ann.hears(answer, "Sport")
    lowered = [one.lower() for one in found.offered]
    assert len(set(lowered)) == len(lowered), found.offered


async def test_a_search_with_two_signs(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    await ann.taps(panel, "Search")
    question = await ann.hears(panel.id, "Which letters")
    answer = await ann.says("##sea", reply_to_message_id=question.id)
    assert "Hashtags with" in (await ann.hears(answer)).text


async def test_inline_suggestions_do_not_respell(ann: Person, http: httpx.AsyncClient) -> None:
    panel = await ann.shows(CAT, caption="#Dog #Kitten")
    inline = f"{ann.path}/inline"
    found = await fine(http.post(inline, json={"query": "pet"}))
    assert "#dog" in found["results"][0]["text"].split()
    await fine(http.post(f"{inline}/{found['inline_query_id']}", json={"result_id": "all"}))
    panel = await ann.sees_that(panel, lambda now: "#pet" in now.chosen)
    assert panel.chosen[:2] == ["#Dog", "#Kitten"]
