"""A training on disk, so that a stopped run goes on to the same weights: bit by bit on one
CPU thread, up to the order of sums on several.

Written by `engine.train.loop` every few hundred steps, whole or not at all.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

STATE = "state.pt"
HISTORY = "history.jsonl"


@dataclass
class Standing:
    """How far a run is: the one value of the loop that changes.

    Attributes:
        done: Steps taken.
        total: Sum of the losses since the last report.
        since: How many these are.
        history: One entry a report or validation: ``step`` and ``loss`` or ``recall``.
        best: Highest validation recall so far.
        weights: Model at that time; None before the first validation.
        idle: Validations since.
    """

    done: int = 0
    total: float = 0.0
    since: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best: float = -1.0
    weights: dict[str, torch.Tensor] | None = None
    idle: int = 0


def save_state(folder: Path, state: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Write a state atomically: a kill at any time leaves the last one whole.

    Args:
        state: Tensors, numbers, lists and dictionaries of them.
        options: What the run was started with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{STATE}.part"
    with part.open("wb") as file:
        torch.save({**state, "options": _text(options)}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / STATE)


def load_state(folder: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """Read the state of a run that was started with the same options.

    Raises:
        ValueError: there is none, it is broken, or the options are others.
    """
    path = folder / STATE
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        before = json.loads(state.pop("options"))
    except FileNotFoundError as error:
        raise ValueError(f"nothing to resume: {path} is missing") from error
    except (OSError, RuntimeError, EOFError, KeyError, ValueError, pickle.UnpicklingError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    now = json.loads(_text(options))
    others = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
    if others:
        changes = ", ".join(f"{key} was {before.get(key)!r}" for key in others)
        raise ValueError(f"{path} is of a run with other options: {changes}")
    return state


def forget(folder: Path) -> None:
    """Remove the state of a run that is over, or is begun anew."""
    (folder / STATE).unlink(missing_ok=True)


def write_history(folder: Path, history: list[dict[str, float]]) -> None:
    """Write the curves as lines of JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(entry) + "\n" for entry in history)
    (folder / HISTORY).write_text(lines, encoding="utf-8")


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    """State of torch's random numbers on the CPU and on ``device``."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_random_state(states: Mapping[str, torch.Tensor], device: torch.device) -> None:
    """Go on with the random numbers of `random_state`."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)


def _text(options: Mapping[str, Any]) -> str:
    return json.dumps(_flat(options), sort_keys=True)


def _flat(options: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """Nested options as ``draw.empty``, so that a difference can be named."""
    flat: dict[str, Any] = {}
    for key, value in options.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{name}{key}.")
        else:
            flat[f"{name}{key}"] = value
    return flat
