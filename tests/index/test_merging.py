"""Few segments answer faster, joining costs writing: which are due, by hand and over a long life."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.index.generation import Fingerprints, Generation
from searcher.index.merging import LARGEST, SMALLEST, TIER, due_for_merge
from searcher.index.segment import SegmentInfo


def generation(*sizes, dead=()):
    """Give a generation of segments with so many chunks, four to an article; `dead`: (place, share) pairs."""
    infos = tuple(SegmentInfo(f"s{n}", max(size // 4, 1), size, "") for n, size in enumerate(sizes))
    live = [None] * len(infos)
    for place, share in dead:
        live[place] = np.arange(infos[place].articles) >= share * infos[place].articles
    return Generation(1, 1, Fingerprints("", "", ""), "", infos, tuple(live))


def test_nothing_is_due_while_segments_are_few():
    """None, one, or three of a size stay as they are."""
    assert due_for_merge(generation()) == []
    assert due_for_merge(generation(LARGEST)) == []
    assert due_for_merge(generation(10, 20, 30)) == []


def test_four_of_a_size_are_joined():
    """Four small segments are due, whatever stands between them; larger ones are left."""
    assert due_for_merge(generation(5_000, 10, 20, 20_000, 30, 499)) == [1, 2, 4, 5]


def test_sizes_count_by_fours():
    """500 is in the first tier, 501 to 2,000 in the second, 2,001 to 8,000 in the third."""
    assert due_for_merge(generation(500, 500, 500, 501)) == []
    assert due_for_merge(generation(501, 2_000, 1_000, 800)) == [0, 1, 2, 3]
    assert due_for_merge(generation(501, 2_000, 1_000, 2_001)) == []


def test_the_smallest_tier_goes_first():
    """With two tiers full, the cheap one is joined; the other is due afterwards."""
    assert due_for_merge(generation(600, 700, 800, 900, 1, 2, 3, 4)) == [4, 5, 6, 7]
    assert due_for_merge(generation(600, 700, 800, 900, 10)) == [0, 1, 2, 3]


def test_large_segments_are_left_as_they_are():
    """Four segments that would make one past the largest size stay four."""
    assert due_for_merge(generation(*[LARGEST // TIER + 1] * 8)) == []
    assert due_for_merge(generation(*[LARGEST // TIER] * 4)) == [0, 1, 2, 3]


def test_what_is_joined_fits_into_one_segment():
    """Of a tier with more than one segment can hold, as many are due as fit: at least four."""
    assert due_for_merge(generation(*[LARGEST // TIER] * 9)) == [0, 1, 2, 3]
    assert due_for_merge(generation(*[SMALLEST] * 150)) == list(range(LARGEST // SMALLEST))


def test_a_segment_that_is_mostly_dead_is_written_anew():
    """More than half dead: due, whatever its size; exactly half: not yet."""
    assert due_for_merge(generation(100_000, 40, dead=[(0, 0.51)])) == [0]
    assert due_for_merge(generation(100_000, 40, dead=[(0, 0.5)])) == []


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=200))
def test_segments_stay_few_and_are_written_seldom(sizes):
    """
    Over a life of updates: merging ends, at most three segments of a tier remain, and what is written again is
    bounded by the number of tiers, but for the first, whose segments are rewritten while they are a day's news.
    """
    alive: list[int] = []
    written = small = 0
    for size in sizes:
        alive.append(size)
        while due := due_for_merge(generation(*alive)):
            assert len(due) > 1
            joined = sum(alive[place] for place in due)
            if max(alive[place] for place in due) > SMALLEST:
                written += joined
            else:
                small += joined
            alive = [chunks for place, chunks in enumerate(alive) if place not in due] + [joined]
    total = sum(sizes)
    tiers = max(0, math.ceil(math.log(max(total, SMALLEST) / SMALLEST, TIER))) + 1
    assert sum(alive) == total
    assert len(alive) <= 3 * (tiers + 1) + total // (LARGEST // TIER)
    assert written <= total * (tiers + 1)
    assert small <= total * (SMALLEST // (TIER - 1) + 1)
