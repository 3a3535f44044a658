"""Many texts at once, with OpenVINO and without: the same vectors, to six digits."""

import logging
import pickle
import sys

import numpy as np
import pytest

from searcher.errors import EncoderUnavailable
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


def test_bfloat16_is_another_encoder(encoder):
    """Asked for in bfloat16, vectors have another fingerprint and name, and lie near those of float32, however few."""
    halved = _halved()
    texts = [*REFERENCE_TEXTS[:-1], "a"]
    assert halved.fingerprint != encoder.fingerprint
    assert halved.name == f"{encoder.name} in bfloat16"
    for count in (1, len(texts)):
        ours, exact = halved.encode(texts[:count]), encoder.encode(texts[:count])
        assert 1e-4 < np.abs(ours - exact).max() < 1e-2
        assert (ours * exact).sum(axis=1).min() > 0.9998
    # A builder's helper, in a process of its own, has the same one.
    again = pickle.loads(pickle.dumps(halved))
    assert (again.fingerprint, again.name) == (halved.fingerprint, halved.name)


def test_in_bfloat16_a_text_hardly_depends_on_its_batch():
    """In another batch a vector moves by less than it has moved from float32."""
    halved = _halved()
    texts = [f"{text[:200]} {n}" for n in range(4) for text in REFERENCE_TEXTS[:-1]]
    together = halved.encode(texts)
    alone = np.concatenate([halved.encode([text]) for text in texts])
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_questions_are_encoded_in_float32_either_way(encoder):
    """A process that only asks needs no OpenVINO, and asks a library of either kind with the same vector."""
    asked = "Who opposed the new harbour?"
    halved = load_encoder(EncoderSettings(precision="bfloat16"))
    assert np.array_equal(halved.encode_query(asked), encoder.encode_query(asked))
    assert "_bulk" not in vars(halved)


def test_bfloat16_without_openvino_is_refused(monkeypatch):
    """Nothing stands in for it: float32 vectors must not get among the others. The message says what to do."""
    monkeypatch.setitem(sys.modules, "openvino", None)
    halved = load_encoder(EncoderSettings(precision="bfloat16"))
    with pytest.raises(EncoderUnavailable, match=r"bfloat16: OpenVINO is missing\. Run: .* Or set precision"):
        halved.encode(["a text"])


def test_a_processor_that_cannot_is_refused(monkeypatch, encoder):
    """OpenVINO says in what it computes: where that is not what was asked for, nothing is encoded."""
    openvino = pytest.importorskip("openvino")
    real = openvino.Core

    class Cannot:
        def compile_model(self, path, device, wanted):
            return real().compile_model(
                path, device, wanted | {"INFERENCE_PRECISION_HINT": openvino.Type.f32}
            )

    monkeypatch.setattr(openvino, "Core", Cannot)
    with pytest.raises(EncoderUnavailable, match=r"it computes in f32, not in bf16"):
        open_bulk(encoder._path, threads=1, precision="bfloat16")
    assert open_bulk(encoder._path, threads=1) is not None


def _halved():
    """The bundled encoder in bfloat16, where this machine can."""
    pytest.importorskip("openvino")
    halved = load_encoder(EncoderSettings(precision="bfloat16"))
    try:
        halved.encode(["can it?"])
    except EncoderUnavailable as error:
        pytest.skip(str(error))
    return halved
