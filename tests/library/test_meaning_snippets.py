"""The sentence nearest in meaning is looked for where no word matched, and only for so many hits of a page."""

from __future__ import annotations

from searcher.library.snipping import MEANING_SNIPPETS
from tests.fake_encoder import FakeEncoder
from tests.library.samples import article, new_library


def test_a_long_page_encodes_no_more_than_a_short_one(tmp_path):
    """
    Of sixty articles found by meaning alone the first twenty show their nearest sentence, the others their beginning.
    """
    encoder = FakeEncoder()
    with new_library(tmp_path, encoder=encoder) as library:
        # Stop words are no terms, but the encoder reads them: they match in meaning and never as words.
        library.add(*(article(f"a{n}", f"It is not that. Rain {n} fell.", title="Or not") for n in range(60)))
        hits = library.search("it is not that", mode="dense", limit=60, fold=False).hits
        kinds = [hit.snippet.kind for hit in hits]
    assert len(kinds) == 60
    assert kinds == ["meaning"] * MEANING_SNIPPETS + ["lead"] * (60 - MEANING_SNIPPETS)
