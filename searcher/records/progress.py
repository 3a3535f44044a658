"""How long work reports itself: a function called with what is done so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Stage = Literal["read", "encode", "write", "merge"]

# Called with the stage, how much of it is done, and how much there is in all (None when that is not known).
# `read` counts bytes of input, the others count chunks. It may be called often, and must return quickly.
Progress = Callable[[Stage, int, int | None], None]


def silent(stage: Stage, done: int, total: int | None) -> None:
    """A `Progress` that says nothing."""
