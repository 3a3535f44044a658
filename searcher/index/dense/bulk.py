"""
Who encodes many texts at once? OpenVINO where it is installed (`pip install 'searcher[openvino]'`), from the same file.

In float32 it gives the vectors of onnxruntime to seven digits, for less work, so they belong to the same encoder. In
bfloat16 it takes half the time on processors that can, and what comes out differs in the third digit, and from one
machine to the next: that has to be asked for (`[encoder] precision`), and is another encoder.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import EncoderUnavailable
from searcher.index.dense.vectors import Vectors
from searcher.settings import Precision
from searcher.text import one_line

Run = Callable[[Mapping[str, npt.NDArray[np.int64]]], Vectors]
"""Takes the model's inputs, int64[n, pieces] each; gives float32[n, dim]."""

LEAST_TEXTS = 64
"""Opening it takes as long as encoding so many texts: for fewer it is not worth it."""

_log = logging.getLogger(__name__)


def open_bulk(path: Path, *, threads: int, precision: Precision = "float32") -> Run | None:
    """
    Give what runs the exported model at `path`, or None where OpenVINO is missing or cannot run it in float32.

    Nothing else can run it in bfloat16: where OpenVINO cannot, EncoderUnavailable is raised.
    """
    try:
        import openvino
    except ImportError:
        if precision == "float32":
            return None
        raise _cannot("OpenVINO is missing. Run: pip install 'searcher[openvino]'") from None
    exactly = {"float32": openvino.Type.f32, "bfloat16": openvino.Type.bf16}[precision]
    wanted = {"INFERENCE_PRECISION_HINT": exactly, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
    try:
        model = openvino.Core().compile_model(path, "CPU", wanted)
        # Where the processor cannot, another is taken silently.
        taken = model.get_property("INFERENCE_PRECISION_HINT")
        if taken != exactly:
            raise RuntimeError(f"it computes in {taken.get_type_name()}, not in {exactly.get_type_name()}")
    except Exception as error:  # Whatever it stumbles over, onnxruntime can do the same in float32.
        if precision != "float32":
            raise _cannot(f"OpenVINO cannot ({one_line(str(error))[:200]}). Use another machine") from error
        _log.warning("OpenVINO cannot run the encoder (%s): onnxruntime does.", error)
        return None
    return _runner(model)


def _cannot(why: str) -> EncoderUnavailable:
    return EncoderUnavailable(
        f"Texts cannot be encoded in bfloat16: {why}. "
        'Or set precision = "float32" under [encoder] in searcher.toml, and run: searcher rebuild'
    )


def _runner(model: Any) -> Run:
    names = {one.any_name for one in model.inputs}

    def run(feed: Mapping[str, npt.NDArray[np.int64]]) -> Vectors:
        # A request of its own for each call: one must not be used by two threads.
        answer = model.create_infer_request().infer({name: feed[name] for name in names})
        return np.asarray(answer[model.output(0)], np.float32)

    return run
