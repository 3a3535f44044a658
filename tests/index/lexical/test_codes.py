"""16-bit postings: what they keep, and what BM25F makes of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.index.lexical import codes

from .judge import quantised


def test_lengths_below_128_are_exact():
    """
    A length below 128 terms comes back as it was.
    """
    lengths = np.arange(128)
    assert codes.LENGTHS[codes.length_byte(lengths)].tolist() == lengths.tolist()


@settings(deadline=None)
@given(st.lists(st.integers(0, 2_000_000), min_size=1))
def test_length_bytes_rise_and_are_the_nearest(lengths):
    """
    A longer text never has a smaller length byte; up to 932,000 terms the error is at most 3.7 %.
    """
    rising = np.array(sorted(lengths))
    found = codes.length_byte(rising)
    assert (np.diff(found.astype(int)) >= 0).all()
    assert found.max() <= 255
    kept = rising <= 932_000
    meant = codes.LENGTHS[found[kept]]
    assert (np.abs(meant - rising[kept]) <= 0.037 * rising[kept]).all()


@settings(deadline=None)
@given(st.integers(0, 1_000_000))
def test_length_bytes_agree_with_a_plain_search(length):
    """
    The length byte stands for the nearest of the 256 lengths.
    """
    found = codes.LENGTHS[codes.length_byte(np.array([length]))[0]]
    assert abs(found - length) == pytest.approx(abs(quantised(length) - length))


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(0, 10), st.integers(0, 10), st.integers(0, 255))
def test_codes_give_back_what_they_were_made_of(body, title, facts, length):
    """
    Occurrences come back cut at 31 in the body, 3 in the title, 1 in the facts, and the length byte unchanged.
    """
    code = codes.encode(
        np.array([body]), np.array([title]), np.array([facts]), np.array([length], dtype=np.uint16)
    )
    assert [int(part[0]) for part in codes.occurrences(code)] == [
        min(body, 31),
        min(title, 3),
        min(facts, 1),
    ]
    assert int(code[0] >> 8) == length
    assert bool(codes.in_title(code)[0]) == (title > 0)


def test_score_of_one_posting_by_hand():
    """
    Twice in a body of average length, once in the title: tf = 2 + 2.5, and 4.5 / (1.2 + 4.5).
    """
    table = codes.score_table(k1=1.2, b=0.75, mean_length=50.0, title_weight=2.5, facts_weight=1.0)
    code = codes.encode(*(np.array([n]) for n in (2, 1, 0)), codes.length_byte(np.array([50])))
    assert table[code[0]] == pytest.approx(4.5 / 5.7)


@pytest.mark.parametrize(
    ("k1", "b", "mean"), [(1.2, 0.75, 60.0), (0.0, 0.0, 1.0), (1.2, 1.0, 0.0), (2.0, 1.0, 9.0)]
)
def test_scores_are_finite_and_between_0_and_1(k1, b, mean):
    """
    Any settings give each code a score from 0 to 1; a code without occurrences scores 0.
    """
    table = codes.score_table(k1=k1, b=b, mean_length=mean, title_weight=2.5, facts_weight=1.0)
    assert np.isfinite(table).all()
    assert table.min() == 0
    assert table.max() <= 1
    assert not table[(np.arange(65_536) & 0xFF) == 0].any()
