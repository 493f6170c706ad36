"""`python -m engine evaluate`: what the shipped ranking is worth on photos held back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

EXAMPLES = """
examples:
  python -m engine evaluate --checkpoint weights --data DIR --out report.json
      the whole protocol over a data pack: every figure with its standard error
  python -m engine evaluate --data DIR --part seen --part pairs --quick
      two parts of it, on a sample of the photos
  python -m engine evaluate --checkpoint my-head --manifest photos/manifest.jsonl --hold-back 450
      words over any manifest, as the field reports them: precision, recall, F1 and N+
"""


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    from engine.evaluate.protocol import PARTS
    from engine.local import SHIPPED_WEIGHTS
    from engine.usage import whole

    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate",
        help="measure the shipped ranking on photos held back",
        description="Measure the ranking that people get, with its default settings.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, metavar="DIR", help="data pack")
    source.add_argument("--manifest", type=Path, metavar="FILE", help="JSONL manifest")
    parser.add_argument(
        "--checkpoint", type=Path, default=SHIPPED_WEIGHTS, metavar="DIR",
        help="folder of the head, default the shipped one",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write every figure as JSON, under stable keys"
    )
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the Markdown table")
    parser.add_argument(
        "--part", action="append", choices=tuple(PARTS), metavar="PART",
        help=f"with --data: only this part of the protocol, may be repeated: {', '.join(PARTS)}",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="with --data: at most 300 photos or posts a figure"
    )
    parser.add_argument("--seed", type=whole(0), default=0, help="default 0")
    parser.add_argument("--threads", type=whole(1), default=2, help="CPU threads, default 2")
    parser.add_argument(
        "--hold-back", type=whole(0), metavar="N",
        help="with --manifest: measure on the N photos that train left out with the same options; "
        "0: on all",
    )  # fmt: skip
    parser.add_argument(
        "--words", type=whole(1), metavar="N",
        help="with --manifest: words a photo, default 5",
    )  # fmt: skip
    parser.add_argument(
        "--weights", type=Path, metavar="DIR",
        help="with --manifest: folder of the encoder, default the shipped one",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measure, write the report, return the exit status."""
    from engine.evaluate.command import evaluate_command

    return evaluate_command(args)
