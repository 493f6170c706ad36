"""Why?: where in the photo a tag comes from, as a picture with one plain sentence."""

from __future__ import annotations

from dataclasses import replace

from bot import texts, troubles
from bot.callbacks import Press
from bot.events import ButtonTapped
from bot.eyes import Eyes, Frame
from bot.gallery import Gallery
from bot.history import Standing
from bot.panels import where
from bot.photos import Photos
from bot.sender import Sender
from engine import (
    EmbeddingMismatch,
    Heatmap,
    ImageEmbedding,
    NoHeatmap,
    Recommender,
    UnknownTag,
    Wording,
    draw_heatmap,
)
from storage import Session

_STEPS = 5
"""Maps of one picture at most: more would be too small on a phone."""

_RANKED = 200
_SPOTS = (("top-left", "top", "top-right"), ("left", "middle", "right"),
          ("bottom-left", "bottom", "bottom-right"))  # fmt: skip


class Why:
    """Explains tags.

    Args:
        recommender: Knows which of several photos a tag comes from.
        photos: Fetches and explains.
        eyes: Knows the photos of a session.
        gallery: Sends the picture.
        sender: Answers taps.
    """

    def __init__(
        self, recommender: Recommender, photos: Photos, eyes: Eyes, gallery: Gallery, sender: Sender
    ) -> None:
        self._recommender = recommender
        self._photos = photos
        self._eyes = eyes
        self._gallery = gallery
        self._sender = sender

    async def explain(
        self, session: Session, standing: Standing, press: Press, tap: ButtonTapped
    ) -> None:
        """Send the picture, or say in the answer to the tap why there is none.

        Args:
            session: Whose photo.
            standing: Where it stands; of a chosen tag only what was chosen before it counts.
            press: Carries the tag.
            tap: Is answered in the end: until then its button shows that it waits.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        tag, language = press.argument, tap.origin.language
        prefix = standing.prefix
        if tag in prefix:
            prefix = prefix[: prefix.index(tag)]
        self._sender.typing(where(session), photo=True)
        try:
            frame = await self._frame(session, prefix, tag)
            heatmap = await self._photos.explain(frame.file_id, session.chat_id, prefix, tag)
        except UnknownTag:
            self._sender.answer(tap.query_id, texts.say(language, "why-unknown", tag=_short(tag)))
        except NoHeatmap:
            self._sender.answer(tap.query_id, texts.say(language, "why-none", tag=_short(tag)))
        except (*troubles.PASSING, *troubles.FINAL) as error:
            self._sender.answer(tap.query_id, troubles.sentence(error, language))
        else:
            picture = await draw_heatmap(
                shortened(heatmap), phone=True, wording=lettering(language)
            )
            self._sender.answer(tap.query_id)
            words = sentence(language, heatmap)
            await self._gallery.picture(where(session), picture, words, tap.origin.message_id)

    async def _frame(self, session: Session, prefix: tuple[str, ...], tag: str) -> Frame:
        """The photo of a session that a tag comes from: the one for which it ranks highest."""
        frames = await self._eyes.frames(session)
        if len(frames) == 1:
            return frames[0]
        scores = [await self._score(session, one, prefix, tag) for one in frames]
        return frames[scores.index(max(scores))]

    async def _score(
        self, session: Session, frame: Frame, prefix: tuple[str, ...], tag: str
    ) -> float:
        if frame.embedding is None:
            return -1.0
        try:
            answer = await self._recommender.suggest(
                ImageEmbedding.from_bytes(frame.embedding),
                prefix,
                k=_RANKED,
                caller=session.chat_id,
            )
        except EmbeddingMismatch:
            return -1.0
        return next((one.score for one in answer.items if one.tag == tag), 0.0)


def shortened(heatmap: Heatmap) -> Heatmap:
    """A heat map with the one before any tag and the last ones, as many as a phone can show."""
    if len(heatmap.earlier) < _STEPS:
        return heatmap
    first, *others = heatmap.earlier
    return replace(heatmap, earlier=(first, *others[2 - _STEPS :]))


def lettering(language: str | None) -> Wording:
    """What stands on the picture."""

    def say(name: str, *, tag: str, value: str) -> str:
        return texts.say(language, f"map-{name}", tag=tag, value=value)

    return say


def sentence(language: str | None, heatmap: Heatmap) -> str:
    """Where in the photo a tag comes from, and how much from the photo and the chosen tags."""
    photo, tags = heatmap.lift.from_photo, heatmap.lift.from_tags
    tag, spot = f"#{heatmap.tag}", texts.say(language, f"place-{place(heatmap)}")
    if not heatmap.prefix:
        which = "why-photo" if photo > 0 else "why-neither"
        return texts.say(language, which, tag=tag, place=spot)
    if photo > 0 and tags > 0:
        share = round(100 * photo / (photo + tags))
        return texts.say(language, "why-both", tag=tag, place=spot, photo=share, tags=100 - share)
    if photo > 0:
        return texts.say(language, "why-photo-alone", tag=tag, place=spot)
    return texts.say(language, "why-tags-alone" if tags > 0 else "why-neither", tag=tag)


def place(heatmap: Heatmap) -> str:
    """The ninth of the photo in which most speaks for the tag."""
    left, top, right, bottom = heatmap.crop
    sums = [[0.0] * 3 for _ in range(3)]
    for number, cell in enumerate(heatmap.lift.cells):
        row, column = divmod(number, heatmap.columns)
        x = left + (right - left) * (column + 0.5) / heatmap.columns
        y = top + (bottom - top) * (row + 0.5) / heatmap.rows
        sums[min(2, int(3 * y))][min(2, int(3 * x))] += max(0.0, cell)
    _, row, column = max((sums[y][x], y, x) for y in range(3) for x in range(3))
    return _SPOTS[row][column]


def _short(tag: str) -> str:
    return f"#{tag if len(tag) <= 60 else tag[:59] + '…'}"
