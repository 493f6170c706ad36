"""What a chat remembers, as a person has it: past captions, saved tag sets, export and oblivion."""

from __future__ import annotations

import base64
import json
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from bot_fixtures import BotProcess, Person, Seen, calls, eventually, fault, fine, newcomer, photo
from page_fixtures import RunningBot

from bot.parcel import parcels
from bot.playground import serve
from engine.__main__ import main as engine_main

COFFEE, CAT = photo(), photo("cat.png")


def words(message: Seen) -> str:
    """A message's text, or what stands below its photo."""
    return message.text or str(message.body.get("caption", ""))


async def said(person: Person, after: int, true: Callable[[Seen], Any]) -> Seen:
    """The bot's next message after one for which something is true."""

    async def find() -> Seen | None:
        for one in await person.sees():
            if one.body["from"]["is_bot"] and one.id > after and true(one):
                return one
        return None

    found: Seen = await eventually(find, f"a message after {after}")
    return found


async def opens(person: Person, command: str, has: str) -> Seen:
    """Give a command and wait for the menu with a button."""
    number = await person.says(command)
    return await said(person, number, lambda one: any(has in label for label in one.labels))


async def turns(person: Person, menu: Seen, label: str, has: str) -> Seen:
    """Tap a button of a menu and wait until it shows something."""
    await person.taps(menu, label)
    return await person.sees_that(menu, lambda now: has in words(now))


async def finishes(person: Person, *files: Any, tags: str, **options: Any) -> Seen:
    """Send a photo with hashtags below it and finish at once."""
    panel = await person.shows(*files, caption=tags, **options)
    await person.taps(panel, "Done")
    return await person.hears(panel.id, "Tap the caption")


def in_files(folder: Path, *needles: str) -> list[str]:
    """Which of some texts lie somewhere in the files of a folder."""
    held = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return [needle for needle in needles if needle.encode() in held]


# --- /history ---------------------------------------------------------------------------------


async def test_history_turns_over_past_captions_and_sends_them_again(ann: Person) -> None:
    number = await ann.says("/history")
    await ann.hears(number, "No finished caption yet")
    await finishes(ann, COFFEE, tags="First cup #espresso #morning")
    await finishes(ann, CAT, tags="#whiskers", as_file=1)
    menu = await opens(ann, "/history", "Send again")
    assert words(menu).startswith("1 of 2")
    assert "#whiskers" in words(menu)
    assert "document" in menu.body  # it was sent as a file, and is shown as one
    assert not any("Newer" in label for label in menu.labels)

    menu = await turns(ann, menu, "Older", "2 of 2")
    assert "First cup\n\n#espresso #morning" in words(menu)
    assert "photo" in menu.body
    assert not any("Older" in label for label in menu.labels)
    await ann.taps(menu, "Send again")
    again = await ann.hears(menu.id, "Tap the caption")
    assert again.block == "First cup\n\n#espresso #morning"
    await ann.taps(again, "Edit")
    panel = await said(ann, again.id, lambda one: "#espresso" in one.chosen)

    # Opened again it is no finished caption; its old button still knows it.
    menu = await turns(ann, menu, "Send again", "2 of 2")
    await said(ann, panel.id, lambda one: "Tap the caption" in one.text)


