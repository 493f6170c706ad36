"""What a tap on a button does: checked, written down, answered, and drawn."""

from __future__ import annotations

from bot import texts, troubles, views
from bot.albums import Albums
from bot.callbacks import Action, Press, unpack
from bot.events import ButtonTapped, StepTapped
from bot.finish import Finish
from bot.history import Standing, fold
from bot.meant import STEPPING, Asked, refusal, seen
from bot.panels import Panels
from bot.search import Search
from bot.sender import Sender
from bot.why import Why
from storage import Scene, Session, Storage

_LOOKING = frozenset({Action.LOOK, Action.WHY_TAG})


class Taps:
    """Handles taps."""

    def __init__(
        self,
        bot_id: int,
        storage: Storage,
        panels: Panels,
        finish: Finish,
        sender: Sender,
        why: Why,
        albums: Albums,
        search: Search,
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._panels = panels
        self._finish = finish
        self._sender = sender
        self._why = why
        self._albums = albums
        self._search = search

    def asked(self, tap: ButtonTapped) -> Asked | None:
        """What a tap asks for, where that is a step of its session; not if its keyboard is needed
        and missing."""
        press = unpack(tap.data)
        if press is None or press.action not in STEPPING:
            return None
        if press.action is Action.MORE and not tap.keyboard:
            return None
        return Asked(self._bot_id, press, tap, self._panels.styled)

    def looks(self, tap: ButtonTapped) -> bool:
        """Whether a tap asks to look at a photo."""
        press = unpack(tap.data)
        return press is not None and press.action in _LOOKING

    async def tapped(self, tap: ButtonTapped) -> None:
        """Do what the button says.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        if isinstance(tap, StepTapped):
            await self._stepped(tap, tap.scene, tap.told)
            return
        asked = self.asked(tap)
        if asked is not None:
            await self._step(asked)
            return
        press = unpack(tap.data)
        if press is None:
            self._answer(tap, "old-button")
            return
        scene = await self._storage.scene(press.session_id)
        refused = refusal(scene, self._bot_id, press, tap)
        if scene is None or refused:
            self._answer(tap, refused)
            return
        session, standing = scene.session, fold(scene.picks)
        if press.action not in (Action.EDIT, Action.DONE):  # what is no step is noted all the same
            session = await self._storage.update_session(session.id)
        if press.action is Action.EDIT:
            await self._finish.reopen(session, tap.query_id)
        elif press.action is Action.DONE:
            await self._finish.done(session, tap.query_id)
        elif press.action is Action.LOOK:
            self._sender.answer(tap.query_id)
            await self._panels.open(session)
        elif press.action is Action.JOIN:
            await self._albums.join(session, tap)
        elif press.action is Action.BACK:
            self._sender.answer(tap.query_id)
            await self._panels.draw(session.id)
        elif press.action is Action.SEARCH:
            self._sender.answer(tap.query_id)
            await self._search.ask(session, tap.origin)
        elif press.action is Action.WHY_TAG:
            await self._panels.draw(session.id)
            await self._why.explain(session, standing, press, tap)
        else:
            await self._about_shown(scene, standing, press, tap)

    async def _about_shown(
        self, scene: Scene, standing: Standing, press: Press, tap: ButtonTapped
    ) -> None:
        """Do what is about the suggestions that a person sees: Why?, Similar…, and More on an old
        message."""
        try:
            shown = await self._seen(scene.session, standing, tap)
        except troubles.PASSING as error:
            self._sender.answer(tap.query_id, troubles.sentence(error, tap.origin.language))
            return
        if press.action in (Action.WHY, Action.LIKE):
            await self._choose(scene, standing, press, tap, shown)
        else:
            await self._step(Asked(self._bot_id, press, tap, self._panels.styled, shown))

    async def _choose(
        self,
        scene: Scene,
        standing: Standing,
        press: Press,
        tap: ButtonTapped,
        shown: tuple[str, ...],
    ) -> None:
        """Ask in place for the tag that is to be explained, or of which more is wanted."""
        session = scene.session
        tags = tuple(dict.fromkeys((*standing.prefix, *shown)))
        if not tags:
            self._answer(tap, "nothing-more")
            return
        self._sender.answer(tap.query_id)
        action = Action.WHY_TAG if press.action is Action.WHY else Action.LIKE_TAG
        view = views.choice(session, standing, self._panels.styled(scene), action, tags)
        await self._panels.show(session, view)

    def _answer(self, tap: ButtonTapped, message_id: str) -> None:
        self._sender.answer(tap.query_id, texts.say(tap.origin.language, message_id))

    async def _step(self, asked: Asked) -> None:
        """Add, take out, turn the page, undo."""
        after = await self._storage.step(asked.stepping)
        if after is None:
            self._answer(asked.tap, "old-button")
        else:
            await self._stepped(asked.tap, after, asked.told)

    async def _stepped(self, tap: ButtonTapped, after: Scene, told: str) -> None:
        if told:
            self._sender.answer(tap.query_id, told)
            return
        sign = _sign(tap, after.session)
        try:
            await self._panels.paint(after)
        finally:  # what a person looks at leaves first
            self._sender.answer(tap.query_id, sign)

    async def _seen(
        self, session: Session, standing: Standing, tap: ButtonTapped
    ) -> tuple[str, ...]:
        """The suggestions that a person passes over: those that they saw.

        Raises:
            EngineBusy, EngineUnavailable, NotFetched: later it may be known.
            EngineClosed: the engine is shutting down.
        """
        if tap.keyboard:
            return seen(standing, tap)
        # Telegram shows old messages without their buttons.
        return await self._panels.offered(session.id)


def _sign(tap: ButtonTapped, session: Session) -> str:
    """What shows that a tag was taken where the caption is not to be seen: beside a search."""
    press = unpack(tap.data)
    if press is None or press.action is not Action.ADD:
        return ""
    return "" if tap.origin.message_id == session.panel_message_id else f"✓ #{press.argument}"
