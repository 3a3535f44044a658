"""
How long may an answer take? What grows with its page ends at a deadline, and the answer says so.

Finding does not grow with the page, and is bounded by the caps of the query language. Choosing snippets does: past the
deadline each hit is shown from the beginning of its chunk, which costs a hundredth.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from searcher.ranking.snippets import beginning
from searcher.records import Chunk, Snippet

ALWAYS = 20
"""So many hits have their snippets however late it is: a page for a person, also while a machine is slow to start."""

SHARE = 0.9
"""Of the seconds of an answer: the beginnings of 7,000 other passages take the rest."""

clock = time.monotonic
"""What the seconds are read from."""


class SnippetsInTime:
    """Snippets for the hits of one answer, which takes `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = clock() + SHARE * seconds
        self._chosen = 0
        self._late = 0

    def limit(self, snip: Callable[[str, Chunk], Snippet]) -> Callable[[str, Chunk], Snippet]:
        """Give `snip` as long as there is time; after it what gives each chunk's beginning."""

        def in_time(body: str, chunk: Chunk) -> Snippet:
            if self._late or (self._chosen >= ALWAYS and clock() >= self._ends):
                self._late += 1
                return beginning(body, chunk)
            self._chosen += 1
            return snip(body, chunk)

        return in_time

    @property
    def problem(self) -> str | None:
        """Which hits have no snippet of their own, with the next step; None: all have."""
        if not self._late:
            return None
        return (
            f"{self._late:,} of {self._chosen + self._late:,} hits are shown from where their passage begins: the "
            f"{self._seconds:g} seconds that an answer may take were up. Ask for fewer at once."
        )
