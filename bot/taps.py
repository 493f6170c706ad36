"""What a tap on a button does: checked, written down, answered, and drawn."""

from __future__ import annotations

from bot import texts
from bot.callbacks import Action, Press, unpack
from bot.caption import TAGS_LIMIT, read
from bot.events import ButtonTapped
from bot.finish import Finish
from bot.history import Standing, fold, steps
from bot.keyboard import offered
from bot.panels import Panels
from bot.photos import NotFetched
from bot.sender import Sender
from engine import EngineBusy
from storage import Pick, PickKind, Session, SessionState, Storage

Step = tuple[PickKind, str | None]


class Taps:
    """Handles taps."""

    def __init__(
        self, bot_id: int, storage: Storage, panels: Panels, finish: Finish, sender: Sender
    ) -> None:
        self._bot_id = bot_id
        self._storage = storage
        self._panels = panels
        self._finish = finish
        self._sender = sender

    async def tapped(self, tap: ButtonTapped) -> None:
        """Do what the button says.

        Raises:
            ChatGone: the chat cannot be written to.
            EngineClosed: the engine is shutting down.
        """
        press = unpack(tap.data)
        found = await self._storage.session_and_picks(press.session_id) if press else None
        if press is None or found is None or not self._belongs(found[0], tap):
            self._sender.answer(tap.query_id, texts.OLD_BUTTON)
            return
        session, picks = found
        if not tap.origin.private and tap.origin.user_id != session.owner_id:
            self._sender.answer(tap.query_id, texts.NOT_YOURS)
        elif press.action is Action.EDIT:
            await self._finish.reopen(session, tap.query_id)
        elif press.action is Action.DONE and session.state is not SessionState.CANCELLED:
            await self._finish.done(session, tap.query_id)
        elif session.state is not SessionState.OPEN:
            done = session.state is SessionState.DONE
            sentence = texts.SESSION_DONE if done else texts.SESSION_CANCELLED
            self._sender.answer(tap.query_id, sentence)
        elif press.action is Action.LOOK:
            self._sender.answer(tap.query_id)
            await self._panels.open(session)
        else:
            await self._step(session, picks, press, tap)

    def _belongs(self, session: Session, tap: ButtonTapped) -> bool:
        return session.bot_id == self._bot_id and session.chat_id == tap.origin.chat_id

    async def _step(
        self, session: Session, picks: list[Pick], press: Press, tap: ButtonTapped
    ) -> None:
        """Add, take out, turn the page, undo."""
        meant = await self._meant(session, picks, press, tap)
        if isinstance(meant, str):
            self._sender.answer(tap.query_id, meant)
            return
        stepped = await self._storage.tap(session.id, *meant, key=tap.query_id)
        if stepped is None:
            self._sender.answer(tap.query_id, texts.OLD_BUTTON)
            return
        session, picks, _ = stepped
        self._sender.answer(tap.query_id)
        await self._panels.draw(session, picks)

    async def _meant(
        self, session: Session, picks: list[Pick], press: Press, tap: ButtonTapped
    ) -> Step | str:
        """The step that a press means, or a short answer in its place."""
        standing = fold(picks)
        match press.action:
            case Action.ADD:
                if read(f"#{press.argument}").tags != (press.argument,):
                    return texts.OLD_BUTTON
                if len(standing.chosen) >= TAGS_LIMIT:
                    return texts.TOO_MANY_TAGS.format(limit=TAGS_LIMIT)
                return PickKind.ADD, press.argument
            case Action.REMOVE:
                # One that is out already (two taps on its button) is not worth a complaint.
                tag = next((one.tag for one in picks if _brought(one, press.argument)), None)
                return (PickKind.REMOVE, tag) if tag else texts.OLD_BUTTON
            case Action.UNDO:
                return (PickKind.UNDO, None) if steps(picks) else texts.NOTHING_TO_UNDO
            case _:
                passed = await self._seen(session, standing, tap)
                return (PickKind.MORE, " ".join(passed)) if passed else texts.NOTHING_MORE

    async def _seen(
        self, session: Session, standing: Standing, tap: ButtonTapped
    ) -> tuple[str, ...]:
        """The suggestions that a person passes over: those that they saw."""
        if tap.keyboard:
            # Of an older keyboard some may have been chosen since.
            return tuple(one for one in offered(tap.keyboard) if one not in standing.prefix)
        try:  # Telegram shows old messages without their buttons
            return await self._panels.suggestions(session, standing)
        except (EngineBusy, NotFetched):
            return ()


def _brought(pick: Pick, number: str) -> bool:
    """Whether it is the pick of that number, and added a tag."""
    return str(pick.id) == number and pick.kind in (PickKind.ADD, PickKind.OWN)
