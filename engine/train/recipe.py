"""The recipe of the default weights, from a corpus to a head: vocabulary, model, training.

Called by `python -m engine train`; every number of the recipe stands in `Recipe`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.head import Head, version_of
from engine.model.cnn_rnn import CnnRnn, Dimensions
from engine.train.balance import rarity
from engine.train.bridge import Weighted
from engine.train.clusters import find_clusters, write_clusters
from engine.train.corpus import Corpus
from engine.train.exam import Exam, split_corpus
from engine.train.imagenet import Classifier, class_tags
from engine.train.items import conditional, ease, incidence, lift, log_popularity, pointwise
from engine.train.loop import Run, Schedule, train
from engine.train.losses import Objective
from engine.train.paper import make_plain
from engine.train.probes import KINDS, Probes
from engine.train.sampler import Draw, Sampler
from engine.train.targets import usual_share

EPOCH_WEIGHT: Mapping[str, float] = {
    "mirflickr": 4.0, "harrison": 1.0, "posts": 4.0, "coco-captions": 2.0,
}  # fmt: skip
"""How often a source is drawn against its size, where its size does not say it."""

USUAL_SIZE = 15_000
"""A smaller source is drawn more often, by the root of how much smaller it is."""

MOST_OFTEN = 6.0


def epoch_weight(name: str, size: int) -> float:
    """How often each example of a source is drawn, against one of a large source."""
    if name in EPOCH_WEIGHT:
        return EPOCH_WEIGHT[name]
    return float(np.clip((USUAL_SIZE / max(1, size)) ** 0.5, 1.0, MOST_OFTEN))


CLASS_MARGIN = 3.0
"""Logit from which a class counts as likely; the mean of all is 0, of the best one 8."""

CLASS_WEIGHT = 0.5
"""Start of the weight from a class to its tags."""


PROBE_WEIGHT = 1.0
"""Weight from a probe's log odds to its own tag."""

OWNER_WEIGHT = 0.7
"""Weight from what an owner would write, against the usual, to the tag."""

OWNER_TRUST = 2.0
"""How much more that counts in the end: training asks for captions and labels as often as for
owners' tags, a person posts as owners do. Chosen on half of the held-back photos."""

PROBE_TRUST = 1.4
"""How much more they are believed in the end; chosen on half of the held-back photos."""

ITEM_EASE, ITEM_GIVEN = 10.0, 10.0
"""Weights of EASE and of P(j | i), added to the item–item term when all is learned: penalised or
counted, they know no post by heart. Chosen on held-back posts."""

ITEM_TRUST = 1.7
"""The same for the item–item term beside a photo: posts that training saw are known by heart, so
the gates that it learns are too low for others."""

GIVEN_PRIOR, LIFT_PRIOR = 30.0, 100.0
"""Posts that are added to each tag's own before P(j | i), or its lift, is believed."""

LIFT_COMMON = 0.3
"""How much of a tag's popularity comes with the lift."""

PROBE_HINT = 0.3
"""Weight from a probe's log odds to the other tags of its class."""

PROBE_MARGIN = 2.5
"""Log odds below nothing from which a probe speaks."""


@dataclass(frozen=True)
class Recipe:
    """All options of a training.

    Attributes:
        joint: D, width of the space that photos and tags share.
        reading: E, width in which the LSTM reads a tag.
        recurrent: H, units of the LSTM.
        dropout: Of the joint embedding.
        feature_dropout: Of the photo's features.
        silence: Weight of an absence that nobody would have said; 1 takes silence for absence.
        gate: Start of the weight of the item–item term.
        lift: Weight of the lift of P(j | i), added to it when all is learned: what naive Bayes
            adds up. Chosen on held-back posts and photos.
        plain: The paper's model: no item–item term, biases, gates or start from closed forms.
        balance: Power with which rare tags are drawn more often; 0 is off.
        validation: Share of the examples that is held out and measured while training.
    """

    joint: int = 1280
    reading: int = 64
    recurrent: int = 256
    dropout: float = 0.5
    feature_dropout: float = 0.25
    silence: float = 0.3
    gate: float = 0.5
    lift: float = 0.8
    seed: int = 0
    plain: bool = False
    balance: float = 0.0
    validation: float = 0.0
    objective: Objective = field(default_factory=lambda: Objective(exclusive=0.7))
    draw: Draw = field(default_factory=Draw)
    schedule: Schedule = field(default_factory=Schedule)

    @classmethod
    def of(cls, steps: int | None, seed: int) -> Recipe:
        """The recipe with another length or seed."""
        recipe = replace(cls(), seed=seed)
        if steps is None:
            return recipe
        return replace(recipe, schedule=replace(recipe.schedule, steps=steps))


