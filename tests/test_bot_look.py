"""What people ask of photos: why a tag, more like it, several photos in one caption."""

from __future__ import annotations

import io
from typing import Any

import httpx
from bot_fixtures import Person, Seen, calls, eventually, fault, fine, newcomer, photo
from PIL import Image

from bot import texts
from bot.settings import PLAYGROUND_TOKEN
from bot.why import lettering
from engine.heatmap import ENGLISH, english

COFFEE, CAT, TEMPLE = photo("coffee.jpg"), photo("cat.png"), photo("temple.jpg")


async def pictured(person: Person, after: int) -> Seen:
    """The bot's next message with a picture."""

    async def find() -> Seen | None:
        for one in await person.sees():
            if one.id > after and one.body["from"]["is_bot"] and "photo" in one.body:
                return one
        return None

    found: Seen = await eventually(find, f"a picture after message {after}")
    return found


async def asks(person: Person, panel: Seen, button: str, sign: str) -> Seen:
    """Tap a button of a panel, and wait until it asks in place for a tag."""
    await person.taps(panel, button)
    return await person.sees_that(panel, lambda now: any(sign in one for one in now.labels))


# --- Why? -------------------------------------------------------------------------------------


async def test_why_shows_where_in_the_photo_a_tag_comes_from(
    ann: Person, http: httpx.AsyncClient
) -> None:
    panel = await ann.shows(COFFEE, caption="#ourcupofjoy")
    panel = await ann.chooses(panel, panel.offered[0])
    first, fresh = panel.chosen[1], panel.offered
    question = await asks(ann, panel, "Why", "💡 #")
    assert "Which hashtag" in question.text
    assert question.labels[:3] == ["💡 #ourcupofjoy", f"💡 {first}", f"💡 {fresh[0]}"]
    assert not question.offered and not question.chosen
    await ann.taps(question, "Back")
    panel = await ann.sees_that(panel, lambda now: now.offered == fresh)

    # A chosen tag: from the photo and from what was chosen before it.
    question = await asks(ann, panel, "Why", "💡 #")
    tap = await ann.taps(question, f"💡 {first}")
    picture = await pictured(ann, panel.id)
    assert await ann.told(tap) == ""
    assert picture.answers == panel.id
    said = picture.body["caption"]
    assert said.startswith(f"{first}:") and ("photo" in said) and ("hashtags" in said)
    largest = max(picture.body["photo"], key=lambda size: size["width"])
    file = await http.get(f"/playground/files/{largest['file_id']}")
    with Image.open(io.BytesIO(file.content)) as shown:
        assert shown.width > shown.height > 700  # the photo, before, and after: two in a row
    panel = await ann.sees_that(panel, lambda now: now.offered == fresh)

    # A suggested one; a word of one's own; and a photo that is gone.
    question = await asks(ann, panel, "Why", "💡 #")
    await ann.taps(question, f"💡 {fresh[1]}")
    assert (await pictured(ann, picture.id)).body["caption"].startswith(f"{fresh[1]}:")
    own = panel.data(fresh[0]).replace("a:", "wt:").replace(fresh[0][1:], "ourcupofjoy")
    assert "do not know #ourcupofjoy" in await ann.told(await ann.forges(panel, own))
    why = panel.data(fresh[0]).replace("a:", "wt:")
    reason = "wrong file_id or the file is temporarily unavailable"
    await fault(http, "getFile", error_code=400, description=reason)
    assert "no longer there" in await ann.told(await ann.forges(panel, why))
    assert len([one for one in await ann.all_said() if "photo" in one.body]) == 2


async def test_the_picture_of_why_is_lettered_in_the_language_of_the_person(
    http: httpx.AsyncClient,
) -> None:
    async def sheet(language: str) -> Image.Image:
        person = await newcomer(http, language_code=language)
        panel = await person.shows(COFFEE)
        await person.forges(panel, panel.data(panel.offered[0]).replace("a:", "wt:"))
        picture = await pictured(person, panel.id)
        largest = max(picture.body["photo"], key=lambda size: size["width"])
        file = await http.get(f"/playground/files/{largest['file_id']}")
        return Image.open(io.BytesIO(file.content)).convert("L")

    plain, again, german = [await sheet(one) for one in ("en", "en", "de")]
    assert plain.tobytes() == again.tobytes()
    heading = (0, 0, plain.width, 30)
    assert min(plain.crop(heading).getextrema()) < 90  # there are letters
    assert german.crop(heading).tobytes() != plain.crop(heading).tobytes()


