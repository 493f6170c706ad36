"""The protocol of the figures: numbers that a hand can check, and a whole run on a tiny pack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.cli import main
from engine.decoder import Query, TagDecoder
from engine.evaluate.calibration import bands, calibration_error
from engine.evaluate.field import label_figures, tag_figures
from engine.evaluate.figures import Figure, differences, mean
from engine.evaluate.fitting import next_ten
from engine.evaluate.matched import matched_pairs
from engine.evaluate.pairs import Pair, above, best_of, recalls
from engine.evaluate.papers import popular_tags
from engine.evaluate.person import outcome, simulate
from engine.evaluate.protocol import PARTS
from engine.evaluate.quality import Shown, page_figures
from engine.evaluate.rankers import (
    Ranker,
    closed_forms,
    model_scorer,
    page_ranker,
    score_ranker,
    unread,
)
from engine.evaluate.real import learned_tags
from engine.evaluate.report import Line, Section, as_json, as_markdown, published
from engine.evaluate.words import order_likeness
from engine.evaluate.world import World, read_world
from engine.head import save_head
from engine.lists import NO_LISTS, read_lists
from engine.train.bridge import read_tables, words_of
from engine.train.corpus import build_corpus
from engine.train.data import Posts, read_harrison, read_photo_set
from engine.train.loop import Schedule
from engine.train.recipe import Recipe, train_head
from engine.vocabulary import Vocabulary

THEMES = (
    ("beach", "sea", "sand", "sun", "summer", "waves", "travel"),
    ("dog", "pet", "puppy", "cute", "animal", "friends", "happy"),
)
TAGS = tuple(tag for theme in THEMES for tag in theme)
CAPTIONS = ("The sea and the sand of a beach in the sun.", "A cute puppy: a pet dog at home.")
FEATURES = 8
SMALL = Recipe(
    joint=16,
    reading=8,
    recurrent=8,
    dropout=0.1,
    schedule=Schedule(steps=40, batch=64, rate=0.02),
)
NO_PHOTO = Pair(None, ("a", "b", "c", "d"))


def showing(page: Callable[[Query], Sequence[str]]) -> Ranker:
    """A ranker that answers every query like this."""
    return lambda queries: [tuple(page(query)) for query in queries]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """The models are tiny: more threads would only wait for each other."""
    usual = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(usual)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Owners' tags, captions and posts of two themes."""
    folder = tmp_path_factory.mktemp("pack")
    random = np.random.default_rng(3)
    owned, captioned = [], []
    for number in range(240):
        theme = number // 2 % 2  # so that photos of both are held back
        few = number % 20 == 13  # too few tags to be measured on
        tags = random.permutation(THEMES[theme])[: 3 if few else 6].tolist()
        owned.append({"id": number, "tags": tags, "labels": [("sea", "dog")[theme]]})
        captioned.append({"captions": [CAPTIONS[theme]], "labels": [("boat", "dog")[theme]]})
    _photos(folder / "mirflickr", owned)
    _photos(folder / "coco-captions", captioned)
    (folder / "mirflickr" / "content_tags.txt").write_text("\n".join(TAGS))
    (folder / "mirflickr" / "variants.tsv").write_text("ocean\tsea\n")
    (folder / "harrison").mkdir()
    posts = [
        " ".join(random.permutation(THEMES[number % 2])[: 6 + number % 3 // 2])
        for number in range(300)
    ]
    (folder / "harrison" / "tag_list.txt").write_text("\n".join(posts) + "\n")
    crawled = [f"instagram_dataset/{post.split()[0]}/image.jpg" for post in posts]
    (folder / "harrison" / "data_list.txt").write_text("\n".join(crawled) + "\n")
    return folder


def _photos(folder: Path, lines: Sequence[dict[str, object]]) -> None:
    folder.mkdir()
    text = "\n".join(json.dumps(line) for line in lines)
    (folder / "manifest.jsonl").write_text(text + "\n")
    random = np.random.default_rng(4)
    centres = np.repeat(np.eye(2), FEATURES // 2, axis=1)
    themes = np.arange(len(lines)) // 2 % 2
    features = centres[themes] * 3 + random.normal(0, 0.4, (len(lines), FEATURES))
    np.savez(
        folder / "features.npz",
        codes=np.clip((features + 2) * 40, 0, 255).astype(np.uint8),
        low=np.full(FEATURES, -2, dtype=np.float32),
        scale=np.full(FEATURES, 1 / 40, dtype=np.float32),
    )


@pytest.fixture(scope="module")
def head(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head trained on the pack."""
    sets = [read_photo_set(pack / name) for name in ("coco-captions", "mirflickr")]
    posts = [read_harrison(pack / "harrison")]
    lists = replace(read_lists(), forms={})
    corpus = build_corpus(sets, posts, Vocabulary(TAGS), read_tables(), lists, {})
    trained = train_head(corpus, SMALL, "tf_efficientnet_lite2", lambda step, loss: None)
    folder = tmp_path_factory.mktemp("head")
    save_head(trained, folder)
    return folder


@pytest.fixture(scope="module")
def world(head: Path, pack: Path) -> World:
    return read_world(head, pack)


# Counting


def test_a_figure_is_a_mean_with_its_error_and_number() -> None:
    assert mean([1, 2, 3, 6]) == Figure(3.0, pytest.approx(2.160247 / 2), 4)
    assert differences([1, 2, 3], [0, 1, 5]) == Figure(0.0, pytest.approx(1.0), 3)
    assert mean([]).number == 0


def test_recall_counts_what_is_left_after_the_taps() -> None:
    found = recalls(showing(lambda query: ("a", "b", "x")), [NO_PHOTO] * 40, str, (0, 1, 4))
    assert found[0] == [0.5] * 40
    # After a tap on a or b one of three is shown, after a tap on c or d two of three.
    assert set(found[1]) == {1 / 3, 2 / 3}
    assert found[4] == []


def test_wrong_taps_are_another_photos_and_the_right_ones_are_left_out() -> None:
    asked: list[Query] = []
    look = showing(lambda query: asked.append(query) or ())
    pairs = [NO_PHOTO, Pair(None, ("a", "x", "y", "z")), Pair(None, ("p", "q"))]
    recalls(look, pairs, str, (1,), seed=1)
    recalls(look, pairs, str, (1,), seed=1, wrong=True)
    for pair, right, wrong in zip(pairs, asked[:3], asked[3:], strict=True):
        assert right.exclude == wrong.exclude == frozenset(right.prefix)
        assert right.exclude <= set(pair.tags)
        assert len(wrong.prefix) == 1
        assert not set(wrong.prefix) & set(pair.tags)


def test_what_is_not_read_is_left_out_all_the_same() -> None:
    asked: list[Query] = []
    look = showing(lambda query: asked.append(query) or ())
    unread(look)([Query(None, ("a",), exclude=frozenset({"b"}))])
    assert asked[0].prefix == ()
    assert asked[0].exclude == {"a", "b"}


def test_the_best_baseline_is_chosen_anew_for_every_number_of_taps() -> None:
    one, other = {0: [0.1, 0.3], 1: [0.5, 0.7]}, {0: [0.4, 0.4], 1: [0.1, 0.1]}
    best = best_of([one, other])
    assert best == {0: [0.4, 0.4], 1: [0.5, 0.7]}
    gain = above({0: [0.5, 0.7], 1: [0.6, 0.6]}, best, 0)
    assert gain["rr@10(0)"].value == pytest.approx(0.2)
    assert gain["rr@10(1)"].value == pytest.approx(0.0)


def test_likeness_over_orders_is_whole_only_where_the_order_does_not_matter() -> None:
    sorted_page = showing(lambda query: sorted(query.prefix))
    first_tap = showing(lambda query: query.prefix[:1])
    pairs = [NO_PHOTO] * 30
    assert order_likeness(sorted_page, pairs, (2, 3))[3] == Figure(1.0, 0.0, 30)
    # Of five orders of two tags, two start alike with a chance of one half.
    assert order_likeness(first_tap, pairs, (2,))[2].value == pytest.approx(0.5, abs=0.2)


# Baselines


def test_closed_forms_are_what_their_names_say() -> None:
    posts = [[0, 1], [0, 1], [0, 2], [3, 2]]
    forms = closed_forms(posts, 4)
    one, none = [Query(None)], [[0]]
    assert forms["popularity"](one, none)[0].argmax() == 0
    given = forms["ΣP(j|i)"](one, none)[0]
    assert given.tolist() == pytest.approx([0, 2 / 3, 1 / 3, 0])
    both = forms["ΣP(j|i)"](one, [[0, 3]])[0]
    assert both.tolist() == pytest.approx([0, 2 / 3, 4 / 3, 0])
    # 8 tags in all: share of tag 1 is (2 + 1) / (8 + 4), ten posts of it are added to three of 0.
    mean_log = forms["mean log co-occurrence"](one, none)[0]
    assert mean_log[1] == pytest.approx(np.log((2 + 10 / 4) / (3 + 10)))
    # log of tag 2's share, and of how often a post with it has tag 0: one of two, a hundred added.
    bayes = forms["naive Bayes"](one, none)[0]
    assert bayes[2] == pytest.approx(np.log(3 / 12) + np.log((1 + 100 * 4 / 12) / (2 + 100)))
    for name, form in forms.items():
        start = form(one, [[]])[0]
        assert start.tolist() == pytest.approx(np.log([4 / 12, 3 / 12, 3 / 12, 2 / 12])), name


def test_scores_alone_show_the_best_and_nothing_that_was_chosen_or_passed(world: World) -> None:
    decoder = world.decoder
    scorer = model_scorer(decoder)
    query = Query(None, ("sea",), 5, frozenset({"sand"}))
    page = score_ranker(decoder, scorer)([query])[0]
    scores = scorer([query], [[]])[0]
    rank = [decoder.vocabulary.tags[row] for row in np.argsort(-scores)]
    assert page == tuple([tag for tag in rank if tag not in ("sea", "sand")][:5])


# The simulated person


def test_a_person_taps_turns_and_gives_up() -> None:
    universe = [f"x{i}" for i in range(20)] + ["sea", "sand"] + [f"x{i}" for i in range(20, 80)]

    def page(query: Query) -> list[str]:
        return [tag for tag in universe if tag not in {*query.prefix, *query.exclude}][:10]

    photo = Pair(None, ("dog", "sand", "sea"))
    person = simulate(showing(page), [photo], str)[0]
    # Two pages turned, #sea, #sand, two more turned, and the third without a #dog is the last.
    assert (person.prefix, person.wanted) == (["sea", "sand"], ["dog"])
    assert (person.pages, person.taps, person.turns) == (7, 2, 4)
    figures = outcome([person])
    assert figures["completion"].value == pytest.approx(2 / 3)
    # 13 keystrokes to type all, # included: 2 taps, 4 turns and the 4 of #dog take 10.
    assert figures["keystrokes_saved"].value == pytest.approx(3 / 13)
    assert figures["pages"].value == 7


def test_tags_typed_at_the_start_count_for_nothing() -> None:
    page = showing(lambda query: [tag for tag in NO_PHOTO.tags if tag not in query.prefix])
    people = simulate(page, [NO_PHOTO], str, typed=1)
    figures = outcome(people, typed=1)
    assert figures["completion"].value == 1
    assert figures["pages"].value == 3
    assert figures["keystrokes_saved"].value == pytest.approx(0.5)  # a tap for # and a letter


# The page


def test_faults_of_a_page_are_found_by_the_lists() -> None:
    lists = replace(
        NO_LISTS,
        clusters=(("yummy", "tasty"),),
        promotional=frozenset({"followme"}),
        sensitive=frozenset({"sexy"}),
        never_from_pixels=(frozenset({"girl", "boy"}), frozenset({"paris", "rome"})),
        entities=frozenset({"nike", "puma"}),
        exclusive={"dish": ("pizza", "sushi")},
    )
    shown = [
        Shown(("pizza", "sea", "sun", "sushi")),
        Shown(("sushi", "a", "pizza", "followme")),
        Shown(("nike", "girl"), known=frozenset({"nike"})),
        Shown(("nike", "girl"), prefix=("boy",)),
        Shown(("nike", "paris"), prefix=("puma", "boy")),
        Shown(("yummy", "tasty", "sexy", "dogs", "dog")),
    ]
    tags = sorted({tag for one in shown for tag in one.page})
    bits = dict.fromkeys(tags, 3.0) | {"a": 7.0}
    found = page_figures(shown, lists, Vocabulary((*tags, "unseen")), bits)
    sixths = {name: round(figure.value * 6) for name, figure in found.items()}
    assert sixths["duplicates"] == sixths["plurals"] == 1
    assert sixths["promotional"] == sixths["sensitive"] == 1
    assert sixths["unsupported_names"] == 1
    assert sixths["guarded"] == 2
    assert (sixths["exclusive3"], sixths["exclusive5"]) == (1, 2)
    assert found["coverage@10"].value == pytest.approx(len(tags) / (len(tags) + 1))
    assert found["information"].value == pytest.approx((5 * 3 + 4) / 6)


def test_fitting_tags_are_counted_after_a_tap_on_one_of_them() -> None:
    page = showing(lambda query: ("sand", "sun") if query.prefix else ("x", "sea"))
    fits = frozenset({"sea", "sand", "sun"})
    before, after = next_ten(page, [(Query(None), fits), (Query(None), frozenset({"dog"}))])
    assert before == mean([1, 0])
    assert after == mean([2])


def test_calibration_compares_bands_of_chance() -> None:
    chances = np.array([[0.0001, 0.2, 0.7999], [0.02, 0.18, 0.8]])
    true = np.array([[0, 0.5, 0.5], [0, 0, 1.0]])
    said, found = bands(chances, true)
    assert said[0].tolist() == pytest.approx([0.0001, 0, 0, 0, 0, 0, 0.2, 0.7999])
    assert found[0].tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 0.5, 0.5])
    # .00005 and .01 where nothing is, .19 for a true .25, .79995 for .75.
    error = calibration_error(said, found)
    assert error.value == pytest.approx(0.00005 + 0.01 + 0.06 + 0.04995)
    assert calibration_error(found, found).value == 0


# The papers


def test_the_fields_figures_of_two_photos() -> None:
    true = np.array([[1, 1, 0], [0, 1, 0]], dtype=np.float64)
    scores = np.array([[3, 1, 2], [1, 2, 3]], dtype=np.float64)
    found = label_figures(true, scores, 1)
    # The first photo says class 0 (right), the second class 2 (wrong, and it does not occur).
    assert found["c_p"].value == pytest.approx(1 / 2)
    assert found["c_r"].value == pytest.approx((1 + 0) / 2)
    assert found["o_p"].value == pytest.approx(1 / 2)
    assert found["o_r"].value == pytest.approx(1 / 3)
    assert found["o_f1"].value == pytest.approx(2 / 5)
    # Class 0: the one true photo is first. Class 1: both are true.
    assert found["map"].value == pytest.approx(1)
    # Photo one: hits at 1 and 3; photo two: at 2.
    assert found["map@10"].value == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2) / 2)
    whole = label_figures(true, true + 1, 3)
    assert whole["o_r"].value == whole["c_r"].value == whole["map@10"].value == 1


def test_harrisons_figures() -> None:
    found = tag_figures([{"a", "b"}, {"c"}, set()], [["a", "x", "b"], ["x", "c"], ["a"]])
    assert found["p@1"] == mean([1, 0])
    assert found["r@5"] == mean([1, 1])
    assert found["a@5"] == mean([1, 1])


def test_popularity_is_counted_on_what_training_sees_and_can_lose_the_folders_tag() -> None:
    tags = (("love", "sea"), ("love",), ("love", "dog"), ("cat", "love"))
    posts = Posts("harrison", tags, np.array([False, False, False, True]))
    assert popular_tags(posts)["p@1"].value == 1
    assert popular_tags(posts)["r@5"].value == 0.5
    assert popular_tags(posts, ["love"] * 4)["r@5"].value == 0


# The data


def test_a_matched_photo_has_a_post_that_shares_two_of_its_captions_tags(world: World) -> None:
    unseen = {frozenset(post) for post in world.unseen("harrison")}
    pairs = matched_pairs(world, world.unseen("harrison"))
    assert len(pairs) == int(world.whole["coco-captions"].held_back.sum()) > 5
    said = [{tag for word in words_of([one])[0] for tag in world.tables.words.get(word, ())}
            for one in CAPTIONS]  # fmt: skip
    for pair in pairs:
        assert frozenset(world.decoder.vocabulary.rows(pair.tags)) in unseen
        theme = int(pair.features[-1] > pair.features[0])
        assert len(said[theme] & set(pair.tags)) >= 2


def test_a_quick_run_shows_no_baseline_what_training_never_saw(head: Path, pack: Path) -> None:
    world = read_world(head, pack, limit=5)
    assert int(world.sets["mirflickr"].held_back.sum()) == 5
    assert int(world.whole["mirflickr"].held_back.sum()) == 24
    assert len(learned_tags(world)) == 240 - 24


def test_a_theme_is_learned_so_a_tap_helps_where_no_photo_does(world: World) -> None:
    page = page_ranker(world.decoder)
    pairs = [Pair(None, THEMES[number % 2]) for number in range(20)]
    read, masked = recalls(page, pairs, str, (1,)), recalls(unread(page), pairs, str, (1,))
    assert mean(read[1]).value > mean(masked[1]).value


# The report


def test_a_published_row_has_a_value_and_no_error() -> None:
    row = published("theirs", **{"p@1": 0.3016})
    section = Section("key", "Title", [Line("ours", {"p@1": Figure(0.4, 0.01, 9)}), row])
    assert as_json([section]) == {
        "key/ours/p@1": {"value": 0.4, "error": 0.01, "number": 9},
        "key/theirs/p@1": {"value": 0.3016, "published": True},
    }
    assert ".302 " in as_markdown([section]).splitlines()[-1]


def test_the_command_measures_every_part_and_writes_it_down(
    head: Path, pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, table = tmp_path / "report.json", tmp_path / "report.md"
    arguments = ["evaluate", "--checkpoint", str(head), "--data", str(pack), "--quick"]
    status = main([*arguments, "--threads", "1", "--out", str(out), "--table", str(table)])
    printed = capsys.readouterr()
    assert status == 0, printed.err
    assert printed.out == table.read_text()
    report = json.loads(out.read_text())
    assert report["checkpoint"] == TagDecoder.load(head).version
    assert report["parts"] == list(PARTS)
    figures = report["figures"]
    for key in (
        "acceptable/coco-captions/in5",
        "fitting/mirflickr/fitting10",
        "real/photo and taps/rr@10(1)",
        "real/plain sum of photo and co-occurrence/rr@10(3)",
        "matched/right above wrong taps/rr@10(1)",
        "words/EASE/rr@10(5)",
        "order/page/jaccard@10(2)",
        "person-real/photo alone/keystrokes_saved",
        "person-words/naive Bayes/completion",
        "quality/page/coverage@10",
        "calibration/HARRISON, 5 taps/error",
        "labels/coco-captions, k = 3/c_f1",
        "harrison/popularity, the folder's own tag removed/a@5",
    ):
        assert figures[key]["number"] > 0, key
    assert all("published" in one or {"error", "number"} <= one.keys() for one in figures.values())
    assert figures["quality/page/sensitive"]["value"] == 0
    # What a tap tells in this world: which theme it is. No photo is needed for that.
    assert figures["words/gain of reading the taps/rr@10(1)"]["value"] > 0


def test_one_part_is_measured_alone(
    head: Path, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--checkpoint", str(head), "--data", str(pack), "--threads", "1"]
    assert main([*arguments, "--part", "papers"]) == 0
    shown = capsys.readouterr().out
    assert "HARRISON's table" in shown
    assert "could not be run here" in shown
    assert "Real pairs" not in shown
