"""Item–item knowledge in closed form from posts: co-occurrence, EASE and popularity.

Start of the model's item–item term, and the baselines that evaluation holds against it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def incidence(
    posts: Sequence[Sequence[int]], size: int, weights: Sequence[float] | None = None
) -> Matrix:
    """Co-occurrence counts XᵀX: (V, V); the diagonal holds each tag's count."""
    from scipy.sparse import csr_matrix

    lengths = [len(post) for post in posts]
    columns = np.concatenate([np.asarray(post, dtype=np.int64) for post in posts])
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    share = np.ones(len(posts)) if weights is None else np.sqrt(np.asarray(weights))
    values = np.repeat(share, lengths).astype(np.float32)
    table = csr_matrix((values, columns, pointers), shape=(len(posts), size))
    counts: Matrix = np.asarray((table.T @ table).todense(), dtype=np.float32)
    return counts


def log_popularity(counts: Matrix) -> Matrix:
    """Log share of each tag among all tags, one count added: (V,)."""
    amount = np.diag(counts) + 1.0
    result: Matrix = np.log(amount / amount.sum()).astype(np.float32)
    return result


def conditional(counts: Matrix, prior: float = 0.0) -> Matrix:
    """P(j | i) = c_ij / c_i in row i: (V, V); the diagonal is zero.

    Args:
        prior: Posts without other tags that are added to each tag's own: few posts say little.
    """
    amount = np.diag(counts) + prior
    table: Matrix = (counts / np.maximum(amount, 1.0)[:, None]).astype(np.float32)
    np.fill_diagonal(table, 0.0)
    return table


def pointwise(counts: Matrix, prior: float = 100.0) -> Matrix:
    """Pointwise mutual information, shrunk towards zero by ``prior`` expected pairs: (V, V)."""
    amount = np.diag(counts).copy()
    share = (amount + 1.0) / (amount.sum() + len(amount))
    # P(j | i) among the other tags of a post with i, against the share of j among all tags.
    other = counts.copy()
    np.fill_diagonal(other, 0.0)
    total = other.sum(1, keepdims=True)
    given = (other + prior * share[None, :]) / (total + prior)
    table: Matrix = np.log(given / share[None, :]).astype(np.float32)
    np.fill_diagonal(table, 0.0)
    return table


def log_given(counts: Matrix, prior: float = 10.0) -> Matrix:
    """log P(j | i) in row i: (V, V); the diagonal is zero.

    Args:
        prior: Posts of average content that are added to each tag's own.
    """
    amount = np.diag(counts).copy()
    share = (amount + 1) / (amount.sum() + len(amount))
    table: Matrix = np.log((counts + prior * share[None, :]) / (amount[:, None] + prior))
    np.fill_diagonal(table, 0.0)
    return table.astype(np.float32)


def bayes(counts: Matrix, prior: float = 100.0) -> Matrix:
    """log P(i | j) in row i, smoothed alike: what naive Bayes adds up over the prefix: (V, V).

    Args:
        prior: As for `log_given`, and more of it: tags of one post pass for independent.
    """
    table: Matrix = np.ascontiguousarray(log_given(counts, prior).T)
    return table


def lift(counts: Matrix, prior: float, common: float) -> Matrix:
    """How much likelier tag i is in posts with tag j than in any, in row i: (V, V).

    ``log P(i | j) / P(i)`` with P(i) as a share of all tags: what naive Bayes adds to the odds of j
    once i was chosen, up to a constant of the row.

    Args:
        prior: Posts of average content that are added to the ones with j.
        common: Times the log popularity of j, against the mean of all, is added: from 0 (none) to
            about 1, where the rows are ordered as by ``P(j | i)``.
    """
    usual = log_popularity(counts)
    table: Matrix = bayes(counts, prior) - usual[:, None] + common * (usual - usual.mean())
    np.fill_diagonal(table, 0.0)
    return table


def ease(counts: Matrix, penalty: float = 200.0) -> Matrix:
    """EASE (Steck, WWW 2019): B = I − P / diag(P) with P = (XᵀX + λI)⁻¹: (V, V)."""
    gram = counts.astype(np.float64)
    inverse = np.linalg.inv(gram + penalty * np.eye(len(gram)))
    table: Matrix = (-inverse / np.diag(inverse)[None, :]).astype(np.float32)
    np.fill_diagonal(table, 0.0)
    return table