async def test_an_old_captions_hashtags_go_on_with_the_open_photo_or_the_next_one(
    ann: Person,
) -> None:
    await finishes(ann, COFFEE, tags="Our dog #rex #park")
    menu = await opens(ann, "/history", "Use for")
    panel = await ann.shows(CAT, caption="#park")
    assert "Added one" in await ann.told(await ann.taps(menu, "Use for"))
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#park", "#rex"])
    assert "Our dog" not in panel.text  # its words were about another photo
    assert "already" in await ann.told(await ann.taps(menu, "Use for"))

    await ann.says("/cancel")
    await ann.sees_that(panel, lambda now: not now.buttons)
    await ann.taps(menu, "Use for")
    promise = await ann.hears(panel.id, "No photo is open")
    await turns(ann, promise, "Never mind", "starts empty")
    assert (await ann.shows(COFFEE)).chosen == []

    await ann.says("/cancel")
    await ann.taps(menu, "Use for")
    promise = await ann.hears(promise.id, "No photo is open")
    assert "#rex #park" in promise.text
    panel = await ann.shows(CAT, caption="#tail")
    assert panel.chosen == ["#rex", "#park", "#tail"]
    assert "Our dog" not in panel.text
    await ann.sees_that(promise, lambda now: "started with" in now.text and not now.buttons)
    # When the photo's caption is edited they stay; they are one step, that caption another.
    assert panel.answers is not None
    await ann.edits(panel.answers, caption="#paw")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#rex", "#park", "#paw"])
    await ann.taps(panel, "Undo")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#rex", "#park", "#tail"])
    await ann.taps(panel, "Undo")
    panel = await ann.sees_that(panel, lambda now: now.chosen == ["#rex", "#park"])
    await ann.taps(panel, "Undo")
    await ann.sees_that(panel, lambda now: now.chosen == [])
    await ann.says("/cancel")
    assert (await ann.shows(COFFEE)).chosen == []  # once is enough


async def test_a_photo_that_is_gone_leaves_its_caption_and_a_caption_that_is_gone_says_so(
    ann: Person, talking: RunningBot
) -> None:
    await finishes(ann, COFFEE, tags="#espresso")
    await finishes(ann, CAT, tags="#whiskers")
    menu = await opens(ann, "/history", "Older")
    database = talking.home / "data" / "tagalong.db"
    with closing(sqlite3.connect(database, timeout=20)) as other, other:
        other.execute(
            "UPDATE sessions SET photo_file_id = 'gone' WHERE id ="
            " (SELECT min(id) FROM sessions WHERE chat_id = ?)", (ann.chat,)
        )  # fmt: skip
    await ann.taps(menu, "Older")
    bare = await said(ann, menu.id, lambda one: "2 of 2" in one.text)
    assert "#espresso" in bare.text
    await ann.loses(menu.id)  # it could not lose its photo
    menu = await turns(ann, bare, "Newer", "1 of 2")
    assert "photo" in menu.body

    with closing(sqlite3.connect(database, timeout=20)) as other, other:
        other.execute("PRAGMA foreign_keys = ON")
        other.execute("DELETE FROM sessions WHERE chat_id = ?", (ann.chat,))
    for label in ("Send again", "Use for", "Older"):
        await fault(ann.http, "answerCallbackQuery", drop=True)  # the answer comes all the same
        assert "no longer there" in await ann.told(await ann.taps(menu, label))
    last = await ann.hears(menu.id, "No finished caption yet")
    for forged in (
        "h:1:2",
        f"h:99999999:{ann.id}",
        f"hs:1:{ann.id}",
        f"su:1:{ann.id}",
        "h:1",
        "hs",
    ):
        assert await ann.told(await ann.forges(last, forged))


async def test_a_promised_caption_that_an_edit_emptied_is_no_longer_there(ann: Person) -> None:
    done = await finishes(ann, COFFEE, tags="Ours #espresso")
    number = await ann.says("/history")
    menu = await said(ann, number, lambda one: any("Use for" in label for label in one.labels))
    await ann.taps(menu, "Use for")
    promise = await ann.hears(menu.id, "No photo is open")
    sent = next(one for one in await ann.sees() if "photo" in one.body and one.id < done.id)
    await ann.edits(sent.id, caption="Ours")
    assert (await ann.shows(CAT)).offered
    await ann.sees_that(promise, lambda now: "no longer there" in now.text)


# --- /sets ------------------------------------------------------------------------------------


