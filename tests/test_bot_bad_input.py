"""What people send that is no plain photo, and taps that no button made: it works, or says why."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import httpx
import pytest
from bot_fixtures import Person, calls, drawn, fine, newcomer, photo
from PIL import ExifTags, Image

COFFEE = photo()
UNREADABLE = "I cannot open this picture"


def upside_down() -> bytes:
    """A picture that its EXIF data turns upright."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 3
    picture = Image.open(io.BytesIO(COFFEE[1])).transpose(Image.Transpose.ROTATE_180)
    out = io.BytesIO()
    picture.save(out, "PNG", exif=exif)
    return out.getvalue()


def moving(kind: str) -> bytes:
    """An animation that begins with the cup of coffee."""
    after = [Image.new("RGB", (600, 400), colour) for colour in ("red", "green")]
    return drawn(kind, save_all=True, append_images=after, duration=200, loop=0)


def deep() -> bytes:
    """16 bits of grey."""
    greys = Image.open(io.BytesIO(COFFEE[1])).convert("L").convert("I").point(lambda v: v * 257)
    out = io.BytesIO()
    greys.convert("I;16").save(out, "PNG")
    return out.getvalue()


def bomb() -> bytes:
    """121 million pixels in a few thousand bytes."""
    out = io.BytesIO()
    Image.new("1", (11_000, 11_000)).save(out, "PNG")
    return out.getvalue()


