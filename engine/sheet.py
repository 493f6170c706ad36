"""Pictures with labels on one sheet, whose lettering can be read where the sheet is shown.

Pure, and without a word about what the pictures show: `engine.heatmap` knows that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageDraw

from engine.fonts import Font, best, fonts

HEADING, LABEL, NOTE = 16, 13, 12
"""Sizes of the lettering as it is shown, in points."""

LEADING = 1.25
LINES = 3
"""Lines that a heading or a label may have."""

GAP = 12
NARROWEST = 0.6
"""A panel's width of its height at least, so that its label fits under a narrow picture."""

PAPER, INK, FAINT = (255, 255, 255), (24, 24, 27), (113, 113, 122)


@dataclass(frozen=True)
class Screen:
    """Where a sheet is shown.

    Attributes:
        width: Of the sheet there, in points.
        tallest: Its height by its width, as far as it is shown as wide as that.
        columns: Panels in a row: the first of these with which it is not too tall, or the last.
    """

    width: int
    tallest: float
    columns: tuple[int, ...]


PHONE = Screen(360, 1.6, (1, 2, 3))
"""A photo message on a phone."""

DESK = Screen(720, float("inf"), (4,))


@dataclass(frozen=True)
class Panel:
    """A picture with its label, and a note in fainter letters below."""

    picture: Image.Image
    label: str
    note: str = ""


@dataclass(frozen=True)
class Legend:
    """What the colours mean: a bar, and what stands at its ends."""

    low: str
    bar: Image.Image
    high: str


@dataclass(frozen=True)
class Sheet:
    """Panels in rows between a heading and a legend.

    Attributes:
        shown: Its width where it is shown, in points.
    """

    heading: str
    panels: Sequence[Panel]
    legend: Legend
    columns: int
    shown: int

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._width, self._top + sum(self._heights) + self._px(2 * NOTE)

    def draw(self) -> Image.Image:
        """The sheet as a picture."""
        page = Image.new("RGB", self.size, PAPER)
        draw = ImageDraw.Draw(page)
        self._write(draw, (GAP, GAP), self._lines(self.heading, HEADING, self._width), HEADING)
        across, down = self._cell
        y = self._top
        for row, height in zip(self._rows, self._heights, strict=True):
            for place, panel in enumerate(row):
                x = GAP + place * (across + GAP)
                left = x + (across - panel.picture.width) // 2
                page.paste(panel.picture, (left, y + (down - panel.picture.height) // 2))
                label, note = self._labels(panel)
                below = self._write(draw, (x, y + down + GAP // 3), label, LABEL)
                self._write(draw, (x, below), note, NOTE, FAINT)
            y += height
        self._draw_legend(page, draw, y)
        return page

    @cached_property
    def _cell(self) -> tuple[int, int]:
        """Width and height of a panel's picture."""
        height = max(panel.picture.height for panel in self.panels)
        widest = max(panel.picture.width for panel in self.panels)
        return max(widest, round(NARROWEST * height)), height

    @cached_property
    def _face(self) -> int:
        """Which font has its letters."""
        legend = self.legend.low + self.legend.high
        return best(self.heading + legend + "".join(one.label + one.note for one in self.panels))

    def _font(self, points: int) -> Font:
        return fonts(self._px(points))[self._face]

    @property
    def _width(self) -> int:
        return GAP + self.columns * (self._cell[0] + GAP)

    @property
    def _rows(self) -> list[Sequence[Panel]]:
        starts = range(0, len(self.panels), self.columns)
        return [self.panels[start : start + self.columns] for start in starts]

    @cached_property
    def _heights(self) -> list[int]:
        """Of each row with its labels."""
        return [self._cell[1] + max(map(self._below, row)) + GAP for row in self._rows]

    @property
    def _top(self) -> int:
        lines = self._lines(self.heading, HEADING, self._width)
        return GAP + len(lines) * self._leading(HEADING) + GAP // 2

    def _below(self, panel: Panel) -> int:
        """How much stands below a panel's picture."""
        label, note = self._labels(panel)
        lines = len(label) * self._leading(LABEL) + len(note) * self._leading(NOTE)
        return lines + GAP // 3

    def _labels(self, panel: Panel) -> tuple[list[str], list[str]]:
        width = self._cell[0]
        return self._lines(panel.label, LABEL, width), self._lines(panel.note, NOTE, width)

    def _lines(self, text: str, points: int, width: int) -> list[str]:
        return wrapped(text, self._font(points), min(width, self._width - 2 * GAP))

    def _px(self, points: float) -> int:
        """Pixels that are shown so large."""
        return max(1, round(points * self._width / self.shown))

    def _leading(self, points: int) -> int:
        return round(LEADING * self._px(points))

    def _write(
        self,
        draw: ImageDraw.ImageDraw,
        place: tuple[int, int],
        lines: Sequence[str],
        points: int,
        ink: tuple[int, int, int] = INK,
    ) -> int:
        """Write lines from a place on; where the next one would stand."""
        x, y = place
        for line in lines:
            draw.text((x, y), line, ink, self._font(points))
            y += self._leading(points)
        return y

    def _draw_legend(self, page: Image.Image, draw: ImageDraw.ImageDraw, y: int) -> None:
        legend, font, space = self.legend, self._font(NOTE), self._px(NOTE / 2)
        x = GAP + round(font.getlength(legend.low)) + space
        room = page.width - x - round(font.getlength(legend.high)) - space - GAP
        bar = legend.bar.resize((max(1, min(room, self._px(150))), self._px(NOTE)))
        draw.text((GAP, y), legend.low, FAINT, font)
        page.paste(bar, (x, y + self._px(NOTE / 8)))
        draw.text((x + bar.width + space, y), legend.high, FAINT, font)


def laid_out(heading: str, panels: Sequence[Panel], legend: Legend, screen: Screen) -> Sheet:
    """The sheet for a screen, with as few panels in a row, so as large ones, as it has room for."""
    choices = dict.fromkeys(min(columns, len(panels)) for columns in screen.columns)
    sheets = [Sheet(heading, panels, legend, columns, screen.width) for columns in choices]
    fitting = (one for one in sheets if one.size[1] <= screen.tallest * one.size[0])
    return next(fitting, sheets[-1])


def wrapped(text: str, font: Font, width: int, lines: int = LINES) -> list[str]:
    """A text in lines: broken between words, inside of one where it alone is too long.

    Args:
        lines: How many at most; the last one says where something is missing.
    """
    found: list[str] = []
    rest = text
    while rest:
        if font.getlength(rest) <= width:
            return [*found, rest]
        if len(found) == lines - 1:
            return [*found, _most(rest, font, width, "...") + "..."]
        line = _most(rest, font, width)
        if " " in line and not rest.startswith(" ", len(line)):
            line = line.rpartition(" ")[0]
        found.append(line)
        rest = rest[len(line) :].lstrip(" ")
    return found


def _most(text: str, font: Font, width: int, end: str = "") -> str:
    """As much of a text's beginning as fits, a letter at least."""
    while len(text) > 1 and font.getlength(text + end) > width:
        text = text[:-1]
    return text
