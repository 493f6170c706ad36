"""The capacity model: what the document says is what the script reckons."""

from __future__ import annotations

import subprocess
import sys

from page_fixtures import ROOT


def reckoned(*options: str) -> str:
    command = [sys.executable, "-m", "benchmarks.capacity", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_document_holds_the_table_of_the_script() -> None:
    document = (ROOT / "docs" / "CAPACITY.md").read_text(encoding="utf-8")
    assert reckoned() in document


def test_twice_the_photos_need_twice_the_cores() -> None:
    def cores(photos: str) -> float:
        line = next(
            one for one in reckoned("--photos", photos).splitlines() if "their cores" in one
        )
        return float(line.split("|")[2].replace(",", "").split()[0])

    one, two = cores("50000000"), cores("100000000")
    assert abs(two - 2 * one) <= 2
