"""
What changed between two revisions of an article, for a reader: paragraphs first, then words within those that differ.

difflib does the comparing. Its time is quadratic or worse on hostile texts, so what it is given is bounded: what is
beyond the bound is shown as taken out and put in whole, which is true as well, only less telling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

Kind = Literal["same", "out", "in"]

MOST_PAIRS = 1_000_000
"""Pairs of paragraphs or words that are compared for two texts; none takes much longer than a second."""

ISLAND = 3
"""Characters: no longer stretch of sameness is left standing alone between two changes ("a", "of")."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, went out, or came in."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (of several that changed together, all), as pieces in reading order."""

    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Whether any piece of it is not the same on both sides."""
        return any(piece.kind != "same" for piece in self.pieces)


def compare_texts(before: str, after: str) -> tuple[Paragraph, ...]:
    """
    Give the paragraphs of both texts, merged, each ended by a newline.

    The pieces that are `same` or `out`, joined, are `before` (and a newline); those that are `same` or `in`, `after`.
    """
    old, new = ([f"{line}\n" for line in text.split("\n")] for text in (before, after))
    return tuple(_Comparing(MOST_PAIRS).paragraphs(old, new))


def compare_lines(before: str, after: str) -> tuple[Piece, ...]:
    """Give the pieces of two short texts (headlines), compared by words."""
    return tuple(_Comparing(MOST_PAIRS).words(before, after))


@dataclass(frozen=True, slots=True)
class _Run:
    """What stands in the old text here, and what in the new."""

    old: Sequence[str]
    new: Sequence[str]
    same: bool


class _Comparing:
    """One comparison under way: `left` is how many pairs it may still compare."""

    def __init__(self, left: int) -> None:
        self.left = left

    def paragraphs(self, old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
        """Paragraphs that changed one for one are compared in pairs; other stretches as a whole."""
        for run in self._runs(old, new):
            if run.same:
                yield from (Paragraph((Piece("same", line),)) for line in run.old)
            elif len(run.old) == len(run.new):
                for one, other in zip(run.old, run.new, strict=True):
                    yield Paragraph(tuple(self.words(one, other)))
            elif run.old and run.new:
                yield Paragraph(tuple(self.words("".join(run.old), "".join(run.new))))
            else:
                yield from (Paragraph((Piece("out", line),)) for line in run.old)
                yield from (Paragraph((Piece("in", line),)) for line in run.new)

    def words(self, before: str, after: str) -> Iterator[Piece]:
        """Give the pieces of two texts, neighbouring changes joined."""
        runs = _without_islands(list(self._runs(_WORDS.findall(before), _WORDS.findall(after))))
        for same, group in groupby(runs, key=lambda run: run.same):
            stretch = list(group)
            old = "".join(word for run in stretch for word in run.old)
            new = "".join(word for run in stretch for word in run.new)
            pieces = [Piece("same", old)] if same else [Piece("out", old), Piece("in", new)]
            yield from (piece for piece in pieces if piece.text)

    def _runs(self, old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
        """Give the runs of two sequences; what begins and ends both costs nothing."""
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        yield _Run(old[:head], new[:head], same=True)
        yield from self._core(old[head : len(old) - tail], new[head : len(new) - tail])
        yield _Run(old[len(old) - tail :], new[len(new) - tail :], same=True)

    def _core(self, old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
        pairs = len(old) * len(new)
        if pairs > self.left:
            yield _Run(old, new, same=False)
            return
        self.left -= pairs
        # autojunk would leave out frequent words, and with them call what stayed changed.
        for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield _Run(old[i:j], new[k:m], same=tag == "equal")


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the elements with which both begin."""
    pairs = zip(old, new, strict=False)
    return next((n for n, (one, other) in enumerate(pairs) if one != other), min(len(old), len(new)))


def _without_islands(runs: Sequence[_Run]) -> Iterator[_Run]:
    """Give the runs; one of sameness that is tiny, between two changes of a paragraph, counts as changed."""
    for n, run in enumerate(runs):
        text = "".join(run.old)
        between = 0 < n < len(runs) - 1 and not runs[n - 1].same and not runs[n + 1].same
        if run.same and between and len(text.strip()) <= ISLAND and "\n" not in text:
            yield _Run(run.old, run.new, same=False)
        else:
            yield run
