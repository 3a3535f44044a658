"""
Which encoder turns text into vectors here? `load_encoder` finds it, compiles it once, and opens it.

The first load of a model takes seconds (sentence-transformers exports it to ONNX and checks the export
against itself); every later load takes a fraction of a second and imports neither torch nor transformers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from searcher.errors import EncoderUnavailable
from searcher.index.dense.export_cache import open_export
from searcher.index.dense.model_files import find_model, fingerprint_model
from searcher.index.dense.vectors import Vector, Vectors
from searcher.records import Progress, silent
from searcher.settings import EncoderSettings


class Encoder(Protocol):
    """
    Turns texts into unit vectors. Usable from several threads at once.

    No text makes it fail: lone surrogates are replaced, and what lies past `window` is not read. A text
    without one known piece (blank, or in a script that the encoder never saw) has no vector: its row is all
    zero, so that it is near to nothing. All such texts would otherwise be near to each other, whatever they
    say.
    """

    @property
    def name(self) -> str:
        """The model's name, for people."""

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""

    @property
    def window(self) -> int:
        """How many word pieces of a text are read, special pieces included, those of a model's own prompt not."""

    @property
    def fingerprint(self) -> str:
        """
        Tells vectors that may be compared from those that may not: of the model's content, the same
        everywhere.
        """

    def encode(self, texts: Sequence[str], *, progress: Progress = silent) -> Vectors:
        """
        Give float32[n, dim] in input order, for texts to be found. A row does not depend on the other texts.
        """

    def encode_query(self, text: str) -> Vector:
        """
        Give float32[dim] for a question; some models want questions marked, so it may differ from `encode`.
        """

    def sketch(self, texts: Sequence[str]) -> Vectors:
        """
        Give float32[n, dim], unit rows or zero: about what `encode` gives, at a fraction of the cost.

        To choose among a chunk's sentences, never to index or to search.
        """

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Count each text's word pieces, without special pieces and whatever the window."""

    def unknown_share(self, text: str) -> float:
        """Give which share of the text's pieces is unknown, 0 to 1; 1 for a text without pieces."""


_ahead: dict[EncoderSettings, Future[Encoder]] = {}


def load_ahead(settings: EncoderSettings) -> None:
    """
    Begin to load the encoder in a thread, for the `load_encoder` that will follow; what goes wrong is raised there.

    Most of it is done outside of Python: a process that asks one question imports the rest meanwhile.
    """
    loaded = _ahead[settings] = Future()

    def load() -> None:
        try:
            encoder = _load(settings, default_cache_dir())
            encoder.encode_query("")  # Opens the model, too.
        except BaseException as error:
            loaded.set_exception(error)
        else:
            loaded.set_result(encoder)

    # Not a daemon: a process that ends amid the import of a C++ library is aborted.
    threading.Thread(target=load, name="encoder").start()


def load_encoder(settings: EncoderSettings, *, cache_dir: Path | None = None) -> Encoder:
    """
    Give the encoder that the settings name, exported into `cache_dir` when it is not there yet.

    The model is looked for as a path, in the bundled package, in the local hub cache, and on the hub only if
    the settings allow the network. Raises EncoderUnavailable, with the next step, if it is nowhere or refuses
    to load.
    """
    if cache_dir is None and (loaded := _ahead.pop(settings, None)):
        return loaded.result()
    return _load(settings, cache_dir or default_cache_dir())


def _load(settings: EncoderSettings, cache_dir: Path) -> Encoder:
    # Reading digests and importing onnxruntime each take .1 s and more, and do not disturb each other.
    # Not a daemon: a process that ends amid the import of a C++ library is aborted.
    threading.Thread(target=_import_runtime).start()
    model = find_model(settings)
    export = open_export(model, fingerprint_model(model, memo_dir=cache_dir / "known"), cache_dir=cache_dir)
    if export.runtime == "torch":
        if settings.precision != "float32":
            raise EncoderUnavailable(
                f"The encoder {model.name} runs in float32 only ({export.facts.reason}). "
                'Set precision = "float32" under [encoder] in searcher.toml.'
            )
        from searcher.index.dense.torch_encoder import TorchEncoder

        return TorchEncoder(export, model)
    from searcher.index.dense.onnx import OnnxEncoder

    name = model.name if settings.precision == "float32" else f"{model.name} in {settings.precision}"
    encoder = OnnxEncoder(export, name=name, precision=settings.precision)
    _ = encoder.sketches  # What has to be prepared once is prepared now, not amid a question.
    return encoder


def default_cache_dir() -> Path:
    """
    Give the per-user directory of exported encoders, `$XDG_CACHE_HOME/searcher/encoders`. Creates nothing.
    """
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "searcher" / "encoders"


def _import_runtime() -> None:
    with suppress(ImportError):  # Said where it is needed.
        import onnxruntime  # noqa: F401
        import tokenizers  # noqa: F401
