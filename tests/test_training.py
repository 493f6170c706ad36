"""Training on a tiny world: what each option changes, and that a stopped run loses nothing."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.cli import main
from engine.decoder import Query, TagDecoder
from engine.head import Head, load_head, save_head
from engine.lists import read_lists
from engine.model.beam import beam_search, predict
from engine.train import add_parser
from engine.train.balance import rarity
from engine.train.clusters import find_clusters
from engine.train.corpus import Corpus
from engine.train.exam import Exam, split_corpus
from engine.train.items import incidence, lift, log_popularity
from engine.train.loop import Run, Schedule
from engine.train.losses import LOSSES, MASKED, Objective, inject, simulate
from engine.train.options import KNOBS, shaped
from engine.train.recipe import Recipe, train_head
from engine.train.report import draw_samples
from engine.train.resume import HISTORY, STATE
from engine.train.sampler import Batch, Draw, Sampler
from engine.train.steps import forward
from tests.training_fixtures import PHOTOS, THEMES, centre, make_pack, tiny_corpus

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
ROOT = Path(__file__).parent.parent
SMALL = Recipe(
    joint=24,
    reading=8,
    recurrent=12,
    dropout=0.1,
    schedule=Schedule(steps=60, batch=64, rate=0.02),
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """The models are tiny: more threads would only wait for each other."""
    usual = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(usual)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return tiny_corpus(make_pack(tmp_path_factory.mktemp("pack")))


def trained(corpus: Corpus, recipe: Recipe = SMALL, run: Run | None = None) -> Head:
    return train_head(corpus, recipe, "tiny", lambda step, loss: None, run=run)


def steps_of(recipe: Recipe, steps: int) -> Recipe:
    return replace(recipe, schedule=replace(recipe.schedule, steps=steps))


def history(folder: Path, kind: str) -> list[float]:
    lines = (folder / HISTORY).read_text().splitlines()
    return [entry[kind] for entry in map(json.loads, lines) if kind in entry]


def first_tags(head: Head, theme: int, number: int = 3) -> set[str]:
    """The model's first tags for a typical photo, without any policy."""
    decoder = TagDecoder(head, read_lists())
    scores = decoder.scorer.logits([centre(theme)], [decoder.prefixes.read([])])[0, :-1]
    return {head.vocabulary.tags[row] for row in scores.topk(number).indices.tolist()}


def drawn(corpus: Corpus, draw: Draw, number: int = 4) -> list[Batch]:
    weights = np.ones(len(corpus.examples))
    sampler = Sampler(corpus.examples, weights, corpus.posts, len(corpus.vocabulary), draw, 3)
    return list(sampler.batches(number, 64))


