"""The engine's command line: finds the command that was asked for, and loads no other."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

SUGGEST = "suggest"
COMMANDS = {
    SUGGEST: ("engine.suggest", "hashtags for photos"),
    "explain": ("engine.explain", "draw where in a photo a hashtag comes from"),
    "data": ("engine.datasets", "convert a data set, or people's own picks, to a manifest"),
    "features": ("engine.features", "compute the features of a manifest's pictures"),
    "train": ("engine.train", "train the tag model on a folder of features, tags and posts"),
    "evaluate": ("engine.evaluate", "measure the shipped ranking on photos held back"),
}
"""Module and summary of each command. A module has ``add_parser(subparsers)``, which adds the
command's parser, and ``run(args)``, which returns the exit status."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Without the program's name; None takes the process's own.

    Returns:
        The exit status: 0 done, 1 something failed, 130 interrupted. A wrong call leaves by
        argparse with 2.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    wanted = arguments[0] if arguments else ""
    try:
        if wanted == SUGGEST:
            # Photos and options may come in any order, which a subparser cannot read.
            status: int = importlib.import_module(COMMANDS[SUGGEST][0]).main(arguments[1:])
            return status
        return _run_subcommand(wanted, arguments)
    except KeyboardInterrupt:
        return 130


def _run_subcommand(wanted: str, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m engine", description="Photo + prefix → ranked hashtags."
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (_, summary) in COMMANDS.items():
        if name != wanted:
            subparsers.add_parser(name, help=summary)
    if wanted not in COMMANDS:
        parser.parse_args(arguments)  # --help, or what is wrong with the call: leaves
    command = importlib.import_module(COMMANDS[wanted][0])
    command.add_parser(subparsers)
    status: int = command.run(parser.parse_args(arguments))
    return status
