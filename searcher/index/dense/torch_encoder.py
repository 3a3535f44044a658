"""
The encoder where an export is impossible: sentence-transformers itself behind the same door.

It costs seconds to load, in every process, and about twice the time for each text.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

import numpy as np

from searcher.errors import EncoderUnavailable
from searcher.index.dense.export import load_sentence_transformer
from searcher.index.dense.export_cache import Export
from searcher.index.dense.model_files import ModelFiles
from searcher.index.dense.pieces import readable
from searcher.index.dense.vectors import Vector, Vectors
from searcher.records import Progress, silent
from searcher.text import clean

_BATCH = 16
# Texts handed over at a time, between two calls of `progress`: like lengths are batched within it.
_BLOCK = 256
_log = logging.getLogger(__name__)


class TorchEncoder:
    """An `Encoder` that runs the model with torch. Usable from several threads, one at a time."""

    def __init__(self, export: Export, model: ModelFiles) -> None:
        _log.warning("The encoder %s runs with torch, slowly: %s.", model.name, export.facts.reason)
        self.name = model.name
        self.dim = export.facts.dim
        self.window = export.facts.window
        self.fingerprint = export.fingerprint
        self._unknown = export.facts.unknown
        self._lock = threading.Lock()
        try:
            self._model = load_sentence_transformer(model.directory)
        except Exception as error:  # Whatever is wrong with a stranger's model, the person gets one line.
            raise EncoderUnavailable(f"The encoder {model.name} cannot be loaded: {error}") from error
        # What goes before each text takes its share of the window.
        self.window -= self.count_pieces([export.facts.document_prompt])[0]

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> Vectors:
        """See `Encoder.encode`."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _BLOCK):
            block = texts[start : start + _BLOCK]
            known = [row for row, text in enumerate(block) if self.unknown_share(text) < 1]
            if known:
                vectors[[start + row for row in known]] = self._encode(
                    [block[row] for row in known], "document"
                )
            progress("encode", start + len(block), len(texts))
        return vectors

    def encode_query(self, text: str) -> Vector:
        """See `Encoder.encode_query`."""
        if self.unknown_share(text) == 1:
            return np.zeros(self.dim, np.float32)
        vector: Vector = self._encode([text], "query")[0]
        return vector

    def sketch(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.sketch`: here it is `encode`."""
        return self.encode(texts)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_pieces`."""
        return [len(self._ids(clean(text))) for text in texts]

    def unknown_share(self, text: str) -> float:
        """See `Encoder.unknown_share`."""
        ids = self._ids(readable(text, window=self.window))[: self.window]
        return sum(piece == self._unknown for piece in ids) / len(ids) if ids else 1.0

    def _encode(self, texts: list[str], task: str) -> Vectors:
        encode = self._model.encode_query if task == "query" else self._model.encode_document
        texts = [readable(text, window=self.window) for text in texts]
        with self._lock:
            vectors = encode(texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def _ids(self, text: str) -> list[int]:
        tokenizer = self._model.tokenizer
        with self._lock:
            if callable(tokenizer):
                return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
            return list(tokenizer.encode(text, add_special_tokens=False).ids)
