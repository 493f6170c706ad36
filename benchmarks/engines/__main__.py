"""``python -m benchmarks.engines``: the engines side by side, into ``runs/bench``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks.engines.sweep import Plan, measure
from benchmarks.engines.tables import page, write

_NEEDED = ("litserve", "matplotlib", "onnxruntime", "onnxscript")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=5, help="in which the engines take turns")
    parser.add_argument("--photos", type=int, default=10_000, help="in a row, for the memory")
    parser.add_argument("--out", type=Path, default=Path("runs/bench"), help="where files go")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Measure, print, write.

    Returns:
        The exit status.
    """
    arguments = _arguments()
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        _say(f"{', '.join(missing)} not installed: pip install --editable '.[bench]' first")
        return 1
    plan = Plan(arguments.seconds, arguments.rounds, arguments.photos)
    with tempfile.TemporaryDirectory() as home:
        figures = measure(plan, Path(home), _say)
    write(figures, arguments.out)
    print(page(figures))
    _say(f"written to {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