# --- pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("half.jpg", lambda: COFFEE[1][: len(COFFEE[1]) * 2 // 3]),
        ("huge.jpg", partial(drawn, "JPEG", size=(8_700, 5_800), quality=60)),
        ("moving.gif", partial(moving, "GIF")),
        ("moving.webp", partial(moving, "WEBP")),
        ("moving.png", partial(moving, "PNG")),
        ("print.jpg", partial(drawn, "JPEG", "CMYK")),
        ("deep.png", deep),
        ("palette.png", partial(drawn, "PNG", "P")),
        ("turned.png", upside_down),
        ("glass.png", partial(drawn, "PNG", "RGBA")),
        ("one.png", partial(drawn, "PNG", size=(1, 1))),
        ("tower.jpg", partial(drawn, "JPEG", size=(20, 5_000))),
        ("scan.tif", partial(drawn, "TIFF")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_unusual_picture_simply_works(
    ann: Person, name: str, make: Callable[[], bytes]
) -> None:
    panel = await ann.shows((name, make(), "application/octet-stream"), as_file=1)
    assert len(panel.offered) == 10
    await ann.chooses(panel, panel.offered[0])


async def test_a_picture_turned_by_its_camera_is_seen_upright(ann: Person) -> None:
    upright = await ann.shows(COFFEE, as_file=1)
    turned = await ann.shows(("turned.png", upside_down(), "image/png"), as_file=1)
    assert turned.offered == upright.offered


@pytest.mark.parametrize(
    ("name", "make", "answer"),
    [
        ("cut.jpg", lambda: COFFEE[1][:3_000], UNREADABLE),
        ("empty.jpg", bytes, UNREADABLE),
        ("notes.jpg", lambda: b"Dear diary, today I took no photo.", UNREADABLE),
        ("page.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", UNREADABLE),
        ("bomb.png", bomb, "too many pixels"),
        ("film.jpg", partial(bytes, 20_000_001), "up to 20 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
async def test_what_is_no_picture_gets_one_friendly_answer(
    ann: Person, name: str, make: Callable[[], bytes], answer: str
) -> None:
    sent = await ann.sends((name, make(), "image/jpeg"), as_file=1, caption="#lost")
    told = await ann.hears(sent)
    assert answer in told.text
    assert told.answers == sent
    assert not told.buttons
    assert [one.id for one in await ann.all_said()] == [told.id]
    said = await ann.says("#after")
    assert "Send me a photo" in (await ann.hears(said)).text
    assert (await ann.shows(COFFEE)).offered


async def test_a_broken_picture_among_others_is_left_out_with_a_word_about_it(ann: Person) -> None:
    broken = ("cut.jpg", COFFEE[1][:3_000], "image/jpeg")
    panel = await ann.shows(COFFEE, broken, broken, as_file=1)
    assert "2 of these photos are left out" in panel.text
    panel = await ann.shows(COFFEE, broken, as_file=1)
    assert "One of these photos is left out" in panel.text
    assert UNREADABLE in panel.text
    assert not any("again" in label for label in panel.labels)
    panel = await ann.chooses(panel, panel.offered[0])
    assert "left out" not in panel.text


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("video", "videos"),
        ("animation", "GIFs"),
        ("sticker", "sticker"),
        ("voice", "listen"),
        ("document", "this kind of file"),
    ],
)
async def test_what_is_no_photo_gets_a_friendly_answer(ann: Person, kind: str, answer: str) -> None:
    panel = await ann.shows(COFFEE)
    sent = await ann.sends(("thing.bin", b"something", "application/octet-stream"), kind=kind)
    told = await ann.hears(sent)
    assert answer in told.text
    assert "photo" in told.text
    await ann.chooses(panel, panel.offered[0])


async def test_several_videos_at_once_get_one_answer(ann: Person) -> None:
    clip = ("clip.mp4", b"moving", "video/mp4")
    sent = await ann.sends(clip, clip, clip, kind="video")
    await ann.hears(sent, "videos")
    assert len(await ann.all_said()) == 1


async def test_a_forwarded_photo_works_and_its_tags_start_the_prefix(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption="From the channel #latte", forwarded=1)
    assert panel.chosen == ["#latte"]
    assert "From the channel" in panel.text
    said = await ann.says("A quote", forwarded=True)
    await ann.sees_that(panel, lambda now: "A quote" in now.text)
    assert (await ann.all_said())[-1].id < said


# --- words ------------------------------------------------------------------------------------


async def test_signs_of_markup_stay_what_was_typed(ann: Person) -> None:
    words = 'Tom & Jerry said <b>"hi"</b> &amp; <script>*_`[x](y)'
    panel = await ann.shows(COFFEE, caption=f"{words} #tom")
    assert words in panel.text
    assert not [one for one in panel.body.get("entities", []) if one["type"] == "bold"]
    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    assert caption.block == caption.copied == f"{words}\n\n#tom"


async def test_a_caption_too_long_for_a_photo_is_given_with_a_word_about_it(ann: Person) -> None:
    words = "Long walks & talks. " * 75
    panel = await ann.shows(COFFEE, caption=f"{words}#tired")
    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    assert caption.block == f"{words.strip()}\n\n#tired"
    assert "longer than the 1,024 characters" in caption.text
    assert caption.copied is None


async def test_a_text_as_long_as_a_message_comes_back_whole_in_several(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption="#tired")
    words = " ".join(f"word{number}" for number in range(600))[:4096].strip()
    await ann.says(words)
    panel = await ann.sees_that(panel, lambda now: "word1 " in now.text)
    assert panel.text.endswith("…")
    await ann.taps(panel, "Done")
    last = await ann.hears(panel.id, "#tired")
    first = await ann.hears(panel.id)
    assert first.id < last.id
    assert not first.buttons
    assert f"{first.block} {last.block}" == f"{words}\n\n#tired"
    await ann.taps(last, "Edit")
    assert (await ann.hears(last.id)).chosen == ["#tired"]


async def test_tags_of_any_script_emoji_and_length(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    tags = ["#שבת_שלום", "#صباح", "#日本語", "#हिन्दी", "#☕", "#👨‍👩‍👧", "#" + "long" * 50]
    await ann.says(" ".join(tags))
    panel = await ann.sees_that(panel, lambda now: len(now.chosen) == len(tags))
    assert all(tag in panel.text for tag in tags)
    await ann.taps(panel, f"✓ {tags[1]}")
    panel = await ann.sees_that(panel, lambda now: len(now.chosen) == len(tags) - 1)
    await ann.taps(panel, "Done")
    caption = await ann.hears(panel.id)
    assert caption.block == " ".join([tags[0], *tags[2:]])


async def test_a_tag_too_long_to_be_one_stays_a_word(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    word = "#" + "x" * 300
    await ann.says(f"{word} #short")
    panel = await ann.sees_that(panel, lambda now: now.chosen)
    assert panel.chosen == ["#short"]
    assert word in panel.text


async def test_numbers_and_addresses_are_no_hashtags(ann: Person) -> None:
    panel = await ann.shows(COFFEE, caption="We are #1 in C# https://example.com/a#top #won")
    assert panel.chosen == ["#won"]
    assert "We are #1 in C# https://example.com/a#top" in panel.text


async def test_a_hundred_tags_fit_and_one_more_is_refused(ann: Person) -> None:
    panel = await ann.shows(COFFEE)
    await ann.says(" ".join(f"#t{number}" for number in range(60)))
    await ann.says(" ".join(f"#t{number}" for number in range(60, 100)))
    panel = await ann.sees_that(panel, lambda now: "#t99" in now.chosen)
    assert len(panel.buttons) <= 100
    said = await ann.says("#onemore")
    assert "takes only 100 hashtags" in (await ann.hears(said)).text
    tap = await ann.taps(panel, panel.offered[0])
    assert "More than 100 hashtags" in await ann.told(tap)
    await ann.taps(panel, "✓ #t99")
    await ann.sees_that(panel, lambda now: "#t98" in now.chosen and "#t99" not in now.chosen)
    await ann.taps(panel, "Done")
    assert (await ann.hears(said + 1, "#t98")).block.count("#") == 99


# --- taps -------------------------------------------------------------------------------------


async def test_forged_buttons_get_a_short_answer_and_do_nothing(
    ann: Person, http: httpx.AsyncClient
) -> None:
    panel = await ann.chooses(await ann.shows(COFFEE), (await ann.sees())[-1].offered[0])
    ben = await newcomer(http)
    bens = await ben.shows(COFFEE)
    action, session, tag = panel.data(panel.offered[0]).split(":")
    for data in (
        "?",
        "🎉",
        "a",
        "a:",
        f"{action}:{session}",
        f"{action}:{session}:",
        f"{action}:{session}:two words",
        f"{action}:{session}:#sign",
        f"{action}:-1:{tag}",
        f"{action}:0:{tag}",
        f"{action}:{'9' * 50}:{tag}",
        f"{action}:{session}' OR 1:{tag}",
        f"r:{session}:999999",
        f"r:{session}:sea",
        f"z:{session}:{tag}",
        f"u:{session}:{tag}",
        bens.data(bens.offered[0]),
        bens.data("More"),
        bens.data("Done"),
    ):
        tap = await ann.forges(panel, data)
        assert "no longer works" in await ann.told(tap), data
    assert [one.body for one in await ann.all_said()] == [panel.body]
    assert [one.body for one in await ben.all_said()] == [bens.body]


async def test_buttons_of_a_finished_or_older_panel_get_a_short_answer_or_still_work(
    ann: Person,
) -> None:
    first = await ann.shows(COFFEE)
    tag = first.offered[0]
    panel = await ann.chooses(first, tag)
    older, chosen = panel, panel.data(f"✓ {tag}")
    panel = await ann.chooses(panel, panel.offered[0])

    # A button that has gone from the keyboard since still means what the person saw.
    await ann.forges(panel, first.data(first.offered[9]))
    panel = await ann.sees_that(panel, lambda now: first.offered[9] in now.chosen)
    await ann.taps(panel, f"✓ {tag}")
    panel = await ann.sees_that(panel, lambda now: tag not in now.chosen)
    again = await ann.forges(panel, chosen)
    assert await ann.told(again) == ""

    await ann.taps(panel, "Done")
    await ann.hears(panel.id)
    for label in (older.offered[3], "More", "Undo", "Done"):
        tap = await ann.taps(older, label)
        assert "finished" in await ann.told(tap)


async def test_the_answer_to_a_tap_that_came_too_late_is_not_missed(
    ann: Person, http: httpx.AsyncClient
) -> None:
    panel = await ann.shows(COFFEE)
    too_old = "query is too old and response timeout expired or query ID is invalid"
    refusal = {"method": "answerCallbackQuery", "error_code": 400, "description": too_old}
    await fine(http.post("/playground/faults", json=refusal))
    await ann.chooses(panel, panel.offered[0])


async def test_an_edit_that_changes_nothing_is_not_sent(
    ann: Person, http: httpx.AsyncClient
) -> None:
    panel = await ann.shows(COFFEE)
    tag = panel.offered[0]
    first = await ann.chooses(panel, tag)
    for _ in range(3):
        tap = await ann.forges(panel, panel.data(tag))
        assert await ann.told(tap) == ""
    await ann.chooses(first, first.offered[0])
    assert len(await calls(http, "editMessageText", ann.chat)) == 2
