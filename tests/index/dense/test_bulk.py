"""Many texts at once, with OpenVINO and without: the same vectors, to six digits."""

import logging
import sys

import numpy as np
import pytest

from searcher.index.dense.bulk import LEAST_TEXTS, open_bulk
from searcher.index.dense.encoder import load_encoder
from searcher.index.dense.export_cache import MODEL_FILE
from searcher.settings import EncoderSettings
from tests.index.dense.conftest import REFERENCE_TEXTS

pytestmark = pytest.mark.slow

MANY = [f"{text} {n}" for n in range(LEAST_TEXTS // len(REFERENCE_TEXTS) + 1) for text in REFERENCE_TEXTS]


@pytest.fixture
def onnx(monkeypatch):
    """The bundled encoder in a process without OpenVINO."""
    monkeypatch.setitem(sys.modules, "openvino", None)
    return load_encoder(EncoderSettings())


def test_openvino_gives_the_vectors_of_onnxruntime(encoder, onnx, monkeypatch):
    """Each text has the same vector to 1e-6, so both belong to one fingerprint; nothing is rounded to bfloat16."""
    ours = onnx.encode(MANY)
    monkeypatch.undo()
    pytest.importorskip("openvino")
    bulk = load_encoder(EncoderSettings())
    assert len(MANY) >= LEAST_TEXTS
    assert np.abs(bulk.encode(MANY) - ours).max() < 1e-6
    assert bulk._bulk is not None
    assert (bulk.fingerprint, onnx._bulk) == (encoder.fingerprint, None)


def test_openvino_gives_theirs(encoder, reference):
    """Against sentence-transformers the cosines have four nines, and no text depends on its batch."""
    pytest.importorskip("openvino")
    texts = list(reference.texts) * (LEAST_TEXTS // len(reference.texts) + 1)
    vectors = encoder.encode(texts)
    theirs = np.tile(reference.vectors("bundled"), (len(vectors) // len(reference.texts), 1))
    assert (vectors * theirs).sum(axis=1).min() > 0.9999
    again = encoder.encode(texts[::-1] + ["a"] * 5)[: len(texts)][::-1]
    assert np.abs(vectors - again).max() < 1e-6


def test_where_it_cannot_run_it_says_so(tmp_path, caplog):
    """A model that OpenVINO does not take is left to onnxruntime, and a warning says why."""
    pytest.importorskip("openvino")
    (tmp_path / MODEL_FILE).write_text("no model")
    with caplog.at_level(logging.WARNING):
        assert open_bulk(tmp_path / MODEL_FILE, threads=1) is None
    assert "onnxruntime does" in caplog.text