def train_head(
    corpus: Corpus,
    recipe: Recipe,
    encoder: str,
    report: Callable[[int, float], None],
    classifier: Classifier | None = None,
    class_labels: Mapping[str, Weighted] | None = None,
    run: Run | None = None,
    alike: Head | None = None,
    probes: Probes | None = None,
) -> Head:
    """Train a head on a corpus; deterministic up to floating point for a seed.

    Args:
        classifier: Its rows start the image projection, one joint unit for each class.
        class_labels: Tags of each class, by its name.
        run: Where the training runs and what it leaves.
        alike: A head whose tag embedding says which tags are alike; None asks the posts.
        probes: Become the last units of the joint embedding.
    """
    torch.manual_seed(recipe.seed)
    run = replace(run or Run(), options=_options(corpus, recipe, run))
    exam = None
    if recipe.validation:
        corpus, asked = split_corpus(corpus, recipe.validation, recipe.seed)
        exam = Exam.of(asked, len(corpus.vocabulary), recipe.seed)
    vocabulary = corpus.vocabulary
    size = len(vocabulary)
    amount = len(probes.bias) if probes is not None else 0
    joint = recipe.joint + amount
    dims = Dimensions(corpus.features.shape[1], size, joint, recipe.reading, recipe.recurrent)
    model = CnnRnn(dims, recipe.dropout, recipe.feature_dropout, amount)
    written = [list(post) for post in corpus.posts]
    written += [e.written.tolist() for e in corpus.examples if e.feature >= 0 and len(e.written)]
    counts = incidence(written, size)
    popularity = log_popularity(counts)
    _start(model, corpus, counts, popularity, recipe)
    sizes = Counter(one.source for one in corpus.examples)
    often = {source: epoch_weight(corpus.sources[source], size) for source, size in sizes.items()}
    weights = np.array([often[one.source] for one in corpus.examples])
    if recipe.balance:
        weights *= rarity(corpus.examples, size, recipe.balance)
    if not recipe.plain:
        with torch.no_grad():
            usual = usual_share(corpus.examples, weights, size, recipe.draw.written)
            model.tag_bias[:size] = torch.from_numpy(np.log(usual))
    if recipe.plain:
        with torch.no_grad():
            make_plain(model)
    elif classifier is not None and corpus.class_names:
        tags = class_tags(corpus.class_names, class_labels or {}, vocabulary)
        _start_from_classes(model, classifier, tags)
    if probes is not None:
        probes = _start_from_probes(model, probes)
    # Each process of a team draws and drops out on its own; the model starts as the leader's.
    seed = recipe.seed + 10_007 * run.team.rank
    if run.team.rank:
        torch.manual_seed(seed)
    single = frozenset(place for place, name in enumerate(corpus.sources) if name in KINDS)
    sampler = Sampler(corpus.examples, weights, corpus.posts, size, recipe.draw, seed, single)
    unknown = torch.from_numpy(
        np.where(corpus.known, 0.0, np.log(recipe.silence)).astype(np.float32)
    )
    if recipe.silence < 1:
        unknown[:, size] = torch.where(torch.from_numpy(corpus.known.all(1)), 0.0, -30.0)
    similar = None
    if recipe.objective.similar or run.folder:
        clusters = find_clusters(counts, vocabulary, recipe.objective.alike, alike)
        if run.folder and run.team.leads:
            write_clusters(clusters, vocabulary, counts, run.folder)
        if recipe.objective.similar:
            similar = clusters.soft_targets(recipe.objective.similar)
    train(
        model,
        sampler,
        torch.from_numpy(corpus.features),
        unknown,
        recipe.schedule,
        report,
        recipe.objective,
        similar,
        exam,
        run,
        [torch.from_numpy(rows) for rows in corpus.groups],
        torch.from_numpy(probes.crossed) if probes is not None else None,
    )
    if not recipe.plain:
        with torch.no_grad():
            added = ITEM_EASE * ease(counts) + ITEM_GIVEN * conditional(counts, GIVEN_PRIOR)
            added += recipe.lift * lift(counts, LIFT_PRIOR, LIFT_COMMON)
            model.item_item[:size, :size] += torch.from_numpy(added)
    if probes is not None:
        _trust(model, probes)
    model = model.settle()
    return Head(
        version=version_of(model.state_dict()),
        encoder=encoder,
        vocabulary=vocabulary,
        model=model,
        log_popularity=torch.from_numpy(popularity),
        relatives={},
        training=_record(corpus, recipe),
    )


