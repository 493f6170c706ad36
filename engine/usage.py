"""What the commands of ``python -m engine`` share in reading their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence


def whole(low: int) -> Callable[[str], int]:
    """A reader of whole numbers from ``low``."""

    def read(text: str) -> int:
        value = int(text)
        if value < low:
            raise argparse.ArgumentTypeError(f"{text} is below {low}")
        return value

    read.__name__ = "whole number"
    return read


def positive(text: str) -> int:
    """Read a whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def refuse(args: argparse.Namespace, options: Sequence[str], source: str) -> None:
    """Refuse options that would do nothing.

    Args:
        options: Their flags; one that nobody gave is None or False.
        source: The flag beside which they do nothing.

    Raises:
        ValueError: one was given.
    """
    for flag in options:
        if getattr(args, flag.removeprefix("--").replace("-", "_")) not in (None, False):
            raise ValueError(f"{flag} does nothing with {source}")
