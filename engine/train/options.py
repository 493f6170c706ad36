"""Every number of the recipe as an option of the command line, and the paper's as a preset.

A `Knob` names a field of `Recipe` (``draw.empty`` is ``Recipe.draw.empty``): its default is read
from there, for the help and for a run, so that the two cannot differ.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.train.losses import LOSSES
from engine.train.orders import ORDERS
from engine.train.precision import PRECISIONS
from engine.train.presets import OFTEN, own_recipe, paper_recipe
from engine.train.recipe import Recipe
from engine.usage import refuse, whole

VALIDATION = 0.05
"""Share that is held out where --patience asks for a validation and nobody said how much."""


PRESETS: dict[str, Callable[[], Recipe]] = {"default": Recipe, "paper": paper_recipe}


def _between(low: float, high: float, *, above: bool = False) -> Callable[[str], float]:
    """A reader of numbers from ``low`` (or above it) to ``high``."""

    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high or (above and value == low):
            raise argparse.ArgumentTypeError(f"{text} is not in {low:g}–{high:g}")
        return value

    read.__name__ = "number"
    return read


@dataclass(frozen=True)
class Knob:
    """One option.

    Attributes:
        field: Path of the recipe's field.
        read: From the text to the value.
        choices: All values, where there are few.
        pack: Whether it does something with a data pack only.
    """

    flag: str
    field: str
    read: Callable[[str], Any]
    help: str
    choices: Sequence[str] | None = None
    pack: bool = False


_SHARE = _between(0, 1)
_POSITIVE = _between(0, 1e9, above=True)

KNOBS: dict[str, tuple[Knob, ...]] = {
    "what the model is asked": (
        Knob("--order", "draw.order", str,
             "what comes after a prefix: all that is left (set), one of it (permutation), or the "
             "most frequent of it (frequency, prefixes frequent-first too)", ORDERS),
        Knob("--loss", "objective.loss", str,
             "softmax over the target, or yes/no for each tag: bce, focal (γ=2), asymmetric "
             "(γ−=4, γ+=1, clip .05)", tuple(LOSSES)),
        Knob("--silence", "silence", _between(0.001, 1),
             "weight of an absence that the source would not have told; 1: absent", pack=True),
        Knob("--similar", "objective.similar", _between(0, 0.2),
             "a tag of a true one's cluster counts as true by so much at most; 0: off"),
        Knob("--alike", "objective.alike", _between(0, 1, above=True),
             "distance up to which tags form a cluster (report/clusters.tsv)"),
        Knob("--rejected", "objective.rejected", _between(0, 1e9),
             'weight of tags that were passed over ("rejected" in a manifest); 0: off'),
        Knob("--exclusive", "objective.exclusive", _between(0, 10),
             "weight of telling apart what excludes each other (engine/lists/exclusive.tsv); "
             "0: off", pack=True),
        Knob("--simulated", "objective.simulated", _SHARE,
             "share of the wrong tags in the model's own first ten that count as passed over"),
    ),
    "what is drawn": (
        Knob("--prefix-dropout", "draw.empty", _SHARE, "share of examples without a prefix"),
        Knob("--corruption", "draw.noise", _SHARE,
             "share of prefixes with a tag that does not belong there"),
        Knob("--blind", "draw.blind", _SHARE, "share of photos with a prefix that are hidden"),
        Knob("--told", "draw.told", _SHARE,
             "share of photos without written tags that may get a prefix at all", pack=True),
        Knob("--longest", "draw.longest", whole(1), "tags of a prefix, at most"),
        Knob("--posts", "draw.post", _SHARE,
             "share of photos that get the tags of a real post that fits them", pack=True),
        Knob("--balance", "balance", _between(0, 2),
             "power of (median count / count of the rarest tag) by which an example is drawn more "
             "often; 0: off"),
    ),
    "the model": (
        Knob("--joint", "joint", whole(1), "width of the space that photos and tags share"),
        Knob("--reading", "reading", whole(1), "width in which the LSTM reads a tag"),
        Knob("--recurrent", "recurrent", whole(1), "units of the LSTM"),
        Knob("--dropout", "dropout", _between(0, 0.99), "of the joint embedding"),
        Knob("--feature-dropout", "feature_dropout", _between(0, 0.99), "of the features"),
    ),
    "the steps": (
        Knob("--steps", "schedule.steps", whole(1), "batches in all"),
        Knob("--batch", "schedule.batch", whole(1), "examples of a batch, over all processes"),
        Knob("--rate", "schedule.rate", _POSITIVE, "highest learning rate"),
        Knob("--decay", "schedule.decay", _between(0, 1e9), "weight decay"),
        Knob("--optimiser", "schedule.optimiser", str, "which optimiser", ("adamw", "rmsprop")),
        Knob("--precision", "schedule.precision", str,
             "number format of the large products; auto: half where the device is quick at it",
             PRECISIONS),
        Knob("--validation", "validation", _between(0, 0.5),
             "share of photos and posts that is held out, measured twenty times and decides which "
             f"weights are kept; 0: none (with --patience {VALIDATION})"),
        Knob("--patience", "schedule.patience", whole(0),
             "stop after so many of these measures without progress; 0: never"),
    ),
}  # fmt: skip


def add_knobs(parser: argparse.ArgumentParser) -> None:
    """Add the preset and every knob, group by group, with the defaults of all recipes."""
    parser.add_argument(
        "--preset",
        choices=PRESETS,
        default="default",
        help="where every option below starts from; paper: Wang et al. 2016, with RMSprop, "
        "frequent-first order and nothing that is ours",
    )
    usual, paper, own = Recipe(), paper_recipe(), own_recipe(0)
    for title, knobs in KNOBS.items():
        group = parser.add_argument_group(title)
        for knob in knobs:
            first, *others = (_plain(_get(one, knob.field)) for one in (usual, paper, own))
            default = f"default {first}"
            if knob.field == "schedule.steps":
                others[1] = f"enough to see a photo {OFTEN} times, 100–4000"
            if others[0] != first:
                default += f", paper {others[0]}"
            if knob.pack:
                default += ", nothing"
            elif others[1] != first:
                default += f", {others[1]}"
            if knob.pack or others[1] != first:
                default += " with --manifest"
            group.add_argument(
                knob.flag,
                type=knob.read,
                choices=knob.choices,
                metavar=None if knob.choices else "N",
                help=f"{knob.help} ({default})",
            )


def shaped(args: argparse.Namespace, usual: Recipe | None = None) -> Recipe:
    """The recipe that the arguments ask for.

    Args:
        usual: What stands in for the default preset.

    Raises:
        ValueError: two options contradict each other.
    """
    recipe = PRESETS[args.preset]()
    if args.manifest is not None:
        refuse(args, [k.flag for knobs in KNOBS.values() for k in knobs if k.pack], "--manifest")
    if args.preset == "default" and usual is not None:
        recipe = usual
    recipe = replace(recipe, seed=args.seed)
    for knobs in KNOBS.values():
        for knob in knobs:
            value = getattr(args, knob.flag.removeprefix("--").replace("-", "_"))
            if value is not None:
                recipe = _set(recipe, knob.field, value)
    if recipe.objective.simulated and not recipe.objective.rejected:
        raise ValueError("--simulated draws rejections, which --rejected 0 switches off")
    if recipe.plain and recipe.joint != recipe.reading:
        raise ValueError("with --preset paper, --joint and --reading are the same number")
    if recipe.schedule.patience and args.validation == 0:
        raise ValueError("--patience counts validations, which --validation 0 switches off")
    if recipe.schedule.patience and not recipe.validation:
        recipe = replace(recipe, validation=VALIDATION)
    return recipe


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _get(recipe: Recipe, path: str) -> Any:
    value: Any = recipe
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _set(recipe: Recipe, path: str, value: Any) -> Recipe:
    part, _, name = path.rpartition(".")
    if not part:
        return replace(recipe, **{name: value})
    return replace(recipe, **{part: replace(getattr(recipe, part), **{name: value})})