def arguments(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return parser.parse_args(["train", "--data", "pack", "--out", "out", *options])


# What the model is asked


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_falls_and_finds_the_tags_of_a_photo(
    corpus: Corpus, tmp_path: Path, loss: str
) -> None:
    recipe = replace(SMALL, objective=Objective(loss=loss))
    head = trained(corpus, recipe, Run(folder=tmp_path))
    losses = history(tmp_path, "loss")
    assert losses[-1] < 0.8 * losses[0]
    for theme, tags in enumerate(THEMES):
        assert first_tags(head, theme) == set(tags)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_silence_costs_less_than_an_absence_and_a_masked_tag_nothing(loss: str) -> None:
    targets = torch.tensor([[1.0, 0.0, 0.0]])

    def rise(weight: float) -> float:
        """What a high score of the second tag adds to the loss."""
        quiet = torch.tensor([[0.0, weight, MASKED]])
        low = LOSSES[loss](torch.tensor([[1.0, -2.0, 0.0]]), targets, quiet)
        high = LOSSES[loss](torch.tensor([[1.0, 3.0, 0.0]]), targets, quiet)
        return float(high - low)

    assert rise(0.0) > 1.5 * rise(float(np.log(0.3))) > 0
    assert rise(MASKED) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_photo_that_asks_for_nothing_costs_nothing(loss: str) -> None:
    logits = torch.randn(2, 4, requires_grad=True)
    targets = torch.tensor([[0.0, 0, 0, 0], [0, 1.0, 0, 0]])
    LOSSES[loss](logits, targets, torch.zeros(2, 4)).backward()
    assert logits.grad is not None
    assert not logits.grad[0].any()
    assert logits.grad[1].all()


def test_losses_are_the_published_ones() -> None:
    logits, yes = torch.tensor([[0.7, -0.4, 2.0]]), torch.tensor([[1.0, 0.0, 0.0]])
    p = logits.sigmoid()[0].double()
    quiet = torch.zeros(1, 3)
    wrong = p[1:]
    expected = {
        "bce": -torch.log(p[0]) - torch.log(1 - wrong).sum(),
        "focal": -((1 - p[0]) ** 2) * torch.log(p[0]) - (wrong**2 * torch.log(1 - wrong)).sum(),
        "asymmetric": -(1 - p[0]) * torch.log(p[0])
        - ((wrong - 0.05) ** 4 * torch.log(1.05 - wrong)).sum(),
        "softmax": -torch.log_softmax(logits, dim=1)[0, 0],
    }
    for loss, value in expected.items():
        assert float(LOSSES[loss](logits, yes, quiet)) == pytest.approx(float(value), rel=1e-5)


def test_the_set_order_asks_for_all_that_is_left(corpus: Corpus) -> None:
    draw = Draw(noise=0, blind=0, post=0)
    asked = torch.cat([batch.targets for batch in drawn(corpus, draw)])
    assert int((asked > 0).sum(1).max()) == 3


def test_the_permutation_asks_for_one_tag_after_any_order(corpus: Corpus) -> None:
    batches = drawn(corpus, Draw(noise=0, blind=0, post=0, order="permutation"), 10)
    assert all(set(batch.targets.sum(1).tolist()) <= {0.0, 1.0} for batch in batches)
    assert all(int((batch.targets > 0).sum(1).max()) == 1 for batch in batches)
    pairs = {
        tuple(prefix[:2].tolist()) for batch in batches for prefix in batch.prefix if prefix[1] >= 0
    }
    assert any((right, left) in pairs for left, right in pairs)


def test_the_frequency_order_never_asks_for_a_more_frequent_tag_than_those_before(
    corpus: Corpus,
) -> None:
    counts = np.diag(incidence(corpus.posts, len(corpus.vocabulary)))
    ends = seen = 0
    for batch in drawn(corpus, Draw(noise=0, empty=0, post=0, order="frequency", closed=True), 8):
        for prefix, length, target in zip(batch.prefix, batch.lengths, batch.targets, strict=True):
            rows = prefix[:length].tolist()
            assert all(left < right for left, right in pairwise(rows))
            assert int((target > 0).sum()) == 1
            (asked,) = target.nonzero().flatten().tolist()
            if asked == len(counts):
                ends += 1
            elif rows:
                seen += 1
                assert asked > max(rows)
    assert ends > 50
    assert seen > 50


def test_similar_tags_are_soft_targets_of_at_most_a_fifth(corpus: Corpus) -> None:
    size = len(corpus.vocabulary)
    counts = incidence(corpus.posts, size)
    clusters = find_clusters(counts, corpus.vocabulary, 0.6)
    index = corpus.vocabulary.index
    for theme in THEMES:
        assert len({int(clusters.number[index[tag]]) for tag in theme}) == 1
    assert len(set(clusters.number.tolist())) == len(THEMES)

    targets = torch.zeros(1, size + 1)
    targets[0, index["beach"]] = 1.0
    quiet = torch.zeros(1, size + 1)
    quiet[0, index["sand"]] = MASKED  # chosen already
    mixed = inject(targets, quiet, clusters.soft_targets(0.2))[0]
    assert 0 < mixed[index["sea"]] <= 0.2 * mixed[index["beach"]]
    assert mixed[index["sand"]] == mixed[index["dog"]] == 0
    assert float(mixed.sum()) == pytest.approx(1.0)
    with pytest.raises(ValueError, match=r"0\.2 at most"):
        clusters.soft_targets(0.3)


def test_lift_says_how_much_likelier_a_tag_makes_another() -> None:
    posts = [[0, 1]] * 30 + [[0, 2]] * 10 + [[3]] * 60
    counts = incidence(posts, 4)
    table = lift(counts, prior=0.001, common=0.0)
    usual = log_popularity(counts)
    assert table[0, 1] == pytest.approx(-usual[0], abs=0.01)  # all posts with 1 have 0 as well
    assert table[1, 0] == pytest.approx(np.log(30 / 40) - usual[1], abs=0.01)
    assert table[3, 0] < -5 and not table.diagonal().any()
    common = lift(counts, prior=0.001, common=1.0)
    assert common[3, 0] - table[3, 0] == pytest.approx(usual[0] - usual.mean(), abs=1e-5)


def test_injection_raises_what_is_alike_and_writes_its_clusters(
    corpus: Corpus, tmp_path: Path
) -> None:
    index = corpus.vocabulary.index
    only = tuple(  # photos of beaches, on which nobody wrote #sand
        replace(one, written=one.written[one.written != index["sand"]])
        for one in corpus.examples
        if one.feature >= 0
    )
    corpus = replace(corpus, examples=only)
    chances = []
    for similar in (0.0, 0.2):
        objective = Objective(similar=similar, alike=0.8)
        run = Run(folder=tmp_path)
        head = trained(corpus, replace(SMALL, gate=0.0, objective=objective), run)
        decoder = TagDecoder(head, read_lists())
        scores = decoder.scorer.logits([centre(0)], [decoder.prefixes.read([])])
        chances.append(float(torch.softmax(scores, dim=1)[0, index["sand"]]))
    assert chances[1] > 2 * chances[0]
    lines = [line.split("\t") for line in (tmp_path / "clusters.tsv").read_text().splitlines()[1:]]
    assert {line[1] for line in lines} == set(corpus.vocabulary.tags)
    assert {line[3] for line in lines if line[1] == "sea"} <= {"beach", "sand"}


def test_tags_that_were_passed_over_sink(tmp_path: Path) -> None:
    corpus = tiny_corpus(make_pack(tmp_path, rejected=True))
    row = corpus.vocabulary.index["sand"]
    assert sum(row in one.rejected for one in corpus.examples) > 30
    chances = []
    for weight in (0.0, 4.0):
        # What is not written is unknown here, so that only the rejection tells.
        silent = replace(corpus, known=np.zeros_like(corpus.known))
        recipe = replace(SMALL, silence=0.001, objective=Objective(rejected=weight))
        head = trained(silent, recipe)
        decoder = TagDecoder(head, read_lists())
        scores = decoder.scorer.logits([centre(0)], [decoder.prefixes.read([])])
        chances.append(float(torch.softmax(scores, dim=1)[0, row]))
    assert chances[1] < 0.5 * chances[0]


def test_simulated_rejections_come_from_the_first_page_and_leave_the_unknown_alone() -> None:
    torch.manual_seed(0)
    logits = torch.arange(40.0).repeat(200, 1)  # the page: rows 38 to 29, END is row 39
    targets = torch.zeros(200, 40)
    targets[:150, 38] = 1.0  # a right tag; the last 50 photos ask for nothing
    quiet = torch.zeros(200, 40)
    quiet[:, 37], quiet[:, 36] = MASKED, -1.2  # chosen already; a silence
    picked = simulate(logits, targets, quiet, 0.5)
    assert set(picked.any(0).nonzero().flatten().tolist()) == {35, 34, 33, 32, 31, 30, 29, 28}
    assert 0.4 < float(picked[:150, 28:36].float().mean()) < 0.6
    assert not picked[150:].any()


# What is drawn


def test_prefixes_are_dropped_corrupted_and_photos_hidden_as_often_as_asked(
    corpus: Corpus,
) -> None:
    photos = replace(corpus, examples=tuple(one for one in corpus.examples if one.feature >= 0))

    def batch(*options: str) -> Batch:
        draw = shaped(arguments("--posts", "0", *options)).draw
        return drawn(photos, draw, 1)[0]

    assert int(batch("--prefix-dropout", "1").lengths.sum()) == 0
    usual = batch("--prefix-dropout", "0", "--blind", "0", "--corruption", "0")
    assert int(usual.lengths.min()) == 1
    assert int(usual.features.min()) >= 0
    assert int(batch("--prefix-dropout", "0", "--blind", "1").features.max()) == -1
    theirs = [set(one.written.tolist()) for one in photos.examples]
    by_feature = {one.feature: rows for one, rows in zip(photos.examples, theirs, strict=True)}
    spoilt = batch("--prefix-dropout", "0", "--blind", "0", "--corruption", "1")
    foreign = [
        bool(set(prefix[:length].tolist()) - by_feature[int(feature)])
        for prefix, length, feature in zip(
            spoilt.prefix, spoilt.lengths, spoilt.features, strict=True
        )
    ]
    assert sum(foreign) > len(foreign) / 2


def test_balance_draws_rare_tags_more_often(corpus: Corpus) -> None:
    size = len(corpus.vocabulary)
    beach = corpus.vocabulary.index["beach"]
    beaches = [one for one in corpus.examples if beach in one.written]
    rest = [one for one in corpus.examples if beach not in one.written]
    examples = [*beaches[:4], *rest]
    factors = rarity(examples, size, 1.0)
    assert factors[:4].min() > 3 * np.median(factors[4:])
    assert rarity(examples, size, 0.0).tolist() == [1.0] * len(examples)


def test_the_exam_holds_photos_and_posts_out_with_their_copies(corpus: Corpus) -> None:
    twin = replace(corpus.examples[0], feature=len(corpus.features))  # the same photo once more
    features = np.concatenate([corpus.features, corpus.features[[corpus.examples[0].feature]]])
    corpus = replace(corpus, features=features, examples=(*corpus.examples, twin))
    for seed in range(4):
        left, exam = split_corpus(corpus, 0.3, seed)
        photos = {one.feature for one in exam if one.feature >= 0}
        assert photos
        unit = features.astype(np.float32)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        ours = [one.feature for one in left.examples if one.feature >= 0]
        assert float((unit[ours] @ unit[sorted(photos)].T).max()) <= 0.998
        posts = {tuple(one.written.tolist()) for one in exam if one.feature < 0}
        assert not posts & set(left.posts)
        assert not posts & {tuple(e.written.tolist()) for e in left.examples if e.feature < 0}
        assert all(number < len(left.posts) for one in left.examples for number in one.posts)


# Stopping and going on


def same_weights(left: Head, right: Head) -> bool:
    one, other = left.model.state_dict(), right.model.state_dict()
    return all(torch.equal(one[name], other[name]) for name in one)


class Stopped(Exception):
    """The run was killed."""


@pytest.mark.parametrize("optimiser", ["adamw", "rmsprop"])
def test_a_stopped_run_goes_on_to_the_very_same_weights(
    corpus: Corpus, tmp_path: Path, optimiser: str
) -> None:
    schedule = Schedule(steps=24, batch=32, rate=0.01, optimiser=optimiser)
    recipe = replace(SMALL, schedule=schedule, validation=0.2, objective=Objective(simulated=0.3))
    whole = trained(corpus, recipe, Run(folder=tmp_path / "whole"))

    def stop(step: int, loss: float) -> None:
        if step == 17:
            raise Stopped

    run = Run(folder=tmp_path / "half", every=5)
    with pytest.raises(Stopped):
        train_head(corpus, recipe, "tiny", stop, run=run)
    torch.manual_seed(99)  # another process has other random numbers
    again = trained(corpus, recipe, replace(run, resume=True))
    assert same_weights(whole, again)
    assert whole.version == again.version
    ours, theirs = (tmp_path / name / HISTORY for name in ("whole", "half"))
    assert ours.read_text() == theirs.read_text()


def test_a_run_that_ctrl_c_stops_between_two_states_goes_on_from_there(
    corpus: Corpus, tmp_path: Path
) -> None:
    recipe = steps_of(SMALL, 20)
    whole = trained(corpus, recipe)

    def stop(step: int, loss: float) -> None:
        if step == 7:
            signal.raise_signal(signal.SIGINT)

    usual = signal.getsignal(signal.SIGINT)
    run = Run(folder=tmp_path, every=200)
    with pytest.raises(KeyboardInterrupt):
        train_head(corpus, recipe, "tiny", stop, run=run)
    assert signal.getsignal(signal.SIGINT) is usual
    steps: list[int] = []
    again = train_head(
        corpus, recipe, "tiny", lambda step, loss: steps.append(step), run=replace(run, resume=True)
    )
    assert steps == list(range(8, 21))
    assert same_weights(whole, again)
    # All steps are done: what comes after them can be begun again.
    assert same_weights(whole, trained(corpus, recipe, replace(run, resume=True)))


def test_a_run_does_not_go_on_with_other_options_or_from_a_broken_file(
    corpus: Corpus, tmp_path: Path
) -> None:
    recipe, run = steps_of(SMALL, 6), Run(folder=tmp_path, every=4)
    with pytest.raises(ValueError, match="nothing to resume"):
        trained(corpus, recipe, replace(run, resume=True))
    trained(corpus, recipe, run)
    assert [path.name for path in tmp_path.glob("state*")] == [STATE]
    other = replace(recipe, draw=Draw(blind=0.5))
    with pytest.raises(ValueError, match=r"draw\.blind was 0\.12"):
        trained(corpus, other, replace(run, resume=True))
    photos = replace(corpus, features=corpus.features + np.float16(1))
    with pytest.raises(ValueError, match="other options: data was"):
        trained(photos, recipe, replace(run, resume=True))
    state = (tmp_path / STATE).read_bytes()
    (tmp_path / STATE).write_bytes(state[: len(state) // 2])
    with pytest.raises(ValueError, match="cannot be read"):
        trained(corpus, recipe, replace(run, resume=True))


def test_training_stops_early_and_keeps_the_weights_that_did_best(
    corpus: Corpus, tmp_path: Path
) -> None:
    # A rate that ruins the model at its height: the best measure is an early one.
    schedule = Schedule(steps=200, batch=32, rate=3.0, patience=3)
    recipe = replace(SMALL, schedule=schedule, validation=0.3)
    head = trained(corpus, recipe, Run(folder=tmp_path))
    recalls = history(tmp_path, "recall")
    best = recalls.index(max(recalls))
    assert len(recalls) == best + 1 + 3 < 20
    assert recalls[-1] < max(recalls)
    _, asked = split_corpus(corpus, 0.3, recipe.seed)
    exam = Exam.of(asked, len(corpus.vocabulary), recipe.seed)
    assert exam is not None
    assert exam.recall(head.model, torch.from_numpy(corpus.features)) == max(recalls)


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_every_precision_learns(corpus: Corpus, precision: str) -> None:
    recipe = replace(SMALL, schedule=replace(SMALL.schedule, precision=precision))
    head = trained(corpus, recipe)
    for theme, tags in enumerate(THEMES):
        assert first_tags(head, theme) == set(tags)
    if precision != "float32":
        full = replace(SMALL, schedule=replace(SMALL.schedule, precision="float32"))
        assert not same_weights(head, trained(corpus, full))


# Several processes

WORKER = """
import sys
from dataclasses import replace
from pathlib import Path

from engine.head import save_head
from engine.train.distributed import joined
from engine.train.loop import Run
from tests.test_training import SMALL, tiny_corpus, trained

pack, out = map(Path, sys.argv[1:])
with joined("cpu") as team:
    head = trained(tiny_corpus(pack), SMALL, Run(folder=out, every=20, team=team))
    save_head(head, out / str(team.rank))
"""


def launch(*command: str) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*TORCHRUN, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_two_processes_train_one_model(corpus: Corpus, tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "pack")
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    launch(str(script), str(pack), str(tmp_path))
    first, second = load_head(tmp_path / "0"), load_head(tmp_path / "1")
    assert same_weights(first, second)
    assert not same_weights(first, trained(corpus))  # it is not what one process alone finds
    for theme, tags in enumerate(THEMES):
        assert first_tags(first, theme) == set(tags)


def test_torchrun_leaves_one_head_and_one_report(tmp_path: Path) -> None:
    make_pack(tmp_path / "pack")
    size = ["--joint", "24", "--reading", "8", "--recurrent", "12"]
    length = ["--steps", "30", "--batch", "64", "--rate", ".02", "--threads", "1"]
    folders = ["--data", str(tmp_path / "pack"), "--out", str(tmp_path / "out")]
    launch("-m", "engine", "train", *folders, "--device", "cpu", *size, *length)
    head = load_head(tmp_path / "out")
    assert first_tags(head, 2, 1) <= set(THEMES[2])
    assert {path.name for path in (tmp_path / "out" / "report").iterdir()} == {
        "curves.png", "history.jsonl", "clusters.tsv",
    }  # fmt: skip


# The command


def test_the_command_trains_reports_and_tells_contradictions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_pack(tmp_path / "pack", pictures=20)
    folders = ["--data", str(tmp_path / "pack"), "--out", str(tmp_path / "out")]
    size = ["--joint", "24", "--recurrent", "12", "--batch", "64", "--threads", "1"]
    command = ["train", *folders, "--device", "cpu", *size]
    assert main([*command, "--steps", "40", "--rate", ".02", "--validation", ".2"]) == 0
    printed = capsys.readouterr().err
    assert "step 40 of 40, loss" in printed
    assert "validation recall@10" in printed
    report = tmp_path / "out" / "report"
    for name in ("curves.png", "samples.png"):
        with Image.open(report / name) as image:
            assert len(image.convert("L").getcolors(256) or range(256)) > 20  # not an empty page
    assert not (report / STATE).exists()  # the run is over
    assert load_head(tmp_path / "out").training["recipe"]["validation"] == 0.2
    assert main([*command, "--resume"]) == 1
    assert "nothing to resume" in capsys.readouterr().err
    assert main([*command, "--simulated", ".5", "--rejected", "0"]) == 1
    assert "--rejected 0 switches off" in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    folders = ["--data", str(make_pack(tmp_path / "pack")), "--out", str(tmp_path / "out")]
    small = ["--joint", "24", "--recurrent", "12", "--batch", "32", "--threads", "1"]
    command = [sys.executable, "-m", "engine", "train", *folders, "--device", "cpu", *small]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr is not None
        said = ""
        while "step 100 of" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert rest.splitlines()[-1] == "train: interrupted, the same command with --resume goes on"
    assert (tmp_path / "out" / "report" / STATE).exists()


def test_photos_without_pictures_make_no_samples(corpus: Corpus, tmp_path: Path) -> None:
    assert not draw_samples(trained(corpus, steps_of(SMALL, 2)), [], tmp_path)
    assert not list(tmp_path.iterdir())


OTHER = {
    "--order": "permutation", "--loss": "focal", "--silence": ".7", "--similar": ".1",
    "--precision": "float32", "--optimiser": "rmsprop",
}  # fmt: skip


@pytest.mark.parametrize("knob", [knob for knobs in KNOBS.values() for knob in knobs])
def test_every_option_reaches_the_recipe(knob) -> None:
    changed = shaped(arguments(knob.flag, OTHER.get(knob.flag, "1" if knob.read is int else ".35")
                               if knob.flag in OTHER or not _is_whole(knob) else "3"))  # fmt: skip
    assert changed != shaped(arguments())


def _is_whole(knob) -> bool:
    return getattr(knob.read, "__name__", "") == "whole number"


@pytest.mark.parametrize("wrong", [["--similar", ".3"], ["--blind", "2"], ["--steps", "0"]])
def test_values_out_of_range_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(*wrong)


# The paper


def test_the_paper_preset_is_the_papers_model_and_predicts_whole_captions(
    corpus: Corpus, tmp_path: Path
) -> None:
    options = "--preset paper --recurrent 24 --joint 16 --reading 16 --steps 200 --batch 64"
    recipe = shaped(arguments(*options.split(), "--rate", ".003"))
    head = trained(corpus, recipe)
    model = head.model
    assert not model.item_item.any()
    assert not model.tag_bias.any()
    assert bool((model.joint_gate == 1).all())
    assert torch.equal(model.words(), model.tag_embedding)  # one table for input and output
    save_head(head, tmp_path)
    loaded = load_head(tmp_path)
    for theme, tags in enumerate(THEMES):
        best = predict(loaded.model, torch.from_numpy(centre(theme)))[0]
        assert {loaded.vocabulary.tags[row] for row in best.rows} <= set(tags)
        assert list(best.rows) == sorted(best.rows)  # frequent first
        assert best.rows
        assert best.ended
        page = TagDecoder(loaded, read_lists()).suggest([Query(centre(theme), k=3)])[0]
        assert page.items[0].tag in tags


def test_a_path_is_worth_the_sum_of_its_steps(corpus: Corpus) -> None:
    """The beam's own recurrence gives what the training's forward pass gives."""
    head = trained(corpus, steps_of(SMALL, 10))
    model, end = head.model, len(head.vocabulary)
    features = torch.from_numpy(centre(1))[None]
    for prefix in ((), (2, 5)):
        for path in predict(model, features[0], width=3, longest=4, prefix=prefix):
            total, chosen = 0.0, list(prefix)
            ended = [] if len(path.rows) == 4 else [end]
            for row in [*path.rows[len(prefix) :], *ended]:
                batch = Batch(
                    features=torch.tensor([0]),
                    sources=torch.tensor([0]),
                    prefix=torch.tensor([chosen or [-1]]),
                    lengths=torch.tensor([len(chosen)]),
                    targets=torch.zeros(1, end + 1),
                    rejected=torch.full((1, 1), -1),
                )
                with torch.inference_mode():
                    scores = forward(model, batch, features, "float32")[0].clone()
                    scores[chosen] = float("-inf")
                    total += float(torch.log_softmax(scores, dim=0)[row])
                chosen.append(row)
            assert path.score == pytest.approx(total, abs=1e-4)
            assert len(set(path.rows)) == len(path.rows)


def tree(table: dict[tuple[int, ...], list[float]]):
    """A model that is a table: path → probabilities of what comes next, END last."""
    asked: list[tuple[int, ...]] = []

    def expand(paths):
        for path in paths:
            assert path.state == path.rows[:-1]  # the state is the path's own
        asked.extend(path.rows for path in paths)
        rows = torch.tensor([table[path.rows] for path in paths]).log()
        return rows, [path.rows for path in paths]

    return expand, asked


def test_a_beam_finds_what_greed_misses() -> None:
    table = {
        (): [0.6, 0.4, 0.0],
        (0,): [0.0, 0.55, 0.45],  # the greedy way: .6 · .55 · … or .6 · .45
        (1,): [0.1, 0.0, 0.9],
        (0, 1): [0.0, 0.0, 0.5],
        (1, 0): [0.0, 0.0, 0.5],
    }
    expand, _ = tree(table)
    greedy = beam_search((), expand, width=1, longest=2)[0]
    best = beam_search((), expand, width=2, longest=3)[0]
    assert greedy.rows == (0, 1)
    assert best.rows == (1,)
    assert best.score == pytest.approx(float(np.log(0.4 * 0.9)))
    assert best.score > greedy.score


def test_a_beam_stops_where_no_live_path_can_win() -> None:
    table = {(): [0.05, 0.05, 0.9], (0,): [0.0, 0.5, 0.5], (1,): [0.5, 0.0, 0.5]}
    expand, asked = tree(table)
    paths = beam_search((), expand, width=1, longest=9)
    assert [path.rows for path in paths] == [()]
    assert asked == [()]


def test_the_world_has_photos_enough() -> None:
    assert PHOTOS % len(THEMES) == 0
