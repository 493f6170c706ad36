"""Prints the hashtags that people are shown most: how often each stands among the first ten of a
photo that training never saw, before and after a tap on the first one, and which of them
engine/lists/languages.tsv lacks.

Usage: python scripts/most_shown.py --data DIR [--checkpoint DIR] [--number 200] [--limit N]
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from engine.evaluate.quality import first_pages, pages_after, photo_queries
from engine.evaluate.rankers import page_ranker
from engine.evaluate.world import World, read_world

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "engine" / "lists" / "languages.tsv"


def most_shown(world: World) -> Counter[str]:
    """Tag → on so many pages it stands, over two pages for each held-back photo."""
    asked, ranker = photo_queries(world), page_ranker(world.decoder)
    shown = (*first_pages(ranker, asked), *pages_after(ranker, asked))
    return Counter(tag for one in shown for tag in one.page)


def translated() -> dict[str, dict[str, str]]:
    """English hashtag → language → theirs, or "-" where people post the English one."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    (_, *languages), *rows = [line.split("\t") for line in lines]
    return {tag: dict(zip(languages, theirs, strict=True)) for tag, *theirs in rows}


def report(counts: Counter[str], table: dict[str, dict[str, str]], number: int) -> list[str]:
    """Lines: the most shown with their counts, and below what the table has of them."""
    first = counts.most_common(number)
    lacking = [tag for tag, _ in first if tag not in table]
    rows = [table[tag] for tag, _ in first if tag in table]
    words = Counter(language for row in rows for language, word in row.items() if word != "-")
    everything = counts.total()
    share = sum(times for tag, times in counts.items() if tag in table) / everything
    return [
        *(
            f"{place:4}  {times:7,}  {tag}{'' if tag in table else '  (no row)'}"
            for place, (tag, times) in enumerate(first, 1)
        ),
        "",
        f"Shown: {len(counts):,} different hashtags, {everything:,} times in all.",
        f"With a row: {len(rows)} of the first {len(first)}, and {share:.1%} of what was shown.",
        "With a word that is not the English one, of these: "
        + ", ".join(f"{language} {times}" for language, times in words.items()),
        f"Without a row: {' '.join(lacking) or 'none'}",
    ]


def main() -> None:
    """Read the pack, rank, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data pack")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "weights")
    parser.add_argument("--number", type=int, default=200, help="so many are printed")
    parser.add_argument("--limit", type=int, help="at most so many photos of a set")
    arguments = parser.parse_args()
    world = read_world(arguments.checkpoint, arguments.data, limit=arguments.limit)
    print("\n".join(report(most_shown(world), translated(), arguments.number)))


if __name__ == "__main__":
    main()
