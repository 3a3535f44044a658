"""Sketches: what a text's pieces say without the encoder, good enough to choose among sentences."""

import numpy as np
import pytest

from searcher.index.dense.encoder import load_encoder
from searcher.index.dense.sketches import Sketches
from searcher.settings import EncoderSettings


def test_hand_computed_sketch():
    """
    The vectors of a text's pieces are summed with the logarithms of their numbers plus one, and made one long; special
    and unknown pieces add nothing, and a text of nothing else has no sketch.
    """
    vectors = np.array([[0, 0], [1, 0], [0, 0], [0, 1]], np.float16)
    sketches = Sketches(vectors).of([np.array([2, 1, 3, 1, 2]), np.array([0, 2])])
    wanted = np.array([2 * np.log(2), np.log(4)])
    assert sketches[0] == pytest.approx(wanted / np.linalg.norm(wanted), rel=1e-3)
    assert sketches[1].tolist() == [0, 0]
    assert sketches.dtype == np.float32


@pytest.mark.slow
def test_a_piece_alone_is_what_the_encoder_says(encoder):
    """The sketch of a text of one piece is its vector; blank texts and unknown scripts have none."""
    words = ["election", "storm", "football"]
    assert (encoder.sketch(words) * encoder.encode(words)).sum(axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    assert not encoder.sketch(["", " \n", "የኢትዮጵያ"]).any()
    assert encoder.sketch([]).shape == (0, 384)


@pytest.mark.slow
def test_it_chooses_the_sentence_that_answers(encoder):
    """Among unlike sentences the sketch and the encoder choose the same."""
    sentences = [
        "The goalkeeper saved two penalties in extra time.",
        "Interest rates were left where they are, the central bank said.",
        "Heavy rain flooded the streets of the old town overnight.",
        "The opera's new season opens with Verdi.",
    ]
    for question in (
        "who won the football match",
        "monetary policy decision",
        "weather damage",
        "classical music",
    ):
        wanted = encoder.encode_query(question)
        exact = int((encoder.encode(sentences) @ wanted).argmax())
        assert int((encoder.sketch(sentences) @ (wanted + encoder.sketch([question])[0])).argmax()) == exact


@pytest.mark.slow
def test_they_are_prepared_once(encoder, encoder_cache):
    """The second time they are read; a file that is damaged is prepared again."""
    kept = encoder_cache / f"{encoder.fingerprint}.pieces.npy"
    before = kept.stat()
    again = load_encoder(EncoderSettings(), cache_dir=encoder_cache)
    assert again.sketch(["storm"]).tolist() == encoder.sketch(["storm"]).tolist()
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    kept.write_bytes(kept.read_bytes()[:-5])
    mended = load_encoder(EncoderSettings(), cache_dir=encoder_cache)
    assert kept.stat().st_size == before.st_size
    assert mended.sketch(["storm"]).tolist() == again.sketch(["storm"]).tolist()
