"""``/settings`` as a person has it: one menu, and everything in it does what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import httpx
import pytest
from bot_fixtures import Person, Seen, fine, newcomer, photo
from page_fixtures import ROOT

from bot import texts
from bot.caption import compose
from bot.history import Chosen, Standing
from bot.options import OPTIONS
from bot.platforms import platforms
from bot.preferences import Layout, Order, Preferences
from bot.spelling import also
from bot.taste import taste_of
from bot.written import read
from engine.head import load_head
from engine.lists import read_lists
from storage import Pick, PickKind

MENU = "Your settings"


async def opens(person: Person) -> Seen:
    """Send the command, and wait for the menu."""
    return await person.hears(await person.says("/settings"), MENU)


async def sets(person: Person, title: str, value: str) -> Seen:
    """Open the menu and choose one value of one setting."""
    menu = await opens(person)
    await person.taps(menu, title)
    page = await person.sees_that(menu, lambda now: MENU not in now.text)
    await person.taps(page, value)
    return await person.sees_that(menu, lambda now: MENU in now.text)


async def switches(person: Person, title: str) -> Seen:
    """Open the menu and tap a switch."""
    menu = await opens(person)
    before = label(menu, title)
    await person.taps(menu, title)
    return await person.sees_that(menu, lambda now: label(now, title) != before)


def label(menu: Seen, title: str) -> str:
    """A button of the menu."""
    return next((one for one in menu.labels if title in one), "")


async def offers(person: Person, panel: Seen, true: Callable[[list[str]], Any]) -> Seen:
    """Wait until a panel offers what is expected."""
    return await person.sees_that(panel, lambda now: true(now.offered))


# --- the page of suggestions ------------------------------------------------------------------


async def test_page_and_columns_are_as_set_and_the_open_photo_follows(ann: Person) -> None:
    panel = await ann.shows()
    assert len(panel.offered) == 10
    menu = await sets(ann, "Suggestions at a time", "6")
    assert label(menu, "Suggestions at a time") == "Suggestions at a time: 6"
    six = await offers(ann, panel, lambda now: len(now) == 6)
    assert six.offered == panel.offered[:6]
    await sets(ann, "Columns", "3")
    await ann.sees_that(panel, lambda now: len(now.rows[0]) == 3)
    # A menu that was opened before shows what holds now, and a tap on what holds changes nothing.
    await ann.taps(menu, "Columns")
    page = await ann.sees_that(menu, lambda now: "side by side" in now.text)
    assert "✅ 3" in page.labels
    await ann.taps(page, "All settings")
    await ann.sees_that(menu, lambda now: MENU in now.text)


async def test_common_specific_and_promotional_tags(ann: Person) -> None:
    panel = await ann.shows(photo("shoes.jpg"))
    usual = panel.offered
    await sets(ann, "Style of hashtags", "much more specific ones")
    specific = (await offers(ann, panel, lambda now: now != usual)).offered
    await sets(ann, "Style of hashtags", "much more common ones")
    common = (await offers(ann, panel, lambda now: now not in (usual, specific))).offered
    head = load_head(ROOT / "weights")

    def share(offered: Sequence[str]) -> float:
        rows = head.vocabulary.rows(one.removeprefix("#") for one in offered)
        return float(head.log_popularity[rows].mean())

    assert share(common) > share(usual) > share(specific)
    await sets(ann, "Style of hashtags", "balanced")
    await offers(ann, panel, lambda now: now == usual)

    await switches(ann, "Promotional")
    lane = [f"#{tag}" for tag in read_lists().lane]
    with_lane = await offers(ann, panel, lambda now: now[-2:] == lane[:2])
    assert with_lane.offered[:8] == usual[:8]
    await ann.taps(with_lane, "More")
    await offers(ann, panel, lambda now: now[-2:] == lane[2:4])


async def test_blocked_tags_are_never_suggested_however_many(ann: Person) -> None:
    panel = await ann.shows()
    first, second = panel.offered[:2]
    menu = await opens(ann)
    await ann.taps(menu, "Blocked hashtags: none")
    page = await ann.sees_that(menu, lambda now: "No hashtag is blocked" in now.text)
    await ann.taps(page, "Block hashtags")
    question = await ann.hears(page.id, "Which hashtags should I never suggest?")
    answer = await ann.says(f"{first}, {second[1:]}", reply_to_message_id=question.id)
    listed = await ann.hears(answer, "2 hashtags are never suggested")
    rest = await offers(ann, panel, lambda now: first not in now and second not in now)
    assert len(rest.offered) == 10

    await ann.taps(listed, f"✕ {first}")
    await ann.sees_that(listed, lambda now: f"✕ {first}" not in now.labels)
    await offers(ann, panel, lambda now: first in now)

    for number in range(3):
        await ann.taps(listed, "Block hashtags")
        question = await ann.hears(answer, "Which hashtags should I never suggest?")
        many = " ".join(f"#many{number}x{one}" for one in range(333))
        answer = await ann.says(many, reply_to_message_id=question.id)
        told = "1,000 hashtags" if number == 2 else "hashtags are never"
        listed = await ann.hears(answer, told)
    assert "Block hashtags" not in " ".join(listed.labels)
    await ann.taps(panel, "More")
    assert second not in (await offers(ann, panel, lambda now: first not in now)).offered


async def test_the_chats_own_choices_raise_its_favourites_until_they_are_forgotten(
    ann: Person,
) -> None:
    panel = await ann.shows()
    usual = panel.offered
    favourite, first = usual[-1], usual[0]
    for _ in range(4):
        panel = await ann.chooses(await ann.shows(), favourite)
    panel = await ann.shows()
    raised = panel.offered
    assert raised.index(favourite) < usual.index(favourite)
    await switches(ann, "Learn from my choices")
    await offers(ann, panel, lambda now: now == usual)
    menu = await switches(ann, "Learn from my choices")
    await offers(ann, panel, lambda now: now == raised)
    told = await ann.told(await ann.taps(menu, "Forget what was learned"))
    assert told == "Forgotten. I learn anew from your next choices."
    await offers(ann, panel, lambda now: now == usual)
    assert first in usual


async def test_what_was_learned_can_be_forgotten_as_long_as_there_is_something(
    ann: Person,
) -> None:
    forget = "Forget what was learned"
    menu = await opens(ann)
    assert not label(menu, forget)
    panel = await ann.shows()
    await ann.chooses(panel, panel.offered[0])
    menu = await switches(ann, "Learn from my choices")
    assert label(menu, forget)
    await ann.taps(menu, forget)
    await ann.sees_that(menu, lambda now: not label(now, forget))
    menu = await switches(ann, "Learn from my choices")
    assert not label(menu, forget)


async def test_a_switch_says_in_one_sentence_what_it_does_now(http: httpx.AsyncClient) -> None:
    lena = await newcomer(http, language_code="de")
    menu = await lena.hears(await lena.says("/settings"), "Deine Einstellungen")
    for switch, on, off in (
        ("Werbende Hashtags", "auch Hashtags vor, die werben", "keine Hashtags mehr vor"),
        ("Aus meiner Wahl lernen", "rückt in meinen Vorschlägen jetzt nach vorn", "nicht mehr"),
        ("Hashtag auch in meiner", "stehen jetzt zusätzlich auf Deutsch", "nur noch"),
    ):
        for _ in range(2):
            told = await lena.told(await lena.taps(menu, switch))
            before = label(menu, switch)
            menu = await lena.sees_that(
                menu, lambda now, old=before, of=switch: label(now, of) != old
            )
            assert (on if "✅" in label(menu, switch) else off) in told


async def test_hashtags_in_ones_own_language_are_offered_where_that_is_not_english(
    ann: Person, http: httpx.AsyncClient
) -> None:
    own = "Add the tag in my language"
    menu = await opens(ann)
    assert not label(menu, own)
    await ann.taps(menu, "Language")
    page = await ann.sees_that(menu, lambda now: MENU not in now.text)
    await ann.taps(page, "Deutsch")
    await ann.sees_that(menu, lambda now: label(now, "Hashtag auch in meiner Sprache"))
    # In a group without a language, each photo has its sender's.
    group = await newcomer(http, type="group", admin=True, language_code="en")
    menu = await group.hears(await group.says("/settings"), "The settings of this group")
    assert label(menu, own)


# --- the caption ------------------------------------------------------------------------------


async def test_a_platform_counts_along_and_stops_at_its_limit(ann: Person) -> None:
    panel = await ann.shows()
    menu = await sets(ann, "Platform", "Threads")
    await ann.taps(menu, "Platform")
    page = await ann.sees_that(menu, lambda now: "takes up to" in now.text)
    assert "Threads takes up to 1 hashtags and 500 characters" in page.text
    await ann.sees_that(panel, lambda now: "0 of 1 hashtags for Threads" in now.text)
    one, two = panel.offered[:2]
    panel = await ann.chooses(panel, one)
    assert "1 of 1 hashtags for Threads" in panel.text
    other = panel.offered[0]
    told = await ann.told(await ann.taps(panel, other))
    assert told.startswith("Threads takes only one hashtag.")
    left = "Threads takes only one hashtag, so I left out #ourdog."
    await ann.hears(await ann.says("#ourdog"), left)
    await ann.taps(panel, "Done")
    finished = await ann.hears(panel.id, "1 of 1 hashtags for Threads")
    assert finished.copied == one
    assert two != one

    # A caption that was written before the platform was chosen: Done says what is too much.
    await sets(ann, "Platform", "any")
    full = await ann.shows(caption="#a1 #b2 #c3 #d4 #e5 #f6")
    await sets(ann, "Platform", "Instagram")
    full = await ann.sees_that(full, lambda now: "6 of 5 hashtags for Instagram" in now.text)
    assert "takes only 5 hashtags" in await ann.told(await ann.taps(full, "Done"))
    await ann.taps(full, "✓ #f6")
    full = await ann.sees_that(full, lambda now: "5 of 5 hashtags for Instagram" in now.text)

    await sets(ann, "Platform", "X")
    await ann.sees_that(full, lambda now: "of 280 characters for X" in now.text)
    await ann.says("漢" * 135)  # each counts twice there, with the five tags below that is too much
    full = await ann.sees_that(full, lambda now: "characters more than the 280" in now.text)
    assert "280" in await ann.told(await ann.taps(full, full.offered[0]))
    await ann.taps(full, "Done")
    assert "more than the 280 that X takes" in (await ann.hears(full.id, "Tap the caption")).text


async def test_layout_order_and_long_captions(ann: Person) -> None:
    await sets(ann, "Order", "broad → specific")
    await sets(ann, "Caption", "one hashtag a line")
    words = "A long story. " * 20
    panel = await ann.shows(caption=f"{words}#ourcafe #espresso #food")
    assert "#food\n#espresso\n#ourcafe" in panel.text
    await sets(ann, "Caption", "hashtags below dots")
    panel = await ann.sees_that(panel, lambda now: "•\n#food" in now.text)
    await ann.taps(panel, "Done")
    finished = await ann.hears(panel.id, "Tap the caption to copy it")
    assert finished.block.startswith("A long story.")
    assert finished.block.endswith("•\n•\n•\n•\n•\n#food #espresso #ourcafe")
    assert finished.copied is None  # more than 256 characters; the block copies with a tap


async def test_tags_as_people_write_them_in_their_language_join(http: httpx.AsyncClient) -> None:
    lena = await newcomer(http, language_code="de")
    menu = await lena.hears(await lena.says("/settings"), "Deine Einstellungen")
    await lena.taps(menu, "Hashtag auch in meiner Sprache")
    await lena.sees_that(menu, lambda now: "✅ Hashtag auch" in label(now, "Hashtag auch"))
    panel = await lena.shows(caption="#coffee #espresso #food")
    assert "#coffee #kaffee #espresso #food #essen" in panel.text
    await lena.taps(menu, "Plattform")
    menu = await lena.sees_that(menu, lambda now: "Instagram" in " ".join(now.labels))
    await lena.taps(menu, "Instagram")
    await lena.sees_that(panel, lambda now: "5 von 5 Hashtags für Instagram" in now.text)
    await lena.taps(panel, "✅ Fertig")
    finished = await lena.hears(panel.id, "Tippe auf den Bildtext")
    assert finished.copied == "#coffee #kaffee #espresso #food #essen"


# --- languages and groups ---------------------------------------------------------------------


async def test_the_language_is_the_clients_until_another_one_is_set(
    http: httpx.AsyncClient,
) -> None:
    vera = await newcomer(http, language_code="ru")
    panel = await vera.shows()
    assert {"🔄 Ещё", "↩️ Отменить", "✅ Готово"} <= set(panel.labels)
    menu = await vera.hears(await vera.says("/settings"), "Ваши настройки")
    await vera.taps(menu, "Язык")
    page = await vera.sees_that(menu, lambda now: "На каком языке" in now.text)
    await vera.taps(page, "日本語")
    menu = await vera.sees_that(menu, lambda now: "あなたの設定" in now.text)
    panel = await vera.sees_that(panel, lambda now: "✅ 完了" in now.labels)
    undo = next(label for label in panel.labels if label.startswith("↩️"))
    assert await vera.told(await vera.taps(panel, undo)) == texts.say("ja", "nothing-to-undo")
    await vera.hears(await vera.says("/help"), "写真")
    await vera.taps(menu, "言語: 日本語")
    page = await vera.sees_that(menu, lambda now: "どの言語" in now.text)
    await vera.taps(page, "Telegramと同じ")
    await vera.sees_that(menu, lambda now: "Ваши настройки" in now.text)
    await vera.sees_that(panel, lambda now: "✅ Готово" in now.labels)


async def test_in_a_group_its_administrators_decide_and_may_let_everybody_choose(
    http: httpx.AsyncClient,
) -> None:
    ann = await newcomer(http, type="group", admin=True)
    joined = await fine(http.post(f"{ann.path}/members", json={"name": "Ben"}))
    ben = joined["user_id"]
    panel = await ann.shows()
    menu = await ann.hears(await ann.says("/settings"), "The settings of this group")
    number = await ann.says("/settings", user_id=ben)
    await ann.hears(number, "Only an administrator")
    told = await ann.told(await ann.taps(menu, "Everybody may choose", user_id=ben))
    assert told == texts.say("en", "menu-not-yours")
    told = await ann.told(await ann.taps(panel, panel.offered[0], user_id=ben))
    assert told == texts.say("en", "not-yours")
    told = await ann.told(await ann.taps(menu, "Everybody may choose"))
    assert told == "Everybody in this group can now choose the hashtags for every photo."
    await ann.sees_that(menu, lambda now: "✅" in label(now, "Everybody"))
    await ann.taps(panel, panel.offered[0], user_id=ben)
    await ann.sees_that(panel, lambda now: now.chosen == panel.offered[:1])


async def test_buttons_that_nobody_drew_are_answered(ann: Person) -> None:
    menu = await opens(ann)
    for data in (f"ot:999999:{ann.id}", f"ot:63:{ann.id}", f"ot:{2**62}:{ann.id}"):
        assert await ann.told(await ann.forges(menu, data)) == texts.say("en", "old-button")
    for data in (f"oo:99:{ann.id}", f"ou:7:{ann.id}", f"ob:{2**62}:{ann.id}"):
        assert await ann.told(await ann.forges(menu, data)) == ""
    assert await ann.told(await ann.forges(menu, "ot:0:1")) == texts.say("en", "menu-not-yours")
    assert (await opens(ann)).labels == menu.labels


# --- the values behind it ---------------------------------------------------------------------


def test_settings_are_read_back_and_what_is_unknown_is_left_out() -> None:
    chosen = Preferences(
        buttons=6,
        platform="x",
        layout=Layout.DOTS,
        order=Order.BROAD,
        leaning=-2,
        blocked=("a", "猫"),
        language="zh-TW",
        taste=False,
        taste_after=7,
    )
    assert Preferences.read(chosen.to_json()) == chosen
    assert Preferences().to_json() == "{}"
    usual = ('{"buttons": 7, "layout": "spiral", "platform": "myspace", "new": 1, "taste": 0,'
             ' "blocked": [1], "language": "tlh", "leaning": true}')  # fmt: skip
    assert Preferences.read(usual) in (Preferences(), Preferences(leaning=1))
    for broken in ("", "[]", "{", "null"):
        assert Preferences.read(broken) == Preferences()


@pytest.mark.parametrize("language", list(texts.LANGUAGES))
def test_every_value_of_every_setting_has_a_name(language: str) -> None:
    for option in OPTIONS:
        if not option.switch:
            names = [option.named(value, language) for value in option.values]
            assert len(set(names)) == len(names)


def test_platforms_are_dated_with_sources() -> None:
    rows = (ROOT / "bot" / "platforms.tsv").read_text("utf-8").splitlines()
    data = [row.split("\t") for row in rows if not row.startswith("#")]
    for row in data:
        assert date.fromisoformat(row[5]) > date(2025, 12, 18)
        assert row[6] and all(source.startswith("https://") for source in row[6].split())
    assert [platforms()[row[0]].tags for row in data] == [5, 5, None, 1, None, None, 60, None]
    text = "日本 é 🌊 https://example.com/a/long/address"
    counted = {key: one.length(text) for key, one in platforms().items()}
    assert counted == {
        "instagram": 42, "tiktok": 42, "linkedin": 42,  # units of UTF-16: the wave has two
        "bluesky": 41, "mastodon": 30, "threads": 44, "x": 33, "youtube": 49,
    }  # fmt: skip


def test_the_table_of_tags_holds_what_people_can_post() -> None:
    rows = (ROOT / "engine" / "lists" / "languages.tsv").read_text("utf-8").splitlines()
    head, *table = [row.split("\t") for row in rows if not row.startswith("#")]
    assert head == list(texts.LANGUAGES)
    assert len(table) >= 200 and len({row[0] for row in table}) == len(table)
    known = set(read_lists().vocabulary)
    for row in table:
        assert len(row) == len(head) and row[0] in known
        for tag in row:
            assert tag == "-" or (read(f"#{tag}").words, len(read(f"#{tag}").tags)) == ("", 1)
    assert also(("coffee", "kaffee", "dog", "cat"), "de", 1) == (
        "coffee", "kaffee", "dog", "hund", "cat"
    )  # fmt: skip
    assert also(("coffee",), "en", 9) == ("coffee",)
    assert set(read_lists().lane) <= read_lists().promotional


def test_taste_weighs_what_was_picked_taken_out_and_passed_over() -> None:
    def pick(number: int, session: int, kind: PickKind, tag: str) -> Pick:
        return Pick(number, session, kind, tag, str(number), None)  # type: ignore[arg-type]

    picks = [
        pick(1, 1, PickKind.ADD, "sea"),
        pick(2, 1, PickKind.MORE, "sun boat"),
        pick(3, 2, PickKind.OWN, "sea"),
        pick(4, 2, PickKind.ADD, "sun"),
        pick(5, 2, PickKind.REMOVE, "sun"),
        pick(6, 3, PickKind.ADD, "boat"),
    ]
    taste = taste_of(reversed(picks), after=0, without=3)
    assert taste["sea"] == pytest.approx(0.5)
    assert taste["sun"] < taste["boat"] < 0
    assert taste_of(picks, after=5, without=0) == {"boat": pytest.approx(1 / 3)}


def test_captions_are_laid_out_as_wished() -> None:
    assert compose("Hi", ["a", "b"], Layout.LINES) == "Hi\n\n#a\n#b"
    assert compose("", ["a", "b"], Layout.DOTS) == "•\n•\n•\n•\n•\n#a #b"
    assert compose("Hi", [], Layout.DOTS) == "Hi"
    assert Standing((Chosen("a", ((1, "A"),)),)).prefix == ("a",)
