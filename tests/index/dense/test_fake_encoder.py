"""The encoder that other tests stand on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searcher.index.dense.encoder import Encoder
from tests.fake_encoder import FakeEncoder


@given(st.lists(st.text(max_size=40), max_size=8))
def test_a_text_alone_decides_its_vector(texts):
    """In any company and any order a text has one vector, of length one or zero."""
    encoder: Encoder = FakeEncoder()
    vectors = encoder.encode(texts)
    again = FakeEncoder().encode(texts[::-1])[::-1]
    assert np.array_equal(vectors, again)
    lengths = np.linalg.norm(vectors, axis=1)
    assert all(abs(length - round(length)) < 1e-5 for length in lengths)


def test_shared_words_are_near():
    """Texts are as near as the words that they share."""
    storm, more, other = FakeEncoder().encode(["storm hits coast", "Storm hits coast again", "budget vote"])
    assert storm @ more > 0.7 > 0.5 > storm @ other
    assert FakeEncoder().count_pieces(["one two three", ""]) == [4, 0]
