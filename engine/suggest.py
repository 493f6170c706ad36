"""``python -m engine suggest``: hashtags for photos on the command line, without a bot.

Jobs come in (`engine.jobs`), go through the engine several at a time (`engine.answers`), and
are printed in the order in which they came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import IO

from engine import open_recommender
from engine.answers import Answer, answer_all
from engine.door import EngineError
from engine.jobs import Job, jobs_of, read_jobs
from engine.tags import normalise_tag
from engine.usage import positive

PROGRAM = "python -m engine suggest"


def main(arguments: Sequence[str]) -> int:
    """Answer everything that is asked.

    Args:
        arguments: What follows ``suggest``.

    Returns:
        0, or 1 when something failed; the reasons are on standard error.
    """
    args = parse(arguments)
    jobs = read_jobs(args.jobs, args.prefix) if args.jobs else jobs_of(args.photo, args.prefix)
    try:
        return asyncio.run(_print_answers(jobs, args))
    except (EngineError, OSError) as error:
        if isinstance(error, BrokenPipeError):  # whoever read the answers has left
            # Python flushes at exit, and would complain a second time.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        else:
            print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 1


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command's arguments; leaves with status 2 and a clear message if they are wrong."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} PHOTO [PHOTO ...] [--prefix TAG ...] [--k N] [--json]\n"
        f"       {PROGRAM} --jobs FILE [--prefix TAG ...] [--k N]",
        description="Suggest hashtags for photos.",
        epilog="-- ends the options, and the words of --prefix: --prefix beach sunset -- a.jpg",
    )
    parser.add_argument("photo", metavar="PHOTO", nargs="*", help="a picture file")
    parser.add_argument(
        "--prefix",
        metavar="TAG",
        nargs="*",
        action="extend",
        default=[],
        help="hashtags chosen so far, in order; a job that brings its own keeps to those",
    )
    parser.add_argument(
        "--k", metavar="N", type=positive, default=10, help="suggestions a photo (default: 10)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a photo and line")
    parser.add_argument(
        "--jobs",
        metavar="FILE",
        type=_stream,
        help='read JSON Lines {"photo": "a.jpg", "prefix": ["beach"]} from FILE, or from standard '
        "input where it is -, and answer each with one line of JSON",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="DIR",
        help="folder of a head of one's own (default: the shipped one); where no encoder lies "
        "beside it, the shipped one looks at the photos",
    )
    options, photos = list(arguments), []
    if "--" in options:  # by hand: argparse gives up on it where photos and options are mixed
        end = options.index("--")
        options, photos = options[:end], options[end + 1 :]
    args = parser.parse_intermixed_args(options)
    args.photo += photos
    if args.jobs is None and not args.photo:
        parser.error("no PHOTO given (after the words of --prefix, photos follow a --)")
    if args.jobs is not None and args.photo:
        parser.error("give PHOTO or --jobs, not both")
    return args


async def _print_answers(jobs: AsyncIterator[Job], args: argparse.Namespace) -> int:
    """Open the engine, print every answer as soon as it is its turn, and return the status."""
    engine = await open_recommender("local", args.checkpoint)
    status = 0
    try:
        async with aclosing(answer_all(engine, jobs, args.k)) as answers:
            async for answer in answers:
                if answer.error is not None:
                    status = 1
                    photo = "a job" if answer.job.photo is None else answer.job.photo
                    complaint = _printable(f"{PROGRAM}: {photo}: {answer.error}")
                    print(complaint, file=sys.stderr)
                if args.jobs is not None or (args.json and answer.error is None):
                    print(as_json(answer), flush=True)
                elif answer.error is None:
                    print(as_table(answer), flush=True)
    finally:
        await engine.close()
    return status


def as_json(answer: Answer) -> str:
    """One line: the photo as it was given, and its suggestions or the error in their place."""
    line: dict[str, object] = {"photo": answer.job.photo}
    if answer.suggestions is None:
        line["error"] = answer.error
    else:
        line["suggestions"] = [
            {"tag": each.tag, "score": round(each.score, 6)} for each in answer.suggestions.items
        ]
    return json.dumps(line)


def as_table(answer: Answer) -> str:
    """A few lines for people: the photo, how unknown words were read, the ranked tags."""
    assert answer.suggestions is not None
    chosen = [f"#{tag}" for tag in map(normalise_tag, answer.job.prefix) if tag]
    lines = [_printable(" ".join([answer.job.photo, *chosen]))]
    for tag, near in answer.suggestions.relatives.items():
        read_as = "read as " + " ".join(f"#{each}" for each in near) if near else "not known"
        lines.append(_printable(f"      (#{tag}: {read_as})"))
    width = max((len(each.tag) for each in answer.suggestions.items), default=0)
    lines += [
        f"  {rank:2}  #{each.tag:<{width}}  {each.score:.3f}"
        for rank, each in enumerate(answer.suggestions.items, 1)
    ]
    return "\n".join(lines)


def _printable(text: str) -> str:
    """What a terminal can show of a path or a word, whatever bytes it was made of."""
    return text.encode("utf-8", "replace").decode()


def _stream(name: str) -> IO[bytes]:
    """Open the file of ``--jobs``."""
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot read {name!r}: {error.strerror}") from error
