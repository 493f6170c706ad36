"""What a tap on the buttons of a photo means: a step of its session, or a short answer.

It is told inside of the transaction that writes the step down, by the scene as it is there. Pure,
but that `Asked` keeps the short answer for whoever handles the tap.
"""

from __future__ import annotations

from collections.abc import Callable

from bot import texts
from bot.callbacks import Action, Press
from bot.charge import may_choose
from bot.events import ButtonTapped, StepTapped, spoken
from bot.history import Standing, fold, steps
from bot.keyboard import offered
from bot.preferences import Preferences
from bot.style import Style
from bot.taste import STEPS
from bot.written import read
from storage import Pick, PickKind, Scene, SessionState, Stepping
from storage.steps import tag_of

Step = tuple[PickKind, str | None]

STEPPING = frozenset(
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
"""What becomes a step."""


class Asked:
    """What a tap asks for: called with the scene it tells the step, as `storage.Stepping` wants it.

    Args:
        bot_id: Whose buttons count.
        press: One of `STEPPING`.
        tap: Whose press.
        styled: How the chat of a scene wants its captions.
        passed: For More, the suggestions on a keyboard that the tap does not tell.

    Attributes:
        told: The short answer in place of a step, when it has been called.
    """

    def __init__(
        self,
        bot_id: int,
        press: Press,
        tap: ButtonTapped,
        styled: Callable[[Scene], Style],
        passed: tuple[str, ...] = (),
    ) -> None:
        self.tap = tap
        self.told = ""
        self._bot_id, self._press = bot_id, press
        self._styled, self._passed = styled, passed

    @property
    def stepping(self) -> Stepping:
        """To be written down."""
        return Stepping(self._press.session_id, self, key=self.tap.query_id, recent=STEPS)

    def event(self, scene: Scene) -> StepTapped:
        """The tap when its step has been written down.

        Args:
            scene: After it.
        """
        tap = self.tap
        return StepTapped(tap.origin, tap.query_id, tap.data, tap.keyboard, scene, self.told)

    def __call__(self, scene: Scene) -> Step | None:
        """The step; None where a short answer takes its place."""
        tap = self.tap
        if scene.session.chat_id == tap.origin.chat_id:
            tap = spoken(tap, Preferences.read(scene.settings).language)
        refused = refusal(scene, self._bot_id, self._press, tap)
        if refused:
            meant: Step | str = texts.say(tap.origin.language, refused)
        else:
            meant = step_meant(scene, self._press, tap, self._styled, self._passed)
        self.told = meant if isinstance(meant, str) else ""
        return None if isinstance(meant, str) else meant


def refusal(scene: Scene | None, bot_id: int, press: Press, tap: ButtonTapped) -> str:
    """Why a button does nothing, as a sentence of `bot.texts`; empty where it does something."""
    if scene is None:
        return "old-button"
    session = scene.session
    if session.bot_id != bot_id or session.chat_id != tap.origin.chat_id:
        return "old-button"
    if not may_choose(session, tap.origin, scene.settings):
        return "not-yours"
    if session.state is SessionState.OPEN or press.action is Action.EDIT:
        return ""
    if session.state is SessionState.DONE:
        return "" if press.action is Action.DONE else "session-done"
    return "session-cancelled"


def step_meant(
    scene: Scene,
    press: Press,
    tap: ButtonTapped,
    styled: Callable[[Scene], Style],
    passed: tuple[str, ...],
) -> Step | str:
    """The step that a press means, or a short answer in its place.

    Args:
        scene: Before it.
        press: One of `STEPPING`.
        tap: Whose press.
        styled: How the chat of a scene wants its captions.
        passed: For More, the suggestions on a keyboard that the tap does not tell.
    """
    language, picks, standing = tap.origin.language, scene.picks, fold(scene.picks)
    match press.action:
        case Action.ADD:
            if read(f"#{press.argument}").tags != (press.argument,):
                return texts.say(language, "old-button")
            new = tag_of(press.argument) not in standing.prefix
            tags = (*standing.written, press.argument) if new else standing.written
            style = styled(scene)
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
            passed = passed or seen(standing, tap)
            return (
                (PickKind.MORE, " ".join(passed)) if passed else texts.say(language, "nothing-more")
            )


def seen(standing: Standing, tap: ButtonTapped) -> tuple[str, ...]:
    """The suggestions that a person saw when they tapped."""
    # Of an older keyboard some may have been chosen since.
    return tuple(one for one in offered(tap.keyboard) if one not in standing.prefix)


def _brought(pick: Pick, number: str) -> bool:
    """Whether it is the pick of that number, and added a tag."""
    return str(pick.id) == number and pick.kind in (PickKind.ADD, PickKind.OWN)
