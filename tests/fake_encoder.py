"""A fast encoder for tests: texts that share words are near to each other, and nothing else decides a vector."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searcher.records import Progress, silent

_WORD = re.compile(r"\w+")


class FakeEncoder:
    """
    An `Encoder` whose vector is the normalised sum of one vector per word, drawn from the word's hash.

    The same text gives the same vector in any order of calls and on any machine. `calls` counts the texts that
    were encoded, so that a test can say what was not encoded twice.
    """

    def __init__(self, *, dim: int = 32, window: int = 256, name: str = "fake") -> None:
        self.dim = dim
        self.window = window
        self.name = name
        self.fingerprint = hashlib.sha256(f"{name} {dim} {window}".encode()).hexdigest()
        self.calls = 0

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> npt.NDArray[np.float32]:
        """Give float32[n, dim], unit rows; zero for a text without words."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self.encode_query(text)
            progress("encode", row + 1, len(texts))
        self.calls += len(texts)
        return vectors

    def encode_query(self, text: str) -> npt.NDArray[np.float32]:
        """Give the vector of `encode`."""
        total = np.zeros(self.dim)
        for word in _words(text):
            total += _word_vector(word, self.dim)
        length = np.linalg.norm(total)
        return (total / length if length else total).astype(np.float32)

    def sketch(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Give the vectors of `encode`."""
        return self.encode(texts)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Count 1.3 pieces a word, rounded up."""
        return [math.ceil(1.3 * len(_words(text))) for text in texts]

    def unknown_share(self, text: str) -> float:
        """Every word is known; a text without words is not."""
        return 0.0 if _words(text) else 1.0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _word_vector(word: str, dim: int) -> npt.NDArray[np.float64]:
    """Give dim numbers between -1 and 1 that the word alone decides."""
    drawn = hashlib.shake_128(word.encode("utf-8", "replace")).digest(4 * dim)
    return np.frombuffer(drawn, "<i4") / 2**31
