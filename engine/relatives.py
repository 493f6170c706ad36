"""Known relatives of a tag that the vocabulary lacks: how `#ourdog` steers as `#dog` does.

Pure: spelling rules over the vocabulary, after what the posts taught (`Head.relatives`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from engine.vocabulary import Vocabulary

# Parts that people put around the word that carries the meaning.
_BEFORE = ("instagram", "insta", "ilove", "iheart", "our", "my", "the", "best", "daily", "love")
_AFTER = (
    "oftheday", "ofinstagram", "ofinsta", "stagram", "gram", "photography", "photo", "lovers",
    "lover", "addict", "addicted", "time", "life", "love", "porn", "pics", "pic", "shot", "day",
    "vibes", "goals", "selfie", "daily", "lady", "world", "ig", "s", "es", "ing", "er", "y",
)  # fmt: skip
_MIN_PART = 3


def find_relatives(
    tag: str,
    vocabulary: Vocabulary,
    forms: Mapping[str, str],
    learned: Mapping[str, tuple[str, ...]],
    foreign: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """Return the known tags nearest to an unknown one, best first, at most three.

    In this order: its usual form, what it means in another language, what posts write it with,
    the word within its affixes, the words that it is composed of. Empty where none came near.
    """
    form = forms.get(tag)
    if form in vocabulary:
        return (form,) if form else ()
    for known in (foreign, learned):
        near = tuple(other for other in known.get(tag, ()) if other in vocabulary)
        if near:
            return near[:3]
    stem = _within_affixes(tag, vocabulary, forms)
    if stem:
        return (stem,)
    return _parts(tag, vocabulary, forms)


def _known(word: str, vocabulary: Vocabulary, forms: Mapping[str, str]) -> str | None:
    """The word itself, its usual form, its plural or its singular, if known."""
    candidates = (word, forms.get(word, ""), word + "s", word.removesuffix("s"), word + "es")
    for candidate in candidates:
        if len(candidate) >= _MIN_PART and candidate in vocabulary:
            return candidate
    return None


def _within_affixes(tag: str, vocabulary: Vocabulary, forms: Mapping[str, str]) -> str | None:
    befores = ("", *(part for part in _BEFORE if tag.startswith(part)))
    afters = ("", *(part for part in _AFTER if tag.endswith(part)))
    best: str | None = None
    length = 0
    for before in befores:
        for after in afters:
            word = tag[len(before) : len(tag) - len(after)]
            if len(word) <= max(length, _MIN_PART - 1):
                continue
            known = _known(word, vocabulary, forms)
            if known:
                best, length = known, len(word)
    return best


def _parts(tag: str, vocabulary: Vocabulary, forms: Mapping[str, str]) -> tuple[str, ...]:
    """Split a compound into known words so that they cover most of its letters."""

    @cache
    def cover(start: int) -> tuple[int, tuple[str, ...]]:
        if start >= len(tag):
            return 0, ()
        best = cover(start + 1)
        for stop in range(start + _MIN_PART, len(tag) + 1):
            known = _known(tag[start:stop], vocabulary, forms)
            if known:
                letters, rest = cover(stop)
                # A little dearer per part, so that long words win over their pieces.
                value = (letters + (stop - start) * 10 - 5, (known, *rest))
                if value[0] > best[0]:
                    best = value
        return best

    if len(tag) > 60:
        return ()
    letters, parts = cover(0)
    if letters + 5 * len(parts) < 6 * len(tag):  # less than 60 % of the letters are explained
        return ()
    return tuple(dict.fromkeys(sorted(parts, key=len, reverse=True)))[:3]
