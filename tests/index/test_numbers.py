"""Each number once, as numpy has it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searcher.index.numbers import distinct


@given(st.lists(st.integers(0, 40)), st.sampled_from([np.int32, np.int64, np.uint32]))
def test_each_number_once(numbers, dtype):
    """Rising, of the same type; what was given stays as it was."""
    given_numbers = np.array(numbers, dtype=dtype)
    found = distinct(given_numbers)
    assert (found.tolist(), found.dtype) == (sorted(set(numbers)), dtype)
    assert given_numbers.tolist() == numbers