async def test_a_set_is_saved_used_renamed_and_deleted(ann: Person) -> None:
    number = await ann.says("/sets")
    empty = await ann.hears(number, "No hashtag set is saved yet")
    assert empty.buttons == []
    await finishes(ann, COFFEE, tags="#Espresso #morning")
    menu = await opens(ann, "/sets", "Save")
    await ann.taps(menu, "Save")
    question = await ann.hears(menu.id, "Reply with a name")
    assert question.body["reply_markup"]["force_reply"]
    answer = await ann.says("#Coffee  time", reply_to_message_id=question.id)
    saved = await ann.hears(answer, "Saved as “Coffee time”")
    assert "#Espresso #morning" in saved.text

    # An edit of the answer is no caption, and a second answer is one too many.
    panel = await ann.shows(CAT, caption="#whiskers")
    await ann.edits(answer, text="Coffee break")
    more = await ann.says("Tea", reply_to_message_id=question.id)
    await ann.hears(more, "have your answer")
    assert "Coffee break" not in (await ann.sees_that(panel, lambda now: now.text)).text

    assert "Added 2" in await ann.told(await ann.taps(saved, "Use for"))
    all_three = ["#whiskers", "#Espresso", "#morning"]
    panel = await ann.sees_that(panel, lambda now: now.chosen == all_three)
    await ann.taps(panel, "Undo")  # a set is one step
    await ann.sees_that(panel, lambda now: now.chosen == ["#whiskers"])
    await ann.taps(saved, "Use for")
    await ann.sees_that(panel, lambda now: now.chosen == all_three)
    menu = await turns(ann, saved, "All sets", "Your saved hashtag sets")
    assert menu.labels[0] == "Coffee time · 2"
    await ann.taps(menu, "Save")
    question = await ann.hears(more, "#whiskers #Espresso #morning")
    long = await ann.says("x" * 41, reply_to_message_id=question.id)
    question = await ann.hears(long, "A name has 1 to 40")
    answer = await ann.says("Coffee time", reply_to_message_id=question.id)
    await ann.hears(answer, "now holds these")
    answer = await ann.says("/sets")
    menu = await said(ann, answer, lambda one: "Coffee time · 3" in one.labels)

    # A second one, so that a name can be taken.
    await ann.taps(menu, "Save")
    question = await ann.hears(menu.id, "Reply with a name")
    answer = await ann.says("Cat", reply_to_message_id=question.id)
    cat = await ann.hears(answer, "Saved as “Cat”")
    await ann.taps(cat, "Rename")
    question = await ann.hears(cat.id, "should “Cat” be called")
    taken = await ann.says("Coffee time", reply_to_message_id=question.id)
    await ann.hears(taken, "Another set is called")
    answer = await ann.says("Kater 🐈", reply_to_message_id=question.id)
    await ann.hears(answer, "It is called “Kater 🐈” now")

    cat = await turns(ann, cat, "Delete", "Delete the set “Kater 🐈”?")
    await ann.taps(cat, "Keep it")
    cat = await ann.sees_that(cat, lambda now: "‹ All sets" in now.labels)
    cat = await turns(ann, cat, "Delete", "Delete the set")
    gone = await turns(ann, cat, "Delete", "“Kater 🐈” is deleted")
    assert gone.labels[0] == "Coffee time · 3"
    # Buttons of a deleted set, and the answer to a question about it.
    for label in ("Delete", "Keep it"):
        assert "no longer there" in await ann.told(await ann.taps(cat, label))
    await ann.taps(await turns(ann, gone, "Coffee time · 3", "#Espresso"), "Rename")
    question = await ann.hears(answer, "Reply with the new name")
    menu = await opens(ann, "/sets", "Coffee time")
    menu = await turns(ann, menu, "Coffee time · 3", "#Espresso")
    menu = await turns(ann, menu, "Delete", "Delete the set")
    await turns(ann, menu, "Delete", "is deleted")
    late = await ann.says("Late", reply_to_message_id=question.id)
    await ann.hears(late, "no longer there")


async def renames(person: Person, saved: Seen) -> Seen:
    """Tap Rename; the question that it asks."""
    last = (await person.sees())[-1].id
    await person.taps(saved, "Rename")
    return await person.hears(last, "should “")


