"""The work behind `python -m engine train`: read, train, write, and say what is going on."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from engine.door import EngineError
from engine.head import Head, named_by, save_head
from engine.lists import read_lists
from engine.local import SHIPPED_WEIGHTS
from engine.train.bridge import read_tables, usual_form
from engine.train.classes import fit_classes
from engine.train.corpus import (
    CLASS_SET,
    build_corpus,
    order_vocabulary,
    read_variants,
)
from engine.train.data import (
    DEFAULT_ENCODER,
    PhotoSet,
    Posts,
    photo_folders,
    read_harrison,
    read_hashtag_sets,
    read_photo_set,
)
from engine.train.distributed import joined
from engine.train.imagenet import read_classifier
from engine.train.naming import fit_naming
from engine.train.plan import Plan
from engine.train.probes import fit_probes
from engine.train.report import draw_curves, draw_samples
from engine.train.writers import find_writers
from engine.usage import refuse

ENCODER = DEFAULT_ENCODER


def train_command(args: argparse.Namespace) -> int:
    """Train as the arguments say."""
    torch.set_num_threads(args.threads)
    plan: Plan | None = None
    try:
        with joined(args.device) as team:
            say = _Clock(quiet=not team.leads)
            plan = Plan(args, team, say)
            head, sets = _train(args, plan, say)
            if team.leads:
                save_head(head, args.out)
                say(f"wrote {head.version} with {len(head.vocabulary)} tags to {args.out}")
                plan.forget()
                draw_curves(plan.folder)
                draw_samples(head, sets, plan.folder, args.preset == "paper", args.seed)
                say(f"curves, clusters and samples are in {plan.folder}")
    except (EngineError, OSError, ValueError) as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        resumable = plan is not None and plan.resumable
        rest = (
            "the same command with --resume goes on" if resumable else "there is nothing to resume"
        )
        print(f"train: interrupted, {rest}", file=sys.stderr)
        return 130
    return 0


def _train(args: argparse.Namespace, plan: Plan, say: _Clock) -> tuple[Head, Sequence[PhotoSet]]:
    """The head, and the sets of photos that it was trained on."""
    if args.manifest is None:
        refuse(args, ("--hold-back", "--weights"), "--data")
        return train_on_pack(args.data, plan, say)
    from engine.train.own import train_on_manifest

    return train_on_manifest(
        args.manifest,
        args.weights or SHIPPED_WEIGHTS,
        args.hold_back or 0,
        args.seed,
        plan,
        say,
    )


class _Clock:
    """Prints lines with the seconds since the start, unless another process does."""

    def __init__(self, quiet: bool = False) -> None:
        self._start = time.monotonic()
        self._quiet = quiet

    def __call__(self, text: str) -> None:
        if self._quiet:
            return
        print(f"{time.monotonic() - self._start:6.0f} s  {text}", file=sys.stderr, flush=True)


def read_pack(data: Path, say: _Clock | None = None) -> tuple[list[PhotoSet], list[Posts]]:
    """Read every folder of a data pack that holds photos, and the posts.

    Raises:
        FileNotFoundError: no folder with photos is there.
        ValueError: its features come from several encoders.
    """
    sets = []
    for folder in photo_folders(data):
        photo_set = read_photo_set(folder)
        sets.append(photo_set)
        if say:
            say(
                f"{photo_set.name}: {len(photo_set.photos)} photos, "
                f"{int(photo_set.held_back.sum())} held back, {photo_set.skipped} broken lines"
            )
    if not sets:
        raise FileNotFoundError(f"{data}: no folder with manifest.jsonl and features.npz")
    encoders = sorted({photo_set.encoder for photo_set in sets})
    if len(encoders) > 1:
        raise ValueError(f"{data}: features of several encoders: {', '.join(encoders)}")
    posts = []
    if (data / "harrison" / "tag_list.txt").exists():
        posts.append(read_harrison(data / "harrison"))
    if (data / "hashtag-sets" / "posts-2019.jsonl").exists():
        posts.append(read_hashtag_sets(data / "hashtag-sets" / "posts-2019.jsonl"))
    return sets, posts


def train_on_pack(data: Path, plan: Plan, say: _Clock) -> tuple[Head, Sequence[PhotoSet]]:
    """The default head, and the sets of photos of the pack."""
    lists, tables = read_lists(), read_tables()
    sets, posts = read_pack(data, say)
    if not any(map(any, (one.tags for one in posts))):
        raise FileNotFoundError(
            f"{data}: no posts in harrison/tag_list.txt or hashtag-sets/posts-2019.jsonl"
        )
    vocabulary = order_vocabulary(lists.vocabulary, posts, sets, lists)
    encoder = sets[0].encoder
    classifier = read_classifier() if encoder == ENCODER else None
    variants = read_variants(data)
    corpus = build_corpus(sets, posts, vocabulary, tables, lists, variants, classifier)
    say(f"{len(vocabulary)} tags, {len(corpus.examples)} examples, {len(corpus.posts)} posts")
    probes = None
    if not plan.plain:
        probes = fit_probes(
            sets,
            corpus.features,
            tables,
            vocabulary,
            plan.seed,
            say,
            lambda tag: usual_form(tag, lists.forms, variants),
        )
    labels = tables.labels.get(CLASS_SET, {})
    head = plan.train(corpus, encoder, classifier, labels, probes=probes)
    if plan.plain:
        return head, sets
    writers = find_writers(corpus)
    naming = fit_naming(sets, corpus.features, tables, lists, vocabulary, plan.seed, say, writers)
    if naming and classifier:
        taken = {*naming.things, *naming.objects}
        classes = fit_classes(sets, classifier, tables, lists, vocabulary, taken)
        naming = replace(naming, classes=classes)
        say(f"{len(naming.taught)} names that the encoder was taught")
    return named_by(head, naming), sets
