"""The head's checkpoint on disk: `head.safetensors` (tensors) and `head.json` (all the rest).

Written by `engine.train`, read by `engine.decoder`. Whatever does not fit is a CheckpointError.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from engine.door import CheckpointError
from engine.model.cnn_rnn import CnnRnn, Dimensions
from engine.naming import Naming
from engine.neighbours import Neighbours
from engine.parts import put, taken
from engine.rounding import restored, rounded
from engine.vocabulary import Vocabulary

FORMAT = 1
"""Version of the file format; a head of another one is refused."""

TENSORS = "head.safetensors"
DESCRIPTION = "head.json"

NEIGHBOURS, NAMING = "neighbours.", "naming."
"""Beginnings of the names of the tensors that are not the model's."""

ROUNDED = ("item_item", ".hidden", ".output", ".classes.weight")
"""Ends of the names of large tables, of which a few thousandths of the largest number are enough.
"""


@dataclass(frozen=True)
class Head:
    """A trained head, ready to run.

    Attributes:
        version: Names this training result; changes with every retrained head.
        encoder: Name of the CNN whose features the head reads.
        log_popularity: (V,) log of each tag's share of all tags in the training posts.
        relatives: Known tags that stand for an unknown one, learned from the posts.
        training: How it was made (data, options, seed), for the record.
        ranking: Numbers of `engine.policy.Policy` that this head is served with in place of
            the usual ones; ``lists`` false leaves the curated lists out.
        neighbours: What the training photos say about a new one; None where they are not kept.
        naming: Names what is in a photo and hears those who write about such photos; None for a
            head that leaves both to the CNN-RNN.
    """

    version: str
    encoder: str
    vocabulary: Vocabulary
    model: CnnRnn
    log_popularity: torch.Tensor
    relatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    ranking: Mapping[str, Any] = field(default_factory=dict)
    neighbours: Neighbours | None = None
    naming: Naming | None = None


def save_head(head: Head, folder: Path) -> None:
    """Write both files; tensors in half precision, the largest tables in int8."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().cpu() for name, value in head.model.state_dict().items()}
    tensors["log_popularity"] = head.log_popularity
    if head.neighbours:
        tensors |= put(head.neighbours.tensors(), NEIGHBOURS)
    if head.naming:
        tensors |= put(head.naming.tensors(), NAMING)
    large = [name for name in tensors if name.endswith(ROUNDED)]
    stored = {name: _stored(value) for name, value in rounded(tensors, large).items()}
    save_file(stored, folder / TENSORS, metadata={"version": head.version})
    description = {
        "format": FORMAT,
        "version": head.version,
        "encoder": head.encoder,
        "dimensions": asdict(head.model.dims),
        "training": dict(head.training),
        **({"ranking": dict(head.ranking)} if head.ranking else {}),
        **({"neighbours": head.neighbours.numbers()} if head.neighbours else {}),
        **({"naming": head.naming.description()} if head.naming else {}),
        "words": head.vocabulary.digest,
        "vocabulary": list(head.vocabulary.tags),
        "relatives": {tag: list(near) for tag, near in sorted(head.relatives.items())},
    }
    text = json.dumps(description, ensure_ascii=False, indent=1)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def named_by(head: Head, naming: Naming | None) -> Head:
    """The head with what names things beside it, as a training result of its own."""
    if naming is None:
        return head
    return replace(head, naming=naming, version=version_of(naming.tensors(), head.version))


def version_of(tensors: Mapping[str, torch.Tensor], before: str = "") -> str:
    """Name a training result by its tensors as they are written.

    Args:
        before: Version of what they were added to.
    """
    digest = hashlib.sha256(before.encode())
    for _, value in sorted(tensors.items()):
        digest.update(_stored(value).numpy().tobytes())
    return f"cnn-rnn-{digest.hexdigest()[:12]}"


def _stored(value: torch.Tensor) -> torch.Tensor:
    """A tensor as it is written: in half precision, where it is not in int8."""
    return (value if value.dtype == torch.int8 else value.to(torch.float16)).contiguous()


def load_head(folder: Path) -> Head:
    """Read a head in float32 and eval mode; the item–item term in half precision, as the largest.

    Raises:
        CheckpointError: a file is missing or broken, the format is another one, or vocabulary,
            dimensions and tensors contradict each other.
    """
    description = _read_description(folder / DESCRIPTION)
    if description.get("format") != FORMAT:
        raise CheckpointError(
            f"{folder / DESCRIPTION}: format {description.get('format')!r}, "
            f"this version reads format {FORMAT}"
        )
    try:
        dims = Dimensions(**description["dimensions"])
        vocabulary = Vocabulary(tuple(description["vocabulary"]))
        relatives = {tag: tuple(near) for tag, near in description["relatives"].items()}
        version, encoder = str(description["version"]), str(description["encoder"])
        training = dict(description["training"])
        ranking = dict(description.get("ranking", {}))
        numbers = {name: float(value) for name, value in description.get("neighbours", {}).items()}
        words = dict(description.get("naming", {}))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{folder / DESCRIPTION}: {error}") from error
    if description.get("words", vocabulary.digest) != vocabulary.digest:
        raise CheckpointError(f"{folder / DESCRIPTION}: the vocabulary is not the one it was")
    if len(vocabulary) != dims.tags:
        raise CheckpointError(
            f"{folder / DESCRIPTION}: {len(vocabulary)} tags, but dimensions say {dims.tags}"
        )
    tensors = _read_tensors(folder / TENSORS, version)
    popularity = tensors.pop("log_popularity", None)
    if popularity is None or popularity.shape != (dims.tags,):
        raise CheckpointError(f"{folder / TENSORS}: log_popularity does not fit the vocabulary")
    stored = taken(tensors, NEIGHBOURS)
    neighbours = None
    if stored or numbers:
        neighbours = Neighbours.read(stored, numbers, dims.features, dims.tags)
    stored = taken(tensors, NAMING)
    naming = Naming.read(stored, words, dims.features, vocabulary) if stored or words else None
    model = CnnRnn(dims)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        detail = " ".join(str(error).split())
        raise CheckpointError(
            f"{folder / TENSORS} does not fit its description: {detail}"
        ) from error
    model.item_item.data = model.item_item.data.half()
    # Unit by unit, as `engine.model.readout` reads it: so both have one table.
    model.tag_embedding.data = model.tag_embedding.data.T.contiguous().T
    return Head(
        version,
        encoder,
        vocabulary,
        model.eval(),
        popularity,
        relatives,
        training,
        ranking,
        neighbours,
        naming,
    )


def _read_description(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"there is no checkpoint here: {path} is missing") from error
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} is not a description of a head")
    return value


def _read_tensors(path: Path, version: str) -> dict[str, torch.Tensor]:
    try:
        with safe_open(path, "pt") as stored:
            made = (stored.metadata() or {}).get("version", version)
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise CheckpointError(f"there is no checkpoint here: {path} is missing") from error
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if made != version:
        raise CheckpointError(f"{path} is of {made}, but {DESCRIPTION} beside it of {version}")
    return restored(tensors)
