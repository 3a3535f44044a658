"""
Who encodes many texts at once? OpenVINO where it is installed (`pip install 'searcher[openvino]'`), from the same file.

It gives the vectors of onnxruntime to seven digits, for a sixth less work, so they belong to the same encoder. That
holds in float32 alone: left to itself, it computes in bfloat16 on processors that can, twice as fast, and what comes
out differs in the third digit and from one machine to the next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.index.dense.vectors import Vectors

Run = Callable[[Mapping[str, npt.NDArray[np.int64]]], Vectors]
"""Takes the model's inputs, int64[n, pieces] each; gives float32[n, dim]."""

LEAST_TEXTS = 64
"""Opening it takes as long as encoding so many texts: for fewer it is not worth it."""

_log = logging.getLogger(__name__)


def open_bulk(path: Path, *, threads: int) -> Run | None:
    """Give what runs the exported model at `path`, or None where OpenVINO is missing or cannot run it."""
    try:
        import openvino
    except ImportError:
        return None
    wanted = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
    try:
        model = openvino.Core().compile_model(path, "CPU", wanted)
        precision = model.get_property("INFERENCE_PRECISION_HINT")
        if precision != openvino.Type.f32:
            raise RuntimeError(f"it computes in {precision}, not in float32")
    except Exception as error:  # Whatever it stumbles over, onnxruntime can do the same.
        _log.warning("OpenVINO cannot run the encoder (%s): onnxruntime does.", error)
        return None
    return _runner(model)


def _runner(model: Any) -> Run:
    names = {one.any_name for one in model.inputs}

    def run(feed: Mapping[str, npt.NDArray[np.int64]]) -> Vectors:
        # A request of its own for each call: one must not be used by two threads.
        answer = model.create_infer_request().infer({name: feed[name] for name in names})
        return np.asarray(answer[model.output(0)], np.float32)

    return run