def _start(
    model: CnnRnn, corpus: Corpus, counts: np.ndarray, popularity: np.ndarray, recipe: Recipe
) -> None:
    """Begin with what closed forms know: popularity, co-occurrence, scale of the features."""
    size = model.dims.tags
    features = corpus.features
    mean = features.mean(0, dtype=np.float64)
    deviation = features.std(0, dtype=np.float64)
    with torch.no_grad():
        model.tag_bias[:size] = torch.from_numpy(popularity)
        model.tag_bias[size] = -6.0
        model.item_item[:size, :size] = torch.from_numpy(pointwise(counts))
        model.item_gate[:] = recipe.gate
        model.feature_mean.copy_(torch.from_numpy(mean))
        model.feature_scale.copy_(torch.from_numpy(1 / (deviation + 1e-3)))


def _start_from_classes(model: CnnRnn, classifier: Classifier, tags: NDArray[np.float32]) -> None:
    """Give each class a unit of the joint embedding that fires where the class is likely.

    A standardised feature is (f − mean) · scale, so a row w over raw features becomes w / scale
    with the bias w · mean added back. The unit's tags start with a positive weight.
    """
    amount = len(classifier.weight)
    weight, bias = torch.from_numpy(classifier.weight), torch.from_numpy(classifier.bias)
    known = torch.from_numpy(tags)  # (1000, V)
    with torch.no_grad():
        model.image_projection.weight[:amount] = weight / model.feature_scale
        model.image_projection.bias[:amount] = bias + weight @ model.feature_mean - CLASS_MARGIN
        model.prefix_projection.weight[:amount] *= 0.1
        model.tag_embedding[:, :amount] *= 0.1
        model.tag_embedding[: known.shape[1], :amount] += CLASS_WEIGHT * known.T


def _start_from_probes(model: CnnRnn, probes: Probes) -> Probes:
    """Take the probes in, each with its tags, and give them back as they speak there.

    A unit fires before its class is as likely as nothing, and the earlier the rarer its own tag is:
    what the probes say about a thing does not depend on how often people post the word.
    """
    assert model.probe_projection is not None
    usual = model.tag_bias.detach().numpy()[probes.own]
    typical = np.median(usual[~probes.owners])
    early = np.clip(PROBE_MARGIN + typical - usual, 0.5, 5.0)
    probes = probes.earlier(np.where(probes.owners, 0.0, early).astype(np.float32))
    weight, bias = torch.from_numpy(probes.weight), torch.from_numpy(probes.bias)
    known, first = torch.from_numpy(probes.tags), model.dims.joint - len(probes.bias)
    # A tag of many classes hears them all: the more there are, the less each one says.
    owners = torch.from_numpy(probes.owners)
    many = (known[~owners] > 0).sum(0).clamp(min=1).float()
    said = PROBE_HINT * known / many.sqrt()  # (E, V)
    own = PROBE_WEIGHT * known.amax(1)
    own[owners] = OWNER_WEIGHT
    said[torch.arange(len(said)), torch.from_numpy(probes.own)] = own
    with torch.no_grad():
        model.probe_projection.weight.copy_(weight / model.feature_scale)
        model.probe_projection.bias.copy_(bias + weight @ model.feature_mean)
        model.prefix_projection.weight[first:] *= 0.1
        model.probe_tags[: known.shape[1]] = said.T
    return probes


def _trust(model: CnnRnn, probes: Probes) -> None:
    """Once all is learned, believe what does not know the training photos by heart more."""
    with torch.no_grad():
        model.item_gate[1] *= ITEM_TRUST
        model.probe_tags[:, torch.from_numpy(probes.owners)] *= OWNER_TRUST
        things = torch.from_numpy(np.flatnonzero(~probes.owners))
        rows = torch.from_numpy(np.unique(probes.own[~probes.owners]))
        model.probe_tags[rows.unsqueeze(1), things] *= PROBE_TRUST


def _options(corpus: Corpus, recipe: Recipe, run: Run | None) -> dict[str, Any]:
    """What a run that is resumed has to have in common with the one that was stopped."""
    return {
        "recipe": asdict(recipe),
        "examples": len(corpus.examples),
        "data": corpus.digest if run and run.folder else "",
        "tags": len(corpus.vocabulary),
        "processes": run.team.size if run else 1,
        "options": dict(run.options) if run else {},
    }


def _record(corpus: Corpus, recipe: Recipe) -> dict[str, Any]:
    amounts: Counter[str] = Counter(corpus.sources[one.source] for one in corpus.examples)
    return {"recipe": asdict(recipe), "examples": dict(sorted(amounts.items()))}
