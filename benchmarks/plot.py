"""Where the time goes, as a picture: one bar for a photo, one for a tap."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.parts import PARTS, Shares


def draw(shares: Shares, file: Path) -> None:
    """Draw the medians of the parts and write a PNG."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    bars = (("photo → buttons", shares.photo), ("tap → new keyboard", shares.tap))
    for axes, (title, seconds) in zip(figure.subplots(2, 1), bars, strict=True):
        left = 0.0
        for part, name in PARTS.items():
            width = 1000 * seconds[part]
            axes.barh([0], [width], left=left, label=name)
            left += width
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_yticks([])
        axes.set_xlim(0, left)
    axes.set_xlabel("ms (medians)")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", frameon=False, fontsize=9)
    figure.savefig(file, dpi=150)
