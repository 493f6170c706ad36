"""The figures of the engines as tables, and as a picture."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.engines.load import Answers
from benchmarks.engines.sweep import TAPPED, Figures
from benchmarks.table import milliseconds, table

NAMES = {
    "tagalong": "our engine",
    "tagalong-bfloat16": "our engine, `ENGINE_PRECISION=bfloat16`",
    "tagalong-torch": "our engine, `ENGINE_RUNTIME=torch`",
    "litserve": "LitServe, PyTorch, batches of 8",
    "litserve-openvino": "LitServe, OpenVINO, 2 workers",
    "eager": "one at a time, eager PyTorch",
    "vgg16": "one at a time, eager PyTorch, VGG-16",
}

BARE = {
    "bare": "decoding and OpenVINO, no queue",
    "bare-bfloat16": "decoding and OpenVINO in bfloat16, no queue",
    "bare-onnx": "decoding and ONNX Runtime, no queue",
}


def page(figures: Figures) -> str:
    """Everything as Markdown."""
    parts = [_where(figures), _limit(figures), _latency(figures), _rates(figures)]
    return "\n\n".join([*parts, _taps(figures), _memory(figures)]) + "\n"


def write(figures: Figures, folder: Path) -> None:
    """Write ``engines.md``, ``engines.json`` and ``engines.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engines.md").write_text(page(figures), encoding="utf-8")
    content = json.dumps(asdict(figures), indent=1) + "\n"
    (folder / "engines.json").write_text(content, encoding="utf-8")
    _draw(figures, folder / "engines.png")


def _where(figures: Figures) -> str:
    here = figures.machine
    return (
        f"{here.when}; {here.cores} cores of {here.processor}, no GPU; Python {here.python}, "
        f"torch {here.torch}. Load (processes running or waiting, last minute): {here.load} "
        f"before, {figures.load} after."
    )


def _limit(figures: Figures) -> str:
    everybody: dict[str, list[Answers]] = {}
    for name in figures.bare:
        batch = figures.best_batch(name)
        everybody[f"{BARE[name]}, batches of {batch}"] = figures.bare[name][batch]
    everybody |= {NAMES[name]: rounds for name, rounds in figures.flat.items()}
    bare = figures.bare["bare"][figures.best_batch("bare")]
    ours = figures.flat["tagalong"]
    rows = [
        (
            name,
            _rate(statistics.median(each.rate for each in rounds)),
            _ratio(rounds, bare),
            _ratio(ours, rounds),
            _of(rounds, "processor"),
        )
        for name, rounds in everybody.items()
    ]
    heads = ("photos at the limit", "a second", "to the bare model", "ours to it", "core time")
    return table(heads, rows)


def _latency(figures: Figures) -> str:
    alone = milliseconds(sum(figures.alone.values()))
    rows: list[tuple[str, ...]] = [("decoding and the model alone, one core", alone, "", "")]
    for name, rounds in figures.single.items():
        rows.append((NAMES[name], *(_of(rounds, p) for p in ("p50", "p95", "p99"))))
    decode, model = (milliseconds(figures.alone[part]) for part in ("decode", "model"))
    return (
        f"{table(('one photo after the other', 'p50', 'p95', 'p99'), rows)}\n\n"
        f"Alone: decoding {decode}, the model {model}."
    )


def _rates(figures: Figures) -> str:
    rows = []
    for name, answers in figures.swept.items():
        for each in answers:
            rows.append((NAMES[name], *_row(each)))
    heads = ("photos offered", "a second", "answered", "refused", "p50", "p95", "p99")
    return table(heads, rows)


def _taps(figures: Figures) -> str:
    rows = []
    for name in TAPPED:
        for what, each in figures.taps[name].items():
            rows.append((f"{NAMES[name]}, {what}", *_row(each)))
    rows += [("our engine, offered", *_row(each)) for each in figures.tapped]
    heads = ("taps", "a second", "answered", "refused", "p50", "p95", "p99")
    return table(heads, rows)


def _memory(figures: Figures) -> str:
    first, *rest = figures.held
    sizes = ", ".join(f"{size / 1e6:,.0f}" for size in rest)
    return (
        f"{figures.photos:,} photos in a row, 24 at a time: the process held {first / 1e6:,.0f} MB "
        f"before, and after each tenth of them {sizes} MB."
    )


def _row(each: Answers) -> tuple[str, ...]:
    offered = "" if each.offered is None else _rate(each.offered)
    times = (milliseconds(seconds) for seconds in (each.p50, each.p95, each.p99))
    return offered, _rate(each.rate), str(each.refused), *times


def _of(rounds: Sequence[Answers], name: str) -> str:
    return milliseconds(statistics.median(getattr(each, name) for each in rounds))


def _ratio(one: Sequence[Answers], other: Sequence[Answers]) -> str:
    """How many times as many photos a second: the median over the rounds."""
    pairs = zip(one, other, strict=True)
    return f"{statistics.median(first.rate / second.rate for first, second in pairs):.2f}"


def _rate(value: float) -> str:
    return f"{value:,.1f}"


def _draw(figures: Figures, file: Path) -> None:
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    for name, swept in figures.swept.items():
        line = axes.plot(
            [each.offered or 0.0 for each in swept],
            [1000 * each.p95 for each in swept],
            marker="o",
            label=NAMES[name].replace("`", ""),
        )
        limit = statistics.median(each.rate for each in figures.flat[name])
        axes.axvline(limit, color=line[0].get_color(), alpha=0.3, linestyle=":")
    axes.set_yscale("log")
    axes.set_xlabel("photos offered a second (dotted: at the limit)")
    axes.set_ylabel("95 % are answered within … ms")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    figure.savefig(file, dpi=150)
