"""``python -m engine suggest`` as people and scripts call it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.cli import main

ROOT = Path(__file__).parent.parent
PHOTOS = ROOT / "tests" / "photos"
COMMAND = [sys.executable, "-m", "engine", "suggest"]
FLOWER, CAT, HAT = (str(PHOTOS / name) for name in ("flower.jpg", "cat.png", "hat.jpg"))


@pytest.fixture
def suggest(capsys):
    """Call the command; gives its status, its lines, and what it complained about."""

    def call(*arguments: object) -> tuple[int, list[str], str]:
        status = main(["suggest", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out.splitlines(), printed.err

    return call


@pytest.fixture
def tags(suggest):
    """The tags suggested for one photo."""

    def call(*arguments: object) -> list[str]:
        status, (line,), _ = suggest("--json", *arguments)
        assert status == 0
        return [each["tag"] for each in json.loads(line)["suggestions"]]

    return call


@pytest.fixture
def notes(tmp_path: Path) -> str:
    """A text file that calls itself a photo."""
    file = tmp_path / "notes.jpg"
    file.write_text("milk, bread, butter")
    return str(file)


def jobs_file(folder: Path, *jobs: object) -> Path:
    """Jobs, one a line; strings stand there as they are."""
    file = folder / "jobs.jsonl"
    lines = (job if isinstance(job, str) else json.dumps(job) for job in jobs)
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def test_json_is_one_object_for_each_photo_best_tag_first(suggest):
    status, lines, complaints = suggest(FLOWER, CAT, "--json", "--k", 7)
    assert (status, complaints) == (0, "")
    answers = [json.loads(line) for line in lines]
    assert [answer["photo"] for answer in answers] == [FLOWER, CAT]
    for answer in answers:
        assert set(answer) == {"photo", "suggestions"}
        assert len(answer["suggestions"]) == 7
        for suggestion in answer["suggestions"]:
            assert set(suggestion) == {"tag", "score"}
            assert 0 <= suggestion["score"] <= 1
            assert suggestion["tag"] == suggestion["tag"].lower().lstrip("#")
    assert {"flower", "flowers"} & {each["tag"] for each in answers[0]["suggestions"]}
    assert "cat" in [each["tag"] for each in answers[1]["suggestions"]]


def test_people_get_a_table(suggest):
    status, lines, _ = suggest(FLOWER, "--k", 3, "--prefix", "garden", "#Qqqqzz")
    assert status == 0
    assert lines[0] == f"{FLOWER} #garden #qqqqzz"
    assert [line.split()[0] for line in lines[-3:]] == ["1", "2", "3"]
    assert all(line.split()[1].startswith("#") for line in lines[-3:])


def test_the_words_of_the_prefix_steer_and_are_not_suggested(tags):
    before = tags(FLOWER)
    after = tags(FLOWER, "--prefix", before[0], before[1])
    assert len(after) == 10
    assert after != before
    assert not set(before[:2]) & set(after)


def test_two_dashes_end_the_prefix_and_the_options(tags, tmp_path, monkeypatch):
    shutil.copyfile(HAT, tmp_path / "--json")
    monkeypatch.chdir(tmp_path)
    first = tags(HAT, "--prefix", "summer", "beach")
    assert tags("--prefix", "summer", "beach", "--", HAT) == first
    assert tags("--prefix", "summer", "beach", "--", "--json") == first


def test_photos_and_options_may_be_mixed(suggest):
    status, lines, _ = suggest(FLOWER, "--k", "2", CAT, "--json", "--prefix", "art", "--", HAT)
    assert status == 0
    assert [json.loads(line)["photo"] for line in lines] == [FLOWER, CAT, HAT]


def test_empty_and_repeated_words_of_the_prefix_are_dropped(tags):
    assert tags(HAT, "--prefix", "beach", "", "#Beach", "  ", "#", "BEACH") == tags(
        HAT, "--prefix", "beach"
    )


def test_of_a_long_prefix_the_last_thirty_count(tags):
    words = tags(FLOWER, "--k", "40")
    assert tags(HAT, "--prefix", *words) == tags(HAT, "--prefix", *words[-30:])


def test_a_file_that_is_no_picture_is_named_and_the_others_are_done(suggest, notes, tmp_path):
    missing, folder = str(tmp_path / "missing.jpg"), str(tmp_path)
    status, lines, complaints = suggest(FLOWER, notes, missing, folder, CAT, "--json")
    assert status == 1
    assert [json.loads(line)["photo"] for line in lines] == [FLOWER, CAT]
    for name, reason in (
        (notes, "not a picture"),
        (missing, "no such file"),
        (folder, "directory"),
    ):
        assert any(name in line and reason in line for line in complaints.splitlines())
    assert "Traceback" not in complaints


def test_jobs_are_answered_in_their_order_and_errors_in_their_place(suggest, notes, tmp_path):
    jobs = jobs_file(
        tmp_path,
        {"photo": FLOWER, "prefix": ["garden"]},
        {"photo": notes, "prefix": []},
        "this is not JSON",
        {"photo": CAT},
        "",
        {"prefix": ["garden"]},
        {"photo": 7},
        {"photo": FLOWER, "prefix": "garden"},
        {"photo": FLOWER, "prefix": [1]},
        ["list"],
        {"photo": "a\0b"},
        {"photo": "\ud800.jpg"},
        {"photo": FLOWER, "prefix": ["garden"], "note": "ignored"},
    )
    status, lines, _ = suggest("--jobs", jobs, "--k", 4)
    answers = [json.loads(line) for line in lines]
    assert status == 1
    assert [answer["photo"] for answer in answers] == [
        *(FLOWER, notes, None, CAT, None, 7, FLOWER, FLOWER, None, "a\0b", "\ud800.jpg", FLOWER)
    ]
    good = [0, 3, 11]
    for place, answer in enumerate(answers):
        assert set(answer) == {"photo", "suggestions" if place in good else "error"}
        assert len(answer["suggestions"]) == 4 if place in good else answer["error"]
    assert answers[0] == answers[11]


def test_a_job_gets_what_its_photo_would_get_alone(suggest, tags, tmp_path):
    prefixes = [[], ["garden"], ["garden", "art"], ["Garden", "#art", "", "art"]]
    jobs = jobs_file(tmp_path, *({"photo": FLOWER, "prefix": words} for words in prefixes))
    status, lines, _ = suggest("--jobs", jobs)
    assert status == 0
    for words, line in zip(prefixes, lines, strict=True):
        alone = tags(FLOWER, "--prefix", *words)
        assert [each["tag"] for each in json.loads(line)["suggestions"]] == alone


def test_many_jobs_are_answered_in_order(suggest, tmp_path):
    jobs = [{"photo": [CAT, HAT, FLOWER][n % 3], "prefix": [f"word{n}"]} for n in range(200)]
    status, lines, _ = suggest("--jobs", jobs_file(tmp_path, *jobs), "--k", 1)
    assert status == 0
    assert [json.loads(line)["photo"] for line in lines] == [job["photo"] for job in jobs]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_photo_named_by_many_jobs_is_read_once(tmp_path):
    pipe = tmp_path / "photo.jpg"
    os.mkfifo(pipe)  # what is read from it is gone: a second reader would wait for ever
    jobs = jobs_file(tmp_path, *[{"photo": str(pipe)}, {"photo": f"{tmp_path}/./photo.jpg"}] * 20)
    writer = threading.Thread(target=lambda: pipe.write_bytes(Path(HAT).read_bytes()))
    writer.start()
    run = subprocess.run(
        [*COMMAND, "--jobs", jobs], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    writer.join()
    answers = [json.loads(line)["suggestions"] for line in run.stdout.splitlines()]
    assert len(answers) == 40
    assert answers == answers[:1] * 40


def test_a_job_on_standard_input_is_answered_before_the_next_is_asked():
    with subprocess.Popen(
        [*COMMAND, "--jobs", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for photo in (FLOWER, CAT, FLOWER):
            process.stdin.write(json.dumps({"photo": photo}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["photo"] == photo
        process.stdin.close()
        assert process.wait(60) == 0


def test_no_jobs_are_no_error(suggest, tmp_path):
    assert suggest("--jobs", jobs_file(tmp_path)) == (0, [], "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "PHOTO"),
        (["--prefix", "beach", FLOWER], "PHOTO"),
        ([FLOWER, "--jobs", "-"], "not both"),
        (["--jobs", "/no/such/file"], "/no/such/file"),
        (["--jobs", str(PHOTOS)], "cannot read"),
        ([FLOWER, "--k", "0"], "--k"),
        ([FLOWER, "--k", "ten"], "--k"),
        ([FLOWER, "--colour"], "--colour"),
    ],
)
def test_a_wrong_call_is_explained(arguments, complaint, capsys):
    with pytest.raises(SystemExit) as end:
        main(["suggest", *arguments])
    assert end.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["dance"]])
def test_without_a_known_command_the_commands_are_listed(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert all(command in printed for command in ("suggest", "train", "evaluate"))