async def saves(person: Person, name: str) -> Seen:
    """Save the open photo's hashtags; the message of the set."""
    menu = await opens(person, "/sets", "Save")
    await person.taps(menu, "Save")
    await person.hears(menu.id, "Reply with a name")
    return await person.hears(await person.says(name), f"Saved as “{name}”")  # no reply


async def test_a_plain_message_answers_the_newest_question_and_overwrites_no_caption(
    ann: Person,
) -> None:
    panel = await ann.shows(CAT, caption="My cat #whiskers")
    saved = await saves(ann, "Cat")
    question = await renames(ann, saved)
    await ann.hears(await ann.says("/help"), "Send a photo")
    answer = await ann.says("Kater")
    await ann.hears(answer, "It is called “Kater” now")

    # Neither an edit of it nor a second answer is a caption.
    await ann.edits(answer, text="Katze")
    second = await ann.says("Katze", reply_to_message_id=question.id)
    await ann.hears(second, "have your answer")
    question = await renames(ann, saved)
    first = await ann.says("y" * 41)
    await ann.hears(first, "A name has 1 to 40")
    await ann.hears(await ann.says("Kätzchen"), "It is called “Kätzchen” now")
    await ann.hears(await ann.says("Miez", reply_to_message_id=question.id), "have your answer")
    now = await ann.sees_that(panel, lambda now: now.chosen)
    assert now.text == panel.text

    # A name that is taken leaves the question open.
    saved = await saves(ann, "Tail")
    question = await renames(ann, saved)
    await ann.hears(await ann.says("Kätzchen"), "Another set is called")
    await ann.hears(await ann.says("Paw"), "It is called “Paw” now")
    await ann.says("A quiet cat")
    await ann.sees_that(panel, lambda now: "A quiet cat\n\n#whiskers" in now.text)


async def test_a_question_that_something_for_a_photo_has_followed_takes_only_replies(
    ann: Person,
) -> None:
    panel = await ann.shows(CAT, caption="#whiskers")
    saved = await saves(ann, "Cat")
    question = await renames(ann, saved)
    await ann.says("#tail")  # hashtags are for the photo, as ever
    await ann.sees_that(panel, lambda now: "#tail" in now.chosen)
    await ann.says("Words for the cat")
    panel = await ann.sees_that(panel, lambda now: "Words for the cat" in now.text)

    for number, touch in enumerate(("More", "Similar", "a photo")):
        question = await renames(ann, saved)
        if touch == "a photo":
            panel = await ann.shows(COFFEE, caption="#espresso")
        else:
            before = panel.labels
            await ann.taps(panel, touch)
            await ann.sees_that(panel, lambda now, before=before: now.labels != before)
        await ann.says(f"Text {number}")
        panel = await ann.sees_that(panel, lambda now, n=number: f"Text {n}" in now.text)
    answer = await ann.says("Kater", reply_to_message_id=question.id)
    await ann.hears(answer, "It is called “Kater” now")


