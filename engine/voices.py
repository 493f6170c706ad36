"""How several voices about one photo become one: what the CNN-RNN says of the tags, what people
write about such photos, and what was said before anything was chosen. Pure.
"""

from __future__ import annotations

import torch
from torch import Tensor

AGREED = 1.3
"""What both say is partly the same, so together they are less sure than their sum by this factor:
a chat's taste and its wish for common or specific tags still have something to say."""

FIRST = 0.35
"""Share of what a photo said before any tag was chosen in what it says after: the CNN-RNN learned
both from the same captions, and each is wrong about other photos."""


def before(tags: Tensor, said: Tensor) -> Tensor:
    """Let what people write move the chances of the tags; that of all together stays.

    Args:
        tags: (B, V) logits of the CNN-RNN, END left out.
        said: (B, V) how much likelier than usual people write each tag, as a logarithm.

    Returns:
        (B, V) logits.
    """
    return _as_likely((tags + said) / AGREED, tags)


def after(tags: Tensor, said: Tensor, first: Tensor) -> Tensor:
    """The same once a tag was chosen: some of what the photo said first is kept.

    Args:
        tags: (B, V) logits of the CNN-RNN now.
        said: (B, V) as above.
        first: (B, V) logits before any tag was chosen, as above.

    Returns:
        (B, V) logits.
    """
    return _as_likely(torch.lerp((tags + said) / AGREED, first, FIRST), tags)


def _as_likely(moved: Tensor, tags: Tensor) -> Tensor:
    """The moved logits with the chance of all tags together as it was, against END."""
    shift = tags.logsumexp(1, keepdim=True) - moved.logsumexp(1, keepdim=True)
    return moved + shift
