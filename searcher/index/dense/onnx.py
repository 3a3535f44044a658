"""
The encoder at work: onnxruntime and tokenizers over an export, and OpenVINO for many texts where it is installed.

Never imports torch, sentence_transformers or transformers: that is what makes a query's process start in a third of a
second instead of ten.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import EncoderUnavailable
from searcher.index.dense.bulk import LEAST_TEXTS, Run, open_bulk
from searcher.index.dense.export_cache import MODEL_FILE, TOKENIZER_FILE, Export
from searcher.index.dense.pieces import Pieces
from searcher.index.dense.sketches import Sketches, open_sketches
from searcher.index.dense.vectors import Vector, Vectors
from searcher.processes import cores
from searcher.records import Progress, silent
from searcher.settings import Precision

# Texts in one run, and word pieces, as the longest text has them: 16 short texts are the fastest on a CPU; of long
# ones four are as fast, and leave the process at 240 MB instead of 540 (64 texts of 256 pieces, all-MiniLM-L6-v2).
_BATCH = 16
_BATCH_PIECES = 1024
# Texts sorted by length at a time: like lengths share a batch, and memory does not grow with the input.
_BLOCK = 4096
# A second thread makes a query 10 % faster on an idle machine and twice as slow on a busy one; and queries
# may run beside each other.
_QUERY_THREADS = 1


class OnnxEncoder:
    """An `Encoder` over an export. Usable from several threads at once."""

    def __init__(self, export: Export, *, name: str, precision: Precision = "float32") -> None:
        self.name = name
        self._export = export
        self._precision = precision
        self.dim = export.facts.dim
        self.fingerprint = _fingerprint(export.fingerprint, precision)
        self._facts = export.facts
        self._pieces = Pieces(
            export.directory / TOKENIZER_FILE, window=export.facts.window, unknown=export.facts.unknown
        )
        # What goes before each text takes its share of the window.
        self.window = export.facts.window - self._pieces.of_prompt(export.facts.document_prompt)
        self._path = export.directory / MODEL_FILE
        self._sessions = _Sessions(self._path)

    def __reduce__(self) -> tuple[partial[OnnxEncoder], tuple[Export]]:
        # Pickled, for a process that helps to build, it is its export, to be opened there.
        return partial(OnnxEncoder, name=self.name, precision=self._precision), (self._export,)

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> Vectors:
        """See `Encoder.encode`."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        run = self._run_of_documents(len(texts))
        for start in range(0, len(texts), _BLOCK):
            block = texts[start : start + _BLOCK]
            ids = self._pieces.read(block, prompt=self._facts.document_prompt)
            for done, rows, rows_vectors in self._run(ids, self._facts.document_prompt, run):
                vectors[start + rows] = rows_vectors
                progress("encode", start + done, len(texts))
        return vectors

    def encode_query(self, text: str) -> Vector:
        """See `Encoder.encode_query`."""
        vector = np.zeros(self.dim, np.float32)
        run = self._sessions.with_threads(_QUERY_THREADS)
        ids = self._pieces.read_by_words([text], prompt=self._facts.query_prompt)
        for _, _, vectors in self._run(ids, self._facts.query_prompt, run):
            vector = vectors[0]
        return vector

    def sketch(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.sketch`."""
        sketches = self.sketches
        return self.encode(texts) if sketches is None else sketches.of(self._pieces.read_by_words(texts))

    @cached_property
    def sketches(self) -> Sketches | None:
        """What sketches are made from, prepared once per model; None where that cannot be."""
        kept = self._path.parent.with_name(f"{self._export.fingerprint}.pieces.npy")
        return open_sketches(kept, self._pieces, self.dim, lambda: self._sessions.with_threads(cores()))

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_pieces`."""
        return self._pieces.count(texts)

    def unknown_share(self, text: str) -> float:
        """See `Encoder.unknown_share`."""
        return self._pieces.unknown_share(text)

    def _run_of_documents(self, texts: int) -> Run:
        """Give what runs the model for so many texts. Raises EncoderUnavailable if nothing can in this precision."""
        # However few there are: vectors of two kinds must not mix.
        if (texts >= LEAST_TEXTS or self._precision != "float32") and self._bulk is not None:
            return self._bulk
        return self._sessions.with_threads(cores() if texts > _BATCH else _QUERY_THREADS)

    @cached_property
    def _bulk(self) -> Run | None:
        return open_bulk(self._path, threads=cores(), precision=self._precision)

    def _run(
        self, ids: Sequence[npt.NDArray[np.int64]], prompt: str, run: Run
    ) -> Iterator[tuple[int, npt.NDArray[np.int64], Vectors]]:
        """
        Give (texts done so far, rows, their vectors) per batch, longest texts first: memory is highest at
        once. `ids`: each text's pieces, with those of the prompt.
        """
        in_prompt = self._pieces.of_prompt(prompt)
        known = [
            row for row, pieces in enumerate(ids) if self._pieces.is_known(pieces, prompt_pieces=in_prompt)
        ]
        known.sort(key=lambda row: (-len(ids[row]), row))
        done = len(ids) - len(known)
        for rows in _batches(known, ids):
            vectors = run(self._feed([ids[row] for row in rows]))
            done += len(rows)
            yield done, np.asarray(rows), vectors

    def _feed(self, batch: list[npt.NDArray[np.int64]]) -> dict[str, npt.NDArray[np.int64]]:
        """Give the inputs of one run, int64[n, longest]: shorter rows are filled up, and masked there."""
        shape = len(batch), max(map(len, batch))
        ids, mask = np.full(shape, self._facts.pad, np.int64), np.zeros(shape, np.int64)
        for row, pieces in enumerate(batch):
            ids[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros(shape, np.int64)}


def _fingerprint(of_export: str, precision: Precision) -> str:
    """Give what tells these vectors from others: float32 is what every runtime gives, and needs no mention."""
    return (
        of_export
        if precision == "float32"
        else hashlib.sha256(f"{of_export} {precision}".encode()).hexdigest()
    )


def _batches(rows: list[int], ids: Sequence[npt.NDArray[np.int64]]) -> Iterator[list[int]]:
    """Part rows, the longest first, into what is run at once."""
    first = 0
    while first < len(rows):
        size = min(_BATCH, max(1, _BATCH_PIECES // len(ids[rows[first]])))
        yield rows[first : first + size]
        first += size


class _Sessions:
    """
    The model, opened once for each number of threads that is asked for: onnxruntime fixes it when it opens.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: dict[int, Run] = {}
        self._lock = threading.Lock()

    def with_threads(self, threads: int) -> Run:
        threads = min(threads, cores())
        with self._lock:
            if threads not in self._open:
                self._open[threads] = _runner(_open_session(self._path, threads))
            return self._open[threads]


def _runner(session: Any) -> Run:
    names = [entry.name for entry in session.get_inputs()]

    def run(feed: Mapping[str, npt.NDArray[np.int64]]) -> Vectors:
        (vectors,) = session.run(None, {name: feed[name] for name in names})
        return np.asarray(vectors, np.float32)

    return run


def _open_session(path: Path, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise EncoderUnavailable(
            f"The encoder needs onnxruntime, which cannot be imported: {error}. Try: pip install onnxruntime"
        ) from error

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The exporter has optimised the graph: more costs time at each start and made no run faster.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Threads that wait actively take 12 % from themselves when others use the machine, too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions have no common base.
        raise EncoderUnavailable(
            f"{path} cannot be opened: {error}. Delete its directory and try again."
        ) from error
