"""The rank of a hit is its article's in each leg, whichever of its chunks each leg likes best."""

from __future__ import annotations

import numpy as np

from searcher.library.legs import _ranks
from searcher.records import Ranking
from tests.library.samples import MODES, new_library, news


def test_what_is_first_in_both_legs_is_first_by_reciprocal_ranks(tmp_path):
    """
    The legs may prefer different chunks of an article; by rrf it still has the rank of the article in both.
    """
    with new_library(tmp_path) as library:
        library.add(*news(60))
        agreed = 0
        for word in ("harbour", "glacier", "orchard", "train", "tax", "strike"):
            firsts = {
                library.search(word, mode=mode, limit=1, weight=None).hits[0].article_id for mode in MODES[1:]
            }
            if len(firsts) == 1:
                agreed += 1
                hit = library.search(word, fusion="rrf", limit=1).hits[0]
                assert {hit.article_id} == firsts
                assert [leg.rank for leg in hit.explanation.legs] == [1, 1]
    assert agreed


def test_every_candidate_of_an_article_has_its_rank():
    """Also the second: the chunk that the other leg likes best."""
    ranking = Ranking(np.array([5, 3]), np.array([9, 6]), np.array([2, 1], dtype=np.float32))
    assert _ranks(np.array([3, 3, 4, 5, 5]), ranking).tolist() == [2, 2, 0, 1, 1]
    assert _ranks(np.array([3, 3]), None).tolist() == [0, 0]
