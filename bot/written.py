"""Hashtags out of what people write. Pure.

Hashtags that stand by themselves (on a line of their own, or at the end of one) are taken out, and
what only separated them goes with them. One that is a word of a sentence stays there as a word:
"A day at the #beach with #friends".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine import normalise_tag, spell_tag

TAG_LENGTH = 200
"""Characters of a typed hashtag; a longer one stays an ordinary word."""

_SIGNS = "#＃"
_SIGN = re.compile(f"[{_SIGNS}]")
_GLUE = re.compile(r"[\w#＃&/]")
_JOINERS = "\u200c\u200d\u00b7\u30fb"
_MARK = re.compile(r"[-‐‑'’]")
_WITHIN = re.compile(rf"{_MARK.pattern}(?!s\b)(?=[^\W\d_])")  # rock-n-roll, don't; but not cat's
_NUMBER = re.compile(r"\s*\d{1,3}[.)]\s+(?=[#＃])")  # of a list
_WORD = re.compile(r"[^\W_]+")
_AND = frozenset(("and", "und", "y", "и", "と", "和"))
_SENTENCE_ENDS = re.compile(r"[.!?…。！？:：]\s*$")
_BEFORE, _AFTER = " \t,;、，|/([{–—-", " \t,;.、，。|/)]}–—-"


@dataclass(frozen=True)
class Written:
    """What a person wrote: the words without the hashtags, and the hashtags as they are spelled."""

    words: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class _Tag:
    """Where a hashtag begins and ends, the sign included, and what stands between."""

    start: int
    stop: int
    tag: str


def read(text: str) -> Written:
    """Take the hashtags out of a text, in order; of several spellings of one the first counts."""
    tags: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        line = _NUMBER.sub("", line, count=1) if _NUMBER.match(line) else line
        found = list(_tags(line))
        tags += [one.tag for one in found]
        rest = _without(line, found) if found else line.strip()
        if rest or not found:
            lines.append(rest)
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if _SIGN.search(text) and not any(map(_says_something, words)):
        words = ""  # a sign without a hashtag, or what stood between some
    return Written(words, once(tags))


def once(tags: Iterable[str]) -> tuple[str, ...]:
    """Hashtags in order, each as it is spelled first."""
    spelled: dict[str, str] = {}
    for tag in tags:
        spelled.setdefault(normalise_tag(tag), tag)
    return tuple(spelled.values())


def read_word(word: str) -> tuple[str, ...]:
    """The hashtags that a word means, with or without its sign.

    Without one its capitals are those of a sentence, or of a phone's keyboard.
    """
    if _SIGN.match(word):
        return read(f"#{word.lstrip(_SIGNS)}").tags
    return tuple(map(normalise_tag, read(f"#{word}").tags))


def _tags(line: str) -> Iterator[_Tag]:
    last = 0
    for sign in _SIGN.finditer(line):
        # Not inside a word or an address; but of "#sea#sun" both are meant.
        before = line[last : sign.start()]
        if before and not (last and before == "/") and _GLUE.match(before[-1]):
            continue
        stop = sign.end()
        while stop < len(line) and (
            _may_stand_in_tag(line[stop]) or (stop > sign.end() and _WITHIN.match(line, stop))
        ):
            stop += 1
        body = _MARK.sub("", line[sign.end() : stop])
        # "We are #1" holds no hashtag: one needs something besides digits.
        if 0 < len(body) <= TAG_LENGTH and any(unicodedata.category(c)[0] in "LS" for c in body):
            yield _Tag(sign.start(), stop, spell_tag(body))
            last = stop


def _may_stand_in_tag(character: str) -> bool:
    """Letters, marks and digits of any script, underscores, emoji and what joins them."""
    category = unicodedata.category(character)
    return category[0] in "LMN" or category in ("Pc", "So", "Sk") or character in _JOINERS


def _without(line: str, tags: Sequence[_Tag]) -> str:
    """A line without its hashtags, but for those that are words of it."""
    stops = [0, *(one.stop for one in tags)]
    starts = [*(one.start for one in tags), len(line)]
    gaps = [line[stop:start] for stop, start in zip(stops, starts, strict=True)]
    if {word.lower() for gap in gaps for word in _WORD.findall(gap)} <= _AND:
        gaps = [_WORD.sub("", gap) for gap in gaps]  # a list, and no sentence
    parts: list[str] = []
    spoken = False  # a hashtag before was a word
    place = 0
    while place < len(tags):
        end = place + 1
        while end < len(tags) and not _has_words(gaps[end]):
            end += 1
        spoken = _is_spoken(gaps, place, end, spoken)
        for number in range(place, end):
            if spoken:
                parts += [gaps[number], line[tags[number].start + 1 : tags[number].stop]]
            else:
                gaps[number] = gaps[number].rstrip(_BEFORE)
                gaps[number + 1] = f" {gaps[number + 1].lstrip(_AFTER)}"
                parts.append(_kept(gaps[number]))
        place = end
    parts.append(gaps[-1] if spoken else _kept(gaps[-1]))
    return " ".join("".join(parts).split())


def _is_spoken(gaps: Sequence[str], place: int, end: int, spoken: bool) -> bool:
    """Whether the hashtags from ``place`` to ``end``, with no word between them, are words of the
    sentence around them.

    Args:
        spoken: Whether one before them in the same line was.
    """
    before, after = gaps[place], gaps[end]
    alone = end - place == 1
    if not _has_words(after):  # the last ones of the line
        begins = _SENTENCE_ENDS.search(before)
        return alone and spoken and _has_words(before) and not begins
    goes_on = next(c for c in after if c.isalpha() or c.isdigit()).islower()
    if not _has_words(before) and not place:
        return alone and goes_on
    return goes_on or not _SENTENCE_ENDS.search(before)


def _has_words(gap: str) -> bool:
    return any(unicodedata.category(one)[0] in "LN" for one in gap)


def _says_something(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LN" or category in ("So", "Me")


def _kept(gap: str) -> str:
    """What stands between hashtags that go: nothing where it only separated them."""
    return gap if any(map(_says_something, gap)) else " "
