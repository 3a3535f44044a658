"""An encoder that encodes each question once, however often it is asked: for asking the same under many settings."""

from __future__ import annotations

from collections.abc import Sequence

from searcher.index.dense.encoder import Encoder
from searcher.index.dense.vectors import Vector, Vectors
from searcher.records import Progress, silent


class RememberingEncoder:
    """An `Encoder` with the vectors of another, whose questions are remembered: 1.5 kB each."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._questions: dict[str, Vector] = {}
        self.name = encoder.name
        self.dim = encoder.dim
        self.window = encoder.window
        self.fingerprint = encoder.fingerprint

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> Vectors:
        """See `Encoder.encode`."""
        return self._encoder.encode(texts, progress=progress)

    def encode_query(self, text: str) -> Vector:
        """See `Encoder.encode_query`."""
        if text not in self._questions:
            self._questions[text] = self._encoder.encode_query(text)
        return self._questions[text]

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_pieces`."""
        return self._encoder.count_pieces(texts)

    def unknown_share(self, text: str) -> float:
        """See `Encoder.unknown_share`."""
        return self._encoder.unknown_share(text)

    def sketch(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.sketch`."""
        return self._encoder.sketch(texts)
