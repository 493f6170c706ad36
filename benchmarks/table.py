"""Figures as people read them: tables in Markdown, times with their unit."""

from __future__ import annotations

from collections.abc import Sequence


def milliseconds(seconds: float) -> str:
    """A time as people read it."""
    return f"{1000 * seconds:,.1f} ms" if seconds < 0.1 else f"{1000 * seconds:,.0f} ms"


def table(names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table that reads well as it is, too."""
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]

    def line(cells: tuple[str, ...]) -> str:
        first, *others = zip(cells, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        return f"| {' | '.join(padded)} |"

    left, *right = widths
    rule = "|".join(["-" * (left + 2), *("-" * (width + 1) + ":" for width in right)])
    return "\n".join([line(names), f"|{rule}|", *map(line, rows)])
