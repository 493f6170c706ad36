"""Figures as people read them: tables in Markdown, times and sizes with their unit."""

from __future__ import annotations

from collections.abc import Sequence


def milliseconds(seconds: float) -> str:
    """A time as people read it."""
    return f"{1000 * seconds:,.1f} ms" if seconds < 0.1 else f"{1000 * seconds:,.0f} ms"


def number(value: float) -> str:
    """A number to three figures: more is not known of it."""
    for unit, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if value >= unit:
            return f"{value / unit:,.3g}{name}"
    return f"{value:,.3g}" if value < 100 else f"{float(f'{value:.3g}'):,.0f}"


def size(value: float) -> str:
    """Bytes as people read them."""
    for unit, name in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB")):
        if value >= unit:
            return f"{number(value / unit)} {name}"
    return f"{number(value / 1e6)} MB"


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