def test_every_language_has_all_of_the_pictures_lettering() -> None:
    assert lettering("de")("heading", tag="#sea", value="") == "Woher #sea kommt"
    for language in texts.LANGUAGES:
        say = lettering(language)
        for name in ENGLISH:
            said = say(name, tag="#sea", value="+0.5")
            given = english(name, tag="#sea", value="+0.5")
            assert ("#sea" in said, "+0.5" in said) == ("#sea" in given, "+0.5" in given)
            if language == "en":
                assert said == given
            else:
                assert said != given


async def test_more_like_a_tag_leans_the_suggestions_and_can_be_undone(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    fresh = panel.offered
    question = await asks(ann, panel, "Similar", "🧲 #")
    await ann.taps(question, f"🧲 {fresh[-1]}")
    panel = await ann.sees_that(panel, lambda now: f"Similar to {fresh[-1]}" in now.text)
    assert panel.offered[0] == fresh[-1]
    assert len(panel.offered) == 10
    assert set(panel.offered) != set(fresh)
    leaning = panel.offered
    await ann.taps(panel, "More")
    panel = await ann.sees_that(panel, lambda now: now.offered[:1] != leaning[:1] and now.offered)
    assert not set(panel.offered) & set(leaning)
    for _ in range(2):
        await ann.taps(panel, "Undo")
    panel = await ann.sees_that(panel, lambda now: now.offered == fresh)
    assert "Similar to" not in panel.text


async def test_similar_shows_hashtags_as_they_were_written_and_says_where_it_knows_none(
    ann: Person,
) -> None:
    panel = await ann.shows(COFFEE, caption="#MyCoffee #QqxZzy")
    question = await asks(ann, panel, "Similar", "🧲 #")
    await ann.taps(question, "🧲 #MyCoffee")
    panel = await ann.sees_that(panel, lambda now: "Similar to #MyCoffee" in now.text)
    question = await asks(ann, panel, "Similar", "🧲 #")
    await ann.taps(question, "🧲 #QqxZzy")
    panel = await ann.sees_that(panel, lambda now: now.offered and "Similar to" not in now.text)
    assert "#QqxZzy is new to me" in panel.text


async def test_a_word_that_is_not_known_is_said_to_steer_through_its_relatives(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption="#ourdog #qqxzzy")
    assert "#ourdog is not one of mine: for the suggestions it counts as #dog" in panel.text
    assert "#qqxzzy is new to me" in panel.text
    await ann.taps(panel, "✓ #ourdog")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#qqxzzy"])
    assert "#ourdog" not in panel.text


# --- several photos ---------------------------------------------------------------------------


async def test_an_album_is_one_caption_from_all_its_photos(
    ann: Person, http: httpx.AsyncClient
) -> None:
    alone = await ann.shows(COFFEE)
    await ann.says("/cancel")
    first = await ann.sends(COFFEE, CAT, TEMPLE, caption="Trip #rome")
    panel = await ann.panel(first)
    assert panel.chosen == ["#rome"]
    assert "Trip" in panel.text
    assert set(panel.offered) != set(alone.offered)
    panels = [one for one in await ann.all_said() if one.offered]
    assert [one.id for one in panels] == [panel.id]

    # Why? takes the photo that the tag comes from: the second one shows a cat.
    why = panel.data(panel.offered[0]).replace("a:", "wt:").rpartition(":")[0]
    await ann.forges(panel, f"{why}:cat")
    assert (await pictured(ann, panel.id)).body["caption"].startswith("#cat:")
    fetched = (await calls(http, "getFile"))[-1]["parameters"]["file_id"]
    (cat,) = [one for one in await ann.sees() if one.id == first + 1]
    assert fetched in [size["file_id"] for size in cat.body["photo"]]

    await ann.says("#late", reply_to_message_id=first + 2)
    panel = await ann.sees_that(panel, lambda now: "#late" in now.chosen)
    await ann.taps(panel, "Done")
    assert (await ann.hears(panel.id, "Tap the caption")).block == "Trip\n\n#rome #late"


async def test_the_words_of_a_photo_that_joins_come_along(ann: Person) -> None:
    await ann.shows(COFFEE, caption="Two cups")
    panel = await ann.shows(CAT, caption="and a cat")
    await ann.taps(panel, "Add to")
    panel = await ann.sees_that(panel, lambda now: "Two cups\nand a cat" in now.text)
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: "Two cups" in now.text and "cat" not in now.text)


