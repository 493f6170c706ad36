"""The work behind `python -m engine evaluate`: read, measure, write the report."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import torch

from engine.door import EngineError
from engine.evaluate.protocol import PARTS
from engine.evaluate.report import Section, as_json, as_markdown
from engine.evaluate.world import read_world
from engine.local import SHIPPED_WEIGHTS
from engine.usage import refuse

WORDS = 5
"""Words a photo, as the field reports them."""

QUICK = 300
"""Photos or posts that a figure of a quick run is taken over."""


def evaluate_command(args: argparse.Namespace) -> int:
    """Measure as the arguments say, print the table, write what was asked for."""
    torch.set_num_threads(args.threads)
    try:
        report, table = _manifest(args) if args.manifest else _pack(args)
        for path, text in ((args.out, _text(report)), (args.table, table)):
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    except (EngineError, OSError, ValueError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    print(table, end="")
    return 0


def _text(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


def _pack(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The protocol over a data pack."""
    refuse(args, ("--hold-back", "--words", "--weights"), "--data")
    start = time.monotonic()
    world = read_world(args.checkpoint, args.data, args.seed, QUICK if args.quick else None)
    _say(start, f"read {len(world.sets)} sets of photos and {len(world.posts)} of posts")
    sections: list[Section] = []
    for name in args.part or PARTS:
        sections += PARTS[name](world)
        _say(start, f"{name} measured")
    report = {
        "checkpoint": world.decoder.version,
        "seed": args.seed,
        "quick": args.quick,
        "parts": args.part or list(PARTS),
        "figures": as_json(sections),
    }
    return report, f"# Figures of {world.decoder.version}\n\n" + as_markdown(sections)


def _say(start: float, text: str) -> None:
    print(f"{time.monotonic() - start:6.0f} s  {text}", file=sys.stderr, flush=True)


def _manifest(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Words over one manifest."""
    from engine.evaluate.manifest import evaluate_manifest

    refuse(args, ("--part", "--quick"), "--manifest")
    report = evaluate_manifest(
        args.checkpoint,
        args.manifest,
        weights=args.weights or SHIPPED_WEIGHTS,
        hold_back=args.hold_back or 0,
        seed=args.seed,
        words=args.words or WORDS,
    )
    return report, _plain_table(report)


def _plain_table(report: dict[str, Any]) -> str:
    """Key and value of a report, figures as value ± standard error."""
    lines = ["| figure | value | n |", "|---|---|---|"]
    for key, value in report.items():
        if isinstance(value, dict) and "value" in value:
            error = f" ± {value['error']:.4f}" if "error" in value else ""
            lines.append(f"| {key} | {value['value']:.4f}{error} | {value.get('number', '')} |")
        else:
            shown = f"{value:.4f}" if isinstance(value, float) else value
            lines.append(f"| {key} | {shown} | |")
    return "\n".join(lines) + "\n"
