"""The report of a run: sections of lines of figures, as JSON under stable keys and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.evaluate.figures import Figure


@dataclass(frozen=True)
class Line:
    """One row of a table.

    Attributes:
        figures: Column → figure.
        targets: Column → what it should reach: "≥ .92", "≤ .8", or a published value.
        published: Others measured it, on what they had; error and number are theirs alone.
    """

    name: str
    figures: Mapping[str, Figure]
    targets: Mapping[str, str] = field(default_factory=dict)
    published: bool = False


def published(name: str, **values: float) -> Line:
    """A row of a paper: column → value."""
    return Line(name, {key: Figure(value, 0.0, 0) for key, value in values.items()}, {}, True)


@dataclass(frozen=True)
class Section:
    """One table.

    Attributes:
        key: Start of the keys of its figures: ``key/line/column``.
        notes: Sentences below the table.
    """

    key: str
    title: str
    lines: Sequence[Line]
    notes: Sequence[str] = ()


def as_json(sections: Sequence[Section]) -> dict[str, dict[str, Any]]:
    """Every figure under its key, with error, number and what it should reach."""
    found: dict[str, dict[str, Any]] = {}
    for section in sections:
        for line in section.lines:
            for column, figure in line.figures.items():
                entry: dict[str, Any] = {"value": round(figure.value, 5)}
                if line.published:
                    entry["published"] = True
                else:
                    entry |= {"error": round(figure.error, 5), "number": figure.number}
                if column in line.targets:
                    entry["target"] = line.targets[column]
                found[f"{section.key}/{line.name}/{column}"] = entry
    return found


def as_markdown(sections: Sequence[Section]) -> str:
    """One table a section; a cell holds value ± standard error and, in brackets, the target."""
    parts = []
    for section in sections:
        columns = list(dict.fromkeys(name for line in section.lines for name in line.figures))
        rows = [["", *columns, "n"]]
        rows += [
            [line.name, *(_cell(line, column) for column in columns), _number(line)]
            for line in section.lines
        ]
        widths = [max(len(row[place]) for row in rows) for place in range(len(columns) + 2)]
        text = [_row(rows[0], widths), "|" + "|".join("-" * (width + 2) for width in widths) + "|"]
        text += [_row(row, widths) for row in rows[1:]]
        notes = "".join(f"\n{note}\n" for note in section.notes)
        parts.append(f"## {section.title}\n\n" + "\n".join(text) + "\n" + notes)
    return "\n".join(parts)


def reached(figure: Figure, target: str) -> bool | None:
    """Whether a figure meets its target; None where the target is only something to compare."""
    sign, _, bound = target.partition(" ")
    if sign == "≥":
        return figure.value >= float(bound)
    if sign == "≤":
        return figure.value <= float(bound)
    return None


def _cell(line: Line, column: str) -> str:
    if column not in line.figures:
        return ""
    figure = line.figures[column]
    if line.published:
        return _short(figure.value)
    text = f"{_short(figure.value)} ± {_short(figure.error)}" if figure.number else "–"
    if column in line.targets:
        mark = {True: " ✓", False: " ✗", None: ""}[reached(figure, line.targets[column])]
        text += f" ({line.targets[column]}{mark})"
    return text


def _short(value: float) -> str:
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.2f}"


def _number(line: Line) -> str:
    if line.published:
        return ""
    numbers = sorted({figure.number for figure in line.figures.values()})
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f" {cell:<{width}} " for cell, width in zip(cells, widths, strict=True))
    return "|" + "|".join(padded) + "|"
