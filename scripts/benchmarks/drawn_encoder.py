"""
Vectors for articles made of real sentences, without hours of encoding: drawn from those of real chunks.

A chunk's vector is the mean of the vectors of the real chunks that its sentences come from, and a little noise, so
that no two are the same: as long, as wide-spread and as much in clusters as those of real news. Questions are encoded
for real, by the encoder that made the real vectors, and under its fingerprint, so that `searcher search` takes the
library for one of its own: for benchmarks only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searcher.chunking import split_sentences
from searcher.index.dense.encoder import Encoder
from searcher.index.recovery import open_segments
from searcher.library.library import Library
from searcher.records import Progress, silent

_NOISE = 0.3
"""Length of what is added to a unit vector: two chunks of the same sentences have a cosine of .92."""


class DrawnEncoder:
    """An `Encoder` (searcher/index/dense/encoder.py) whose texts' vectors are drawn from those of a real library."""

    def __init__(self, real: Library) -> None:
        self._encoder: Encoder = real.encoder
        self.dim, self.window = self._encoder.dim, self._encoder.window
        self.name = f"drawn from {self._encoder.name}"
        self.fingerprint = self._encoder.fingerprint
        self._chunk_of, self._vectors = _sentences_of(real)

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> npt.NDArray[np.float32]:
        """Give float32[n, dim], unit rows. The same text has the same vector."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._vector(text)
        return vectors

    def encode_query(self, text: str) -> npt.NDArray[np.float32]:
        """Give float32[dim], encoded for real."""
        return self._encoder.encode_query(text)

    def sketch(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """As the real one."""
        return self._encoder.sketch(texts)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Count a word as 1.3 pieces, rounded up: the mean of English news."""
        return [-(-13 * (text.count(" ") + 1) // 10) for text in texts]

    def unknown_share(self, text: str) -> float:
        """As the real one."""
        return self._encoder.unknown_share(text)

    def _vector(self, text: str) -> npt.NDArray[np.float32]:
        drawn = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
        chunks = [self._chunk_of[key] for key in _keys(text) if key in self._chunk_of]
        mean = self._vectors[chunks or drawn.integers(0, len(self._vectors), 2)].mean(axis=0)
        noise = drawn.standard_normal(self.dim) * _NOISE * np.linalg.norm(mean) / np.sqrt(self.dim)
        vector: npt.NDArray[np.float32] = (mean + noise).astype(np.float32)
        return vector / np.linalg.norm(vector)


def _sentences_of(real: Library) -> tuple[dict[str, int], npt.NDArray[np.float32]]:
    """Give for each sentence of the library the number of its chunk, and all chunks' vectors."""
    chunk_of: dict[str, int] = {}
    vectors: list[npt.NDArray[np.float32]] = []
    number = 0
    with real.indexes.hold() as generation:
        for segment in open_segments(real.indexes, generation):
            vectors.append(np.array(segment.flat.all()))
            spans = iter(np.asarray(segment.table.spans).tolist())
            for seq, count in zip(
                segment.table.seq.tolist(), segment.table.chunk_counts.tolist(), strict=True
            ):
                body = real.store.by_seq([seq])[seq].article.body
                for _ in range(count):
                    start, end = next(spans)
                    chunk_of.update(dict.fromkeys(_keys(body[start:end]), number))
                    number += 1
    return chunk_of, np.concatenate(vectors)


def _keys(text: str) -> list[str]:
    """Give the sentences of a text, in a form that other white space does not change."""
    return [" ".join(text[start:end].split()) for start, end in split_sentences(text)]
