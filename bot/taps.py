"""What a tap on a button does: checked, written down, answered, and drawn."""

from __future__ import annotations

from bot import texts, views
from bot.albums import Albums
from bot.callbacks import Action, Press, unpack
from bot.caption import read
from bot.charge import may_choose
from bot.events import ButtonTapped
from bot.finish import Finish
from bot.history import Standing, fold, steps
from bot.keyboard import offered
from bot.panels import Panels
from bot.photos import NotFetched
from bot.search import Search
from bot.sender import Sender
from bot.taste import STEPS
from bot.why import Why
from engine import EngineBusy
from storage import Pick, PickKind, Scene, Session, SessionState, Storage

Step = tuple[PickKind, str | None]

_STEPS = frozenset(
    {
        Action.ADD,
        Action.REMOVE,
        Action.LIKE_TAG,
        Action.SURPRISE,
        Action.RESTART,
        Action.UNDO,
        Action.MORE,
    }
)
"""What is written down as a step of the session, and drawn."""


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

    async def tapped(self, tap: ButtonTapped) -> None:
        """Do what the button says.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        press = unpack(tap.data)
        recent = STEPS if press and press.action in _STEPS else 0
        scene = await self._storage.scene(press.session_id, recent=recent) if press else None
        if press is None or scene is None or not self._belongs(scene.session, tap):
            self._answer(tap, "old-button")
            return
        session, standing = scene.session, fold(scene.picks)
        if not may_choose(session, tap.origin, scene.settings):
            self._answer(tap, "not-yours")
        elif press.action is Action.EDIT:
            await self._finish.reopen(session, tap.query_id)
        elif press.action is Action.DONE and session.state is not SessionState.CANCELLED:
            await self._finish.done(session, tap.query_id)
        elif session.state is not SessionState.OPEN:
            done = session.state is SessionState.DONE
            self._answer(tap, "session-done" if done else "session-cancelled")
        elif press.action is Action.LOOK:
            self._sender.answer(tap.query_id)
            await self._panels.open(session)
        elif press.action is Action.JOIN:
            await self._albums.join(session, tap)
        elif press.action in (Action.WHY, Action.LIKE):
            await self._choose(scene, standing, press, tap)
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
            await self._step(scene, standing, press, tap)

    async def _choose(
        self, scene: Scene, standing: Standing, press: Press, tap: ButtonTapped
    ) -> None:
        """Ask in place for the tag that is to be explained, or of which more is wanted."""
        session = scene.session
        shown = await self._seen(session, standing, tap)
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

    def _belongs(self, session: Session, tap: ButtonTapped) -> bool:
        return session.bot_id == self._bot_id and session.chat_id == tap.origin.chat_id

    async def _step(
        self, scene: Scene, standing: Standing, press: Press, tap: ButtonTapped
    ) -> None:
        """Add, take out, turn the page, undo."""
        meant = await self._meant(scene, standing, press, tap)
        if isinstance(meant, str):
            self._sender.answer(tap.query_id, meant)
            return
        after = await self._storage.step(scene, *meant, key=tap.query_id, recent=STEPS)
        if after is None:
            self._answer(tap, "old-button")
            return
        try:
            await self._panels.paint(after)
        finally:  # what a person looks at leaves first
            self._sender.answer(tap.query_id)

    async def _meant(
        self, scene: Scene, standing: Standing, press: Press, tap: ButtonTapped
    ) -> Step | str:
        """The step that a press means, or a short answer in its place."""
        language, picks = tap.origin.language, scene.picks
        match press.action:
            case Action.ADD:
                if read(f"#{press.argument}").tags != (press.argument,):
                    return texts.say(language, "old-button")
                tags = tuple(dict.fromkeys((*standing.prefix, press.argument)))
                style = self._panels.styled(scene)
                full = style.too_many(tags) or style.overlong(standing.text(scene.session), tags)
                return full or (PickKind.ADD, press.argument)
            case Action.REMOVE:
                # One that is out already (two taps on its button) is not worth a complaint.
                tag = next((one.tag for one in picks if _brought(one, press.argument)), None)
                return (PickKind.REMOVE, tag) if tag else texts.say(language, "old-button")
            case Action.LIKE_TAG:
                if read(f"#{press.argument}").tags != (press.argument,):
                    return texts.say(language, "old-button")
                return PickKind.LIKE, press.argument
            case Action.SURPRISE:
                return PickKind.SURPRISE, None
            case Action.RESTART:
                return PickKind.RESTART, None
            case Action.UNDO:
                if not steps(picks):
                    return texts.say(language, "nothing-to-undo")
                return PickKind.UNDO, None
            case _:
                passed = await self._seen(scene.session, standing, tap)
                if not passed:
                    return texts.say(language, "nothing-more")
                return PickKind.MORE, " ".join(passed)

    async def _seen(
        self, session: Session, standing: Standing, tap: ButtonTapped
    ) -> tuple[str, ...]:
        """The suggestions that a person passes over: those that they saw."""
        if tap.keyboard:
            # Of an older keyboard some may have been chosen since.
            return tuple(one for one in offered(tap.keyboard) if one not in standing.prefix)
        try:  # Telegram shows old messages without their buttons
            return await self._panels.offered(session.id)
        except (EngineBusy, NotFetched):
            return ()


def _brought(pick: Pick, number: str) -> bool:
    """Whether it is the pick of that number, and added a tag."""
    return str(pick.id) == number and pick.kind in (PickKind.ADD, PickKind.OWN)
