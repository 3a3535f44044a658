"""
Vectors that cost nothing: for benchmarks of words alone, which need whole segments, and segments hold vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searcher.records import Progress, silent


class FreeEncoder:
    """An `Encoder` (searcher/index/dense/encoder.py) whose every text has the same vector, of `dim` numbers."""

    def __init__(self, *, dim: int = 8, window: int = 256) -> None:
        self.dim = dim
        self.window = window
        self.name = "none"
        self.fingerprint = hashlib.sha256(f"free {dim} {window}".encode()).hexdigest()

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> npt.NDArray[np.float32]:
        """Give float32[n, dim], unit rows."""
        return np.full((len(texts), self.dim), self.dim**-0.5, dtype=np.float32)

    def encode_query(self, text: str) -> npt.NDArray[np.float32]:
        """Give float32[dim]."""
        return self.encode([text])[0]

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Count a word as 1.3 pieces, rounded up: the mean of English news."""
        return [-(-13 * (text.count(" ") + 1) // 10) for text in texts]

    def unknown_share(self, text: str) -> float:
        """Nothing is unknown."""
        return 0.0
