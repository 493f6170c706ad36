"""Clusters of tags that mean nearly the same, from tag embeddings and co-occurrence.

Found before training, written as `clusters.tsv` to be read by people, and taken by
`engine.train.losses.inject` as soft targets. Evaluation never reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.head import Head
from engine.train.items import Matrix, pointwise
from engine.vocabulary import Vocabulary

FILE = "clusters.tsv"
WIDTH = 64
"""Numbers of an embedding that is factorised from the posts."""


@dataclass(frozen=True)
class Clusters:
    """A partition of the vocabulary.

    Attributes:
        number: (V,) cluster of each tag.
        likeness: (V, V) in 0–1, zero on the diagonal.
    """

    number: NDArray[np.int64]
    likeness: Matrix

    def soft_targets(self, most: float) -> Tensor:
        """How much a true tag (row) says about others of its cluster: (V + 1, V + 1), sparse.

        Args:
            most: Weight of a tag with a likeness of one, at most 0.2.

        Raises:
            ValueError: ``most`` is out of range.
        """
        if not 0 < most <= 0.2:
            raise ValueError("a tag that is only alike counts for 0.2 at most")
        size = len(self.number)
        rows, columns = np.nonzero((self.number[:, None] == self.number) & (self.likeness > 0))
        values = most * self.likeness[rows, columns]
        places = torch.from_numpy(np.stack([rows, columns]))
        table = torch.sparse_coo_tensor(
            places,
            torch.from_numpy(values.astype(np.float32)),
            (size + 1, size + 1),
            check_invariants=True,
        )
        return table.coalesce()


def factorised(counts: Matrix) -> Matrix:
    """Tag embeddings from posts: the strongest directions of positive mutual information.

    Args:
        counts: (V, V) of `engine.train.items.incidence`.

    Returns:
        (V, at most `WIDTH`).
    """
    from scipy.linalg import eigh

    table = np.maximum(pointwise(counts, prior=10.0), 0.0).astype(np.float64)
    table = (table + table.T) / 2
    size = len(table)
    values, vectors = eigh(table, subset_by_index=(max(0, size - WIDTH), size - 1))
    result: Matrix = (vectors * np.sqrt(np.maximum(values, 0.0))).astype(np.float32)
    return result


def find_clusters(
    counts: Matrix, vocabulary: Vocabulary, distance: float, head: Head | None = None
) -> Clusters:
    """Join tags whose embeddings are close and that stand on the same posts.

    Likeness is the mean of the cosine of the embeddings and the normalised mutual information;
    average linkage joins up to ``distance`` = 1 − likeness.

    Args:
        head: A trained one whose tag embedding is taken for the tags that it knows.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    cosine = _cosine(factorised(counts))
    if head is not None:
        tags = [tag for tag in vocabulary.tags if tag in head.vocabulary]
        ours, theirs = vocabulary.rows(tags), head.vocabulary.rows(tags)
        cosine[np.ix_(ours, ours)] = _cosine(head.model.tag_embedding.detach().numpy()[theirs])
    likeness = (np.clip(cosine, 0, 1) + np.clip(_normalised(counts), 0, 1)) / 2
    np.fill_diagonal(likeness, 0.0)
    if len(likeness) < 2:
        return Clusters(np.zeros(len(likeness), dtype=np.int64), likeness.astype(np.float32))
    gaps = 1 - likeness
    np.fill_diagonal(gaps, 0.0)
    tree = linkage(squareform(gaps, checks=False), "average")
    number = fcluster(tree, distance, "distance").astype(np.int64)
    return Clusters(number, likeness.astype(np.float32))


def write_clusters(
    clusters: Clusters, vocabulary: Vocabulary, counts: Matrix, folder: Path
) -> None:
    """Write one line a tag that is not alone: cluster, tag, posts, nearest tag, likeness."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = np.bincount(clusters.number)
    amount = np.diag(counts)
    lines = ["# cluster\ttag\tposts\tnearest in the cluster\tlikeness"]
    for row in sorted(range(len(vocabulary)), key=lambda row: (clusters.number[row], row)):
        if sizes[clusters.number[row]] > 1:
            near = np.where(clusters.number == clusters.number[row], clusters.likeness[row], -1.0)
            near[row] = -1.0
            best = int(near.argmax())
            lines.append(
                f"{clusters.number[row]}\t{vocabulary.tags[row]}\t{amount[row]:.0f}\t"
                f"{vocabulary.tags[best]}\t{near[best]:.2f}"
            )
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cosine(table: Matrix) -> Matrix:
    unit = table / (np.linalg.norm(table, axis=1, keepdims=True) + 1e-9)
    result: Matrix = unit @ unit.T
    return result


def _normalised(counts: Matrix) -> Matrix:
    """Normalised pointwise mutual information of all pairs of a post, −1 to 1: (V, V)."""
    amount = np.diag(counts) + 1.0
    total = amount.sum()
    both = (counts + 1e-6) / total
    alone = np.outer(amount, amount) / total**2
    # Pairs seen once or twice say little: their information is shrunk by the number seen.
    table: Matrix = np.log(both / alone) / -np.log(both) * (counts / (counts + 3.0))
    return table