async def test_hashtags_answer_the_question_which_ones_to_block(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    menu = await ann.hears(await ann.says("/settings"), "Your settings")
    await turns(ann, menu, "Blocked hashtags", "No hashtag is blocked")
    menu = await ann.sees_that(menu, lambda now: "Block hashtags" in " ".join(now.labels))
    await ann.taps(menu, "Block hashtags")
    await ann.hears(menu.id, "Which hashtags should I never suggest?")
    blocked = panel.offered[0]
    await ann.hears(await ann.says(blocked), "One hashtag is never suggested")
    panel = await ann.sees_that(panel, lambda now: blocked not in now.offered)
    assert not panel.chosen


async def test_many_sets_are_paged_and_one_starts_the_next_photo(
    ann: Person, talking: RunningBot
) -> None:
    await finishes(ann, COFFEE, tags="#espresso")
    with (
        closing(sqlite3.connect(talking.home / "data" / "tagalong.db", timeout=20)) as other,
        other,
    ):
        other.executemany(
            "INSERT INTO sets (chat_id, name, tags, created_at) VALUES (?, ?, ?, ?)",
            [
                (ann.chat, f"{'name' * 9}{n:03}", "sea " * 99 + "sand", "2026-01-01 00:00:00.0")
                for n in range(100)
            ],
        )  # fmt: skip
    menu = await opens(ann, "/sets", "▶")
    assert [label for label in menu.labels if "000" in label]
    await ann.taps(menu, "▶")
    menu = await ann.sees_that(menu, lambda now: any("015" in label for label in now.labels))
    last = menu.data("▶").replace(":2:", ":9999:")
    await ann.forges(menu, last)
    menu = await ann.sees_that(menu, lambda now: any("099" in label for label in now.labels))
    await ann.taps(menu, "Save")
    question = await ann.hears(menu.id, "Reply with a name")
    full = await ann.says("One more", reply_to_message_id=question.id)
    await ann.hears(full, "More than 100 sets")

    label = next(label for label in menu.labels if "099" in label)
    menu = await turns(ann, menu, label, "#sea")
    await ann.taps(menu, "Use for")
    await ann.hears(full, "No photo is open")
    assert (await ann.shows(CAT)).chosen == ["#sea", "#sand"]


async def test_in_a_group_a_menu_is_for_whoever_opened_it(http: httpx.AsyncClient) -> None:
    ann = await newcomer(http, type="group")
    joined = await fine(http.post(f"{ann.path}/members", json={"name": "Bob"}))
    bob = Person(http, ann.chat, joined["user_id"])
    panel = await ann.shows(COFFEE, caption="@tagalong_bot #espresso")
    await ann.taps(panel, "Done")
    await ann.hears(panel.id, "Tap the caption")
    menu = await opens(ann, "/history", "Send again")
    sets = await opens(ann, "/sets", "Save")
    for one, label in ((menu, "Send again"), (sets, "Save")):
        query = await bob.taps(one, label, user_id=bob.id)
        assert "belongs to somebody else" in await bob.told(query)
    await ann.taps(sets, "Save")
    question = await ann.hears(sets.id, "Reply with a name")
    assert str(ann.id) in json.dumps(question.body["entities"])  # only she is asked
    await bob.says("Mine", user_id=bob.id, reply_to_message_id=question.id)
    answer = await ann.says("Coffee", reply_to_message_id=question.id)
    await ann.hears(answer, "Saved as “Coffee”")
    number = await bob.says("/history", user_id=bob.id)
    await bob.hears(number, "No finished caption yet")  # hers are not his
    assert (await exported(ann))["database"]["sessions"]  # she made the group
    for command in ("/export", "/forget"):
        number = await bob.says(command, user_id=bob.id)
        assert (await bob.hears(number, "Only an administrator")).answers == number


# --- /privacy, /export, /forget ---------------------------------------------------------------


async def exported(ann: Person) -> dict[str, Any]:
    """What /export sends."""
    number = await ann.says("/export")
    message = await said(ann, number, lambda one: "document" in one.body)
    document = message.body["document"]
    assert document["file_name"].startswith("tagalong-")
    content = await ann.http.get(f"/playground/files/{document['file_id']}")
    told: dict[str, Any] = json.loads(content.content)
    return told


async def test_everything_of_a_chat_is_told_and_then_forgotten_in_the_files_too(
    http: httpx.AsyncClient, talking: RunningBot, tmp_path: Path
) -> None:
    secret, other = "zanzibarsecret", "keepthisone"
    ann = await newcomer(http, name=f"{secret}ann {secret}lee", language_code="en")
    bob = await newcomer(http, name=f"Bob {other}")
    done = await finishes(ann, COFFEE, tags=f"Our {secret} words #{secret}tag")
    await finishes(bob, CAT, tags=f"#{other}")
    menu = await opens(ann, "/sets", "Save")
    await ann.taps(menu, "Save")
    question = await ann.hears(menu.id, "Reply with a name")
    answer = await ann.says(f"{secret}set", reply_to_message_id=question.id)
    saved = await ann.hears(answer, "Saved as")
    number = await ann.says("/privacy")
    policy = (await ann.hears(number, "/forget")).text
    assert "365 days" in policy
    assert "files for 7 days" in policy

    told = await exported(ann)
    database, page = told["database"], told["page"]
    (caption,) = told["captions"]["finished"]
    assert caption == {
        "tags": [f"{secret}tag"], "rejected": [], "embedding": database["sessions"][0]["embedding"]
    }  # fmt: skip
    export, manifest = tmp_path / "export.json", tmp_path / "learned"
    export.write_text(json.dumps(told), encoding="utf-8")
    assert engine_main(["data", "picks", str(export), "--out", str(manifest)]) == 0
    (learned,) = (manifest / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(learned) == {"tags": [f"{secret}tag"]}
    assert (told["format"], told["chat_id"], told["parts"]) == ("tagalong-chat", ann.chat, 1)
    (session,) = database["sessions"]
    assert session["text"] == f"Our {secret} words"
    assert len(base64.b64decode(session["embedding"])) > 1_000
    assert [pick["tag"] for pick in database["picks"]] == [f"{secret}tag", None]
    assert [one["name"] for one in database["sets"]] == [f"{secret}set"]
    assert database["chats"][0]["settings"] == {}
    updates = [row["body"] for row in database["inbox"]]
    assert any(update.get("message", {}).get("text") == "/privacy" for update in updates)
    assert secret in json.dumps(page["messages"])
    largest = max(page["files"], key=lambda file: file["size"])
    pieces = [row for row in page["bytes"] if row["file_id"] == largest["file_id"]]
    assert len(base64.b64decode(pieces[0]["base64"])) == largest["size"]
    assert other not in json.dumps(told)
    again = (await exported(ann))["page"]
    assert again["bytes"] == page["bytes"]  # an export holds no earlier export

    data = talking.home / "data"
    assert in_files(data, f"{secret}tag", f"{secret}set", other) == [
        f"{secret}tag", f"{secret}set", other
    ]  # fmt: skip
    menu = await opens(ann, "/forget", "Delete everything")
    assert "The messages and photos of this chat go too." in menu.text
    assert "Telegram" not in menu.text
    await turns(ann, menu, "Keep it", "Nothing was deleted")
    photos = sorted(file["file_id"] for file in page["files"])
    menu = await opens(ann, "/forget", "Delete everything")
    await ann.taps(menu, "Delete everything")
    last = await ann.hears(menu.id, "Everything is deleted")
    assert [one.id for one in await ann.sees()] == [last.id]
    assert in_files(data, secret, str(ann.chat) + ":", *photos) == []
    assert not [call for call in await calls(http, "sendMessage", ann.chat) if call["id"] and
                secret in json.dumps(call)]  # fmt: skip
    for file_id in photos:
        assert (await http.get(f"/playground/files/{file_id}")).status_code == 404
    assert in_files(data, other) == [other]  # nobody else lost anything
    # What the page needs to go on stays: who is there, without a name, and which language to speak.
    known = await fine(http.get(f"/playground/chats/{ann.chat}"))
    assert known == {
        "chat": {"id": ann.chat, "type": "private", "first_name": "You"},
        "members": [{"id": ann.id, "is_bot": False, "first_name": "You", "language_code": "en"}],
    }
    kept = await fine(http.get(f"/playground/chats/{bob.chat}"))
    assert kept["chat"]["last_name"] == other

    # Every old button gets a short answer, and the chat goes on.
    for old in (done, saved):
        for button in old.buttons:
            if "callback_data" in button and "All sets" not in button["text"]:
                query = await ann.forges(last, button["callback_data"])
                assert await ann.told(query)
    assert (await exported(ann))["database"]["sessions"] == []
    number = await ann.says("/history")
    await ann.hears(number, "No finished caption yet")
    assert (await ann.shows(COFFEE)).offered


async def test_a_group_is_forgotten_with_its_people_and_with_what_it_was_before(
    http: httpx.AsyncClient, talking: RunningBot
) -> None:
    secret = "mombasasecret"
    group = await newcomer(
        http, type="group", admin=True, title=f"The {secret} club", name=f"Ann {secret}"
    )
    ben = await fine(http.post(f"{group.path}/members", json={"name": f"Ben {secret}"}))
    await finishes(group, COFFEE, tags=f"#{secret}")
    new = await fine(http.post(f"{group.path}/upgrade"))
    ann = Person(http, new["chat_id"], group.id)
    await opens(ann, "/history", "Send again")
    told = await exported(ann)
    assert [chat["type"] for chat in told["page"]["chats"]] == ["supergroup", "group"]
    menu = await opens(ann, "/forget", "Delete everything")
    await ann.taps(menu, "Delete everything")
    last = await ann.hears(menu.id, "Everything is deleted")
    assert [one.id for one in await ann.sees()] == [last.id]
    assert await group.sees() == []
    assert in_files(talking.home / "data", secret) == []
    known = await fine(http.get(f"/playground/chats/{ann.chat}"))
    assert known["chat"] == {"id": ann.chat, "type": "supergroup", "title": "A group"}
    names = [(one["id"], one["first_name"]) for one in known["members"]]
    assert names == [(ann.id, "You"), (ben["user_id"], "Somebody")]
    assert (await ann.shows(CAT)).offered


async def test_without_the_page_all_goes_too_and_what_is_old_goes_by_itself(
    tmp_path: Path,
) -> None:
    async with serve("127.0.0.1", 0, tmp_path / "server") as server:
        bot = BotProcess.before(server.url, tmp_path, RETENTION_DAYS="30")
        try:
            await bot.start()
            async with httpx.AsyncClient(base_url=server.url, timeout=60, verify=False) as http:
                ann, bob = await newcomer(http), await newcomer(http)
                await finishes(ann, COFFEE, tags="#zanzibar")
                await finishes(bob, CAT, tags="#whiskers")
                number = await ann.says("/privacy")
                policy = (await ann.hears(number, "/forget")).text
                assert "30 days" in policy
                assert "page" not in policy
                told = await exported(ann)
                assert "page" not in told
                assert told["database"]["sessions"][0]["chat_id"] == ann.chat
                menu = await opens(ann, "/forget", "Delete everything")
                assert "The messages on Telegram stay" in menu.text
                assert "go too" not in menu.text
                await turns(ann, menu, "Delete everything", "Everything is deleted")
                assert in_files(bot.database.parent, "zanzibar", "whiskers") == ["whiskers"]

                for column in ("sessions.updated_at", "inbox.done_at"):
                    table, _, name = column.partition(".")
                    bot.writes(f"UPDATE {table} SET {name} = '2020-01-01 00:00:00.000000'")
                await bot.ends(signal.SIGTERM)
                await bot.start()
                await eventually(lambda: not bot.reads("SELECT 1 FROM sessions"), "the sweep")
                number = await bob.says("/history")
                await bob.hears(number, "No finished caption yet")
                await eventually(
                    lambda: not in_files(bot.database.parent, "whiskers"), "the log's emptying"
                )
        finally:
            await bot.ends(signal.SIGKILL)
        assert "Traceback" not in bot.log


def test_an_export_that_is_too_large_for_one_file_comes_in_several() -> None:
    rows = [{"id": n, "text": "“海” \ud83d\ude00 \udc80" * 10} for n in range(40)]
    groups = {"database": {"picks": rows[:30], "sets": []}, "page": {"messages": rows[30:]}}
    files = parcels({"format": "tagalong-chat"}, groups, limit=2_000)
    assert len(files) > 5
    assert max(map(len, files)) < 2_400
    opened = [json.loads(file) for file in files]
    assert [one["part"] for one in opened] == list(range(1, len(files) + 1))
    assert {one["parts"] for one in opened} == {len(files)}
    together = [row for one in opened for row in one["database"]["picks"] + one["page"]["messages"]]
    assert together == json.loads(json.dumps(rows))
    (empty,) = parcels({}, {"database": {"picks": []}})
    assert json.loads(empty) == {"part": 1, "parts": 1, "database": {"picks": []}}
