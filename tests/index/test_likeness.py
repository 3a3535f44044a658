"""The vector of headline and lead, from the index or from the text."""

from __future__ import annotations

import numpy as np

from searcher.index.likeness import lead_vector
from searcher.index.reader import Reader
from tests.fake_encoder import FakeEncoder
from tests.library.samples import article, new_library


def test_a_text_from_outside_is_encoded_as_one_in_the_index(tmp_path):
    """The same article has the same vector taken from the index and made from its text, however long its headline."""
    long = article("a", "Dockers walk out. " * 20, title="harbour strike cranes " * 100)
    with new_library(tmp_path) as library:
        library.add(long, article("b", "Something else."))
        with Reader(library.indexes, library.analyzer, library.settings.lexical) as reader:
            words = library.settings.chunks.words
            stored = lead_vector(long, reader, [1], FakeEncoder, words)
            made = lead_vector(long, reader, [], FakeEncoder, words)
    np.testing.assert_allclose(made, stored, atol=1e-6)
