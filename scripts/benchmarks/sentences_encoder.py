"""Our encoder for another engine, which names it: vectors of chunks are at hand, all else is encoded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.index.dense.encoder import load_encoder
from searcher.index.reader import Reader
from searcher.library import Library
from searcher.settings import EncoderSettings

KNOWN: dict[str, Any] = {}
"""Vectors of texts that need not be encoded again."""


def encode(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Give float32[n, dim], unit rows."""
    return np.stack([KNOWN[text] if text in KNOWN else _encoder().encode_query(text) for text in texts])


def chunks_of(library: Library, reader: Reader) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Give the texts of all chunks behind their headlines, and their vectors."""
    table, texts = reader.table, []
    for article, seq in enumerate(table.seq.tolist()):
        own = library.store.by_seq([seq])[seq].article
        spans = map(table.chunk, table.chunks_of(article))
        texts.extend(f"{own.title}\n{own.body[span.start : span.end]}" for span in spans)
    return texts, np.concatenate([np.array(segment.flat.all()) for segment in reader.segments])


@cache
def _encoder() -> Any:
    return load_encoder(EncoderSettings())