async def test_a_command_above_a_photo_is_no_caption(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption="/tag a #mug")
    assert panel.chosen == ["#mug"]
    assert "/tag" not in panel.text


async def test_a_further_photo_joins_the_caption_above_on_request(ann: Person) -> None:
    above = await ann.shows(COFFEE, caption="Two things #espresso")
    assert not any("Add to" in label for label in above.labels)
    panel = await ann.shows(CAT, caption="#whiskers")
    assert not any("Add to" in label for label in panel.labels)  # it has begun a life of its own
    await ann.taps(panel, "✓ #whiskers")
    panel = await ann.sees_that(panel, lambda now: any("Add to" in one for one in now.labels))
    lonely = panel.offered
    await ann.taps(panel, "Add to")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#espresso"])
    assert "Two things" in panel.text
    assert set(panel.offered) != set(lonely)
    await ann.sees_that(above, lambda now: "goes on below" in now.text and not now.buttons)
    cat = panel.answers
    assert cat is not None
    await ann.says("#both", reply_to_message_id=cat)
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#espresso", "#both"])
    await ann.taps(panel, "Done")
    assert (await ann.hears(panel.id)).block == "Two things\n\n#espresso #both"


# --- groups -----------------------------------------------------------------------------------


async def test_in_a_group_with_privacy_tag_and_mentions_ask_for_a_photo_in_its_topic(
    http: httpx.AsyncClient,
) -> None:
    ann = await newcomer(http, type="supergroup", forum=True)
    ben = (await fine(http.post(f"{ann.path}/members", json={"name": "Ben"})))["user_id"]
    topic = {"message_thread_id": 7}
    sent = await ann.sends(COFFEE, caption="Morning #cup", **topic)
    await ann.says("What a cup!", **topic)
    words = await ann.says("/tag", user_id=ben, **topic)
    assert "Reply to a photo" in (await ann.hears(words)).text

    asked = await ann.says("/tag #bens", user_id=ben, reply_to_message_id=sent, **topic)
    panel = await ann.panel(sent)
    assert panel.id > asked
    assert panel.body["message_thread_id"] == 7
    assert panel.chosen == ["#cup", "#bens"]
    assert "Only the person" in await ann.told(await ann.taps(panel, panel.offered[0]))
    refused = await ann.says("@tagalong_bot", reply_to_message_id=sent, **topic)
    assert "Somebody else" in (await ann.hears(refused)).text
    await ann.taps(panel, panel.offered[0], user_id=ben)
    panel = await ann.sees_that(panel, lambda now: len(now.chosen) == 3)

    # Asked again, the panel comes below; a finished caption is sent again.
    await ann.says("/tag@tagalong_bot #More", user_id=ben, reply_to_message_id=sent, **topic)
    await ann.sees_that(panel, lambda now: "goes on below" in now.text)
    below = await ann.hears(refused + 1)
    assert below.chosen == [*panel.chosen, "#More"]
    await ann.taps(below, "Done", user_id=ben)
    caption = await ann.hears(below.id)
    again = await ann.says("/tag", user_id=ben, reply_to_message_id=sent, **topic)
    assert (await ann.hears(again)).block == caption.block

    # A mention does the same, for whoever asks.
    other = await ann.sends(CAT, **topic)
    await ann.says(
        "Our cat #tom, please @Tagalong_bot", user_id=ben, reply_to_message_id=other, **topic
    )
    panel = await ann.panel(other)
    assert panel.chosen == ["#tom"]
    assert "Our cat" in panel.text
    assert all(one.body.get("message_thread_id") == 7 for one in await ann.sees())


