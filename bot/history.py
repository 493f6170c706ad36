"""Folds the picks of a session into where the person stands now. Pure.

Picks are only ever appended; this is the one place that says what they add up to. A step that
changes nothing (a tag tapped twice, a removal of what is not there) is no step: Undo skips it. All
that came at once (the words and hashtags of a message, a saved set) is one step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from storage import Pick, PickKind, Session
from storage.steps import step_of, tag_of


@dataclass(frozen=True)
class Chosen:
    """A tag of the caption.

    Attributes:
        spelled: The picks that named it, each with its own spelling, oldest first: the first one
            brought it.
    """

    tag: str
    spelled: tuple[tuple[int, str], ...]

    @property
    def pick_id(self) -> int:
        """The pick that brought it."""
        return self.spelled[0][0]

    @property
    def written(self) -> str:
        """As it stands in the caption, capitals and all."""
        return self.spelled[-1][1]


@dataclass(frozen=True)
class Standing:
    """Where a session stands.

    Attributes:
        chosen: The caption's tags, in the order in which they were chosen.
        passed: Tags that were shown and passed over with More.
        like: The tag that more was asked of the like of; the next tag that joins ends that.
        surprise: The pick that asked for less obvious suggestions, 0 where none did; the next
            tag, More or Similar ends that.
        words: Typed to stand above the tags; None where those of the photo's caption do.
    """

    chosen: tuple[Chosen, ...] = ()
    passed: tuple[str, ...] = ()
    like: str | None = None
    surprise: int = 0
    words: str | None = None

    @property
    def prefix(self) -> tuple[str, ...]:
        """The chosen tags alone."""
        return tuple(one.tag for one in self.chosen)

    @property
    def written(self) -> tuple[str, ...]:
        """The same as they stand in the caption."""
        return tuple(one.written for one in self.chosen)

    def spelling(self, tag: str) -> str:
        """A tag as it stands in the caption, or as it is where it does not."""
        return next((one.written for one in self.chosen if one.tag == tag), tag)

    def text(self, session: Session) -> str:
        """The words above the tags."""
        return session.text if self.words is None else self.words

    def after(self, pick: Pick) -> Standing:
        """Where it stands after one more pick (an undo is not known here)."""
        written = pick.tag or ""
        tag = tag_of(written)
        match pick.kind:
            case PickKind.ADD | PickKind.OWN if tag and tag not in self.prefix:
                chosen = (*self.chosen, Chosen(tag, ((pick.id, written),)))
                return replace(self, chosen=chosen, like=None, surprise=0)
            case PickKind.OWN:  # at most the spelling is new
                named = (pick.id, written)
                chosen = tuple(
                    replace(one, spelled=(*one.spelled, named))
                    if one.tag == tag and one.written != written
                    else one
                    for one in self.chosen
                )
                return replace(self, chosen=chosen)
            case PickKind.TEXT:
                return replace(self, words=written)
            case PickKind.REMOVE:
                kept = tuple(one for one in self.chosen if one.tag != tag)
                return replace(self, chosen=kept)
            case PickKind.MORE:
                new = [shown for shown in tag.split() if shown not in self.passed]
                return replace(self, passed=(*self.passed, *new), surprise=0)
            case PickKind.LIKE:
                return replace(self, like=tag or None, surprise=0)
            case PickKind.SURPRISE:
                return replace(self, surprise=pick.id)
            case PickKind.RESTART:
                return Standing(words="")
            case _:
                return self


def fold(picks: Iterable[Pick]) -> Standing:
    """Where a session stands after its picks, oldest first."""
    return _walk(picks)[1]


def steps(picks: Iterable[Pick]) -> int:
    """How many steps Undo can take back."""
    return len(_walk(picks)[0])


def _walk(picks: Iterable[Pick]) -> tuple[list[Standing], Standing]:
    """All standings that can be gone back to, and the present one."""
    past: list[Standing] = []
    now = Standing()
    for _, step in groupby(picks, lambda pick: step_of(pick.key)):
        then = now
        for pick in step:
            if pick.kind is PickKind.UNDO:
                then = now = past.pop() if past else now
            else:
                now = now.after(pick)
        if now != then:
            past.append(then)
    return past, now
