"""
The real encoder without its work: texts are cut into word pieces as ever, and their vectors are invented. For
benchmarks of building, where encoding would take hours and is not what is measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searcher.index.dense.encoder import load_encoder
from searcher.records import Progress, silent
from searcher.settings import EncoderSettings


class CountingEncoder:
    """An `Encoder` (searcher/index/dense/encoder.py) whose vectors are drawn from the digests of the texts."""

    def __init__(self) -> None:
        self._real = load_encoder(EncoderSettings())
        self.name = f"none, with the pieces of {self._real.name}"
        self.dim, self.window = self._real.dim, self._real.window
        self.fingerprint = hashlib.sha256(f"counting {self._real.fingerprint}".encode()).hexdigest()

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> npt.NDArray[np.float32]:
        """Give float32[n, dim], unit rows. The same text has the same vector."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            drawn = hashlib.shake_128(text.encode("utf-8", "replace")).digest(4 * self.dim)
            vectors[row] = np.frombuffer(drawn, "<i4") / 2**31
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_query(self, text: str) -> npt.NDArray[np.float32]:
        """Give float32[dim]."""
        return self.encode([text])[0]

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Count the pieces of the real encoder."""
        return self._real.count_pieces(texts)

    def unknown_share(self, text: str) -> float:
        """As the real one."""
        return self._real.unknown_share(text)

    def sketch(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Nothing is cheaper than `encode`."""
        return self.encode(texts)