async def test_in_a_group_a_bare_mention_is_told_how_to_use_the_bot_and_nothing_else_is(
    http: httpx.AsyncClient,
) -> None:
    ann = await newcomer(http, type="supergroup", forum=True, admin=True)
    ben = (await fine(http.post(f"{ann.path}/members", json={"name": "Ben"})))["user_id"]
    first = await ann.says("A new topic")
    topic = {"message_thread_id": first}
    words = await ann.says("What a day!", user_id=ben, **topic)
    bare = await ann.says("@tagalong_bot hello", user_id=ben, **topic)
    told = await ann.hears(bare)
    assert told.text == "Reply to a photo with /tag, and I suggest hashtags for it."
    assert told.body["message_thread_id"] == first
    # Telegram shows what is said in a topic as a reply to the message that it began with.
    more = await ann.says("Hey @Tagalong_bot", reply_to_message_id=first, **topic)
    await ann.hears(more)
    # What people say to each other about the bot, or write anew, is not for it.
    await ann.says("That is @tagalong_bot.", user_id=ben, reply_to_message_id=words, **topic)
    await ann.says("@another_bot hello", user_id=ben, **topic)
    await ann.edits(bare, text="@tagalong_bot hello again")
    last = await ann.says("/tag", user_id=ben, **topic)
    await ann.hears(last)
    said = [one for one in await ann.sees() if one.body["from"]["is_bot"]]
    assert [one.answers for one in said] == [bare, more, last]


# --- the first contact ------------------------------------------------------------------------


async def test_start_shows_an_example_in_one_tap(ann: Person) -> None:
    await ann.says("/start")
    hello = await ann.hears(0, "Hi!")
    await ann.taps(hello, "example")
    shown = await pictured(ann, hello.id)
    panel = await ann.panel(shown.id)
    panel = await ann.chooses(panel, panel.offered[0])
    panel = await ann.chooses(panel, panel.offered[0])
    await ann.taps(panel, "Done")
    assert (await ann.hears(panel.id)).block == " ".join(panel.chosen)


async def test_inline_mode_suggests_for_words_alone(ann: Person, http: httpx.AsyncClient) -> None:
    group = await newcomer(http, type="group")
    inline = f"{group.path}/inline"
    found = await fine(http.post(inline, json={"query": "Beach #sunset, "}))
    together, *others = found["results"]
    tags = together["text"].split()
    assert tags[:2] == ["#beach", "#sunset"]
    assert len(tags) == 7
    assert [one["text"] for one in others[:5]] == [f"#beach #sunset {tag}" for tag in tags[2:]]
    assert found["button"]["start_parameter"] == "photo"
    less = await fine(http.post(inline, json={"query": ""}))
    assert len(less["results"][0]["text"].split()) == 5

    # What is sent through the bot needs no answer, and counts for an open photo.
    path = f"{inline}/{found['inline_query_id']}"
    sent = await fine(http.post(path, json={"result_id": together["id"]}))
    assert sent["via_bot"]["username"] == "tagalong_bot"
    found = await fine(http.post(f"{ann.path}/inline", json={"query": "cat"}))
    path = f"{ann.path}/inline/{found['inline_query_id']}"
    await fine(http.post(path, json={"result_id": "0"}))
    assert await ann.all_said() == await group.all_said() == []
    panel = await ann.shows(CAT)
    await fine(http.post(path, json={"result_id": "all"}))
    panel = await ann.sees_that(panel, lambda now: "#cat" in now.chosen)
    assert len(panel.chosen) == 6


async def test_the_bot_says_itself_what_it_is(http: httpx.AsyncClient) -> None:
    async def told(method: str, language: str = "") -> Any:
        path = f"/bot{PLAYGROUND_TOKEN}/{method}"
        return (await fine(http.get(path, params={"language_code": language})))["result"]

    async def last() -> bool:
        return "標籤" in (await told("getMyShortDescription", "zh"))["short_description"]

    await eventually(last, "the last of the descriptions")
    assert "Foto" in (await told("getMyDescription", "de"))["description"]
    assert "photo" in (await told("getMyDescription"))["description"]
    assert await told("getChatMenuButton") == {"type": "commands"}
    assert (await told("getMe"))["supports_inline_queries"]
    commands = {one["command"]: one["description"] for one in await told("getMyCommands", "es")}
    assert "foto" in commands["tag"]
