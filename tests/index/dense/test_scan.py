"""The compiled scan of whole numbers, against the definition; and whatever it is given, it ends."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.index.dense import scan

if scan._scan is None:
    pytest.skip("the scan is not compiled", allow_module_level=True)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.integers(0, 300),
    dim=st.sampled_from([1, 3, 24, 384, 1024]),
    reach=st.sampled_from([1, 40, 128]),
    wanted=st.integers(0, 320),
    admitted=st.sampled_from([None, 0.0, 0.05, 0.5, 1.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_best_rows_are_those_of_the_definition(rows, dim, reach, wanted, admitted, seed):
    """
    Products are exact, also of the largest numbers there can be; at least as many rows as wanted, no better one left
    out; rows rise; masks admit.
    """
    drawn = np.random.default_rng(seed)
    codes = drawn.integers(-reach, reach, (rows, dim), np.int8)
    most = scan.largest_number(dim)
    query = drawn.choice([-most, most, 0, 1, most // 3], dim).astype(np.int16)
    mask = None if admitted is None else drawn.random(rows) < admitted
    exact = codes.astype(np.int64) @ query.astype(np.int64)
    in_bytes, products, others = scan._scan.nearest((codes.view(np.uint8) ^ 128), query, wanted, mask)
    found = np.frombuffer(in_bytes, np.int64)
    assert np.frombuffer(products, np.int32).tolist() == exact[found].tolist()
    assert (np.diff(found) > 0).all()
    known = np.arange(rows) if mask is None else np.flatnonzero(mask)
    left = np.setdiff1d(known, found)
    assert np.isin(found, known).all() and len(found) >= min(wanted, len(known))
    assert others == (exact[left].max() if len(left) else None)
    assert not len(left) or not len(found) or exact[found].min() > others
    # One class of products more than was wanted, at most: it is a part in 4,096 of what they span.
    if len(found) > wanted > 0:
        spans = int(exact[known].max() - exact[known].min())
        least_needed = np.sort(exact[known])[-wanted]
        assert exact[found].min() >= least_needed - spans / 2048 - 1


def test_numbers_that_do_not_fit_into_32_bits_are_refused():
    """A query that could give a greater product, or other shapes than were said, are a ValueError."""
    for dim in (384, 1024, 4096):
        most = scan.largest_number(dim)
        codes = np.zeros((2, dim), np.uint8)
        _, products, _ = scan._scan.nearest(codes, np.full(dim, most, np.int16), 1, None)
        assert np.frombuffer(products, np.int32).tolist() == [-128 * dim * most] * 2
    with pytest.raises(ValueError, match="do not fit"):
        scan._scan.nearest(codes, np.full(4096, most + 1, np.int16), 1, None)
    for wrong in (codes.reshape(-1), codes.reshape(4, 2048), codes.reshape(2, 2, 2048)):
        with pytest.raises(ValueError, match="do not fit"):
            scan._scan.nearest(wrong, np.ones(4096, np.int16), 1, None)
    with pytest.raises(ValueError, match="do not fit"):
        scan._scan.nearest(codes, np.ones(4096, np.int16), 1, np.ones(3, bool))


@given(
    arguments=st.lists(
        st.one_of(
            st.none(),
            st.integers(-(2**70), 2**70),
            st.text(max_size=2),
            st.sampled_from(
                [
                    np.zeros(0, np.int16),
                    np.ones(3, np.int16),
                    np.full(3, -32768, np.int16),
                    np.ones(6, np.uint8),
                    np.ones((2, 3), np.uint8)[:, ::2],
                    np.ones(2, bool),
                    np.ones(2, np.float64),
                    np.ones(13, np.uint8)[1:].view(np.int16),
                ]
            ),
        ),
        max_size=5,
    )
)
def test_whatever_is_given_it_ends(arguments):
    """Arguments of other kinds and number are an error that can be caught, or an answer."""
    with suppress(TypeError, ValueError, OverflowError, BufferError):
        scan._scan.nearest(*arguments)
