"""What is shown of a hit? Its matched words, else the sentence nearest in meaning to the question."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from searcher.chunking import split_sentences
from searcher.index.dense.encoder import Encoder
from searcher.index.lexical.leg import Scored
from searcher.index.reader import Reader
from searcher.ranking.snippets import make_snippet, meaning_snippet
from searcher.records import Chunk, Snippet

Floats = npt.NDArray[np.float32]

MEANING_SNIPPETS = 20
"""Hits of one page whose nearest sentence is looked for: encoders that give no sketches take about 15 ms for each."""


class Snipper:
    """
    Chooses what to show of the hits of one page.

    `wanted`: what scored; `vector`: float32[dim], the question's, None where it was not asked by meaning.
    """

    def __init__(
        self,
        reader: Reader,
        wanted: Sequence[Scored],
        text: str,
        vector: Floats | None,
        encoder: Callable[[], Encoder],
    ) -> None:
        self._reader = reader
        self._wanted = wanted
        self._text = text
        self._vector = vector
        self._encoder = encoder
        self._by_meaning = 0

    def snip(self, body: str, chunk: Chunk) -> Snippet:
        """
        Choose what to show of a chunk: its matched words, else the sentence nearest in meaning (for the first few
        hits of a page that need it; for the others the chunk's beginning).
        """
        marks = partial(self._reader.lexical.analyzer.marks, terms=self._words)
        snippet = make_snippet(body, chunk, matches=marks)
        if snippet.kind == "words" or self._vector is None or self._by_meaning >= MEANING_SNIPPETS:
            return snippet
        self._by_meaning += 1
        sentences = [
            (chunk.start + start, chunk.start + end)
            for start, end in split_sentences(body[chunk.start : chunk.end])
        ]
        return meaning_snippet(body, chunk, nearest_span(body, sentences, self._sought, self._encoder()))

    @cached_property
    def _words(self) -> Container[str]:
        """The terms to mark: a page without snippets need not look its prefixes up."""
        return self._reader.lexical.words_of(self._wanted)

    @cached_property
    def _sought(self) -> Floats:
        # Like is compared with like, too: both together choose better than either.
        sought: Floats = self._vector + self._encoder().sketch([self._text])[0]
        return sought


def nearest_span(
    body: str, sentences: Sequence[tuple[int, int]], wanted: Floats, encoder: Encoder
) -> tuple[int, int]:
    """Give the sentence (a span of `body`) whose sketch is nearest to `wanted` (float32[dim])."""
    scores = encoder.sketch([body[start:end] for start, end in sentences]) @ wanted
    return sentences[int(scores.argmax())]
