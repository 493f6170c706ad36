"""What of a session's picks is one step, and what is one tag: people undo what they did, not what
was written down, and ``#NewYork`` is ``#newyork``.

Pure, and beside the picks, so that whoever adds them up counts alike.
"""

from __future__ import annotations


def step_of(key: str) -> str:
    """The event of a pick's key: picks of one event, one after the other, are one step.

    Args:
        key: ``EVENT:WHAT`` where an event may bring several picks, as a message with several
            hashtags or a saved set does; else all of it names the event.
    """
    event, _, _ = key.rpartition(":")
    return event or key


def tag_of(written: str) -> str:
    """Which tag a pick is about: its own spelling without the capitals."""
    return written.lower()
