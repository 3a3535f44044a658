"""
Which segments are due to be joined? Few segments answer faster; joining costs writing. Tiers balance the two.

Segments of similar size form a tier, each four times the last. A tier of four is joined into one segment, so that
each chunk is written again about once per tier: a library of 100,000 chunks has about ten segments at most.
Segments of which more than half is dead are joined with the smallest tier.
"""

from __future__ import annotations

import math

import numpy as np

from searcher.index.generation import Generation

TIER = 4
SMALLEST = 500
"""Chunks up to which all segments are in the first tier: the news of a day."""
LARGEST = 100_000
"""Chunks past which segments are left as they are."""


def due_for_merge(generation: Generation) -> list[int]:
    """Give the places of the segments to join next, or an empty list."""
    tiers: dict[int, list[int]] = {}
    for place, (info, mask) in enumerate(zip(generation.segments, generation.live, strict=True)):
        share = 1.0 if mask is None else float(np.count_nonzero(mask)) / max(info.articles, 1)
        if share < 0.5:
            return [place]
        if info.chunks * TIER <= LARGEST:
            tiers.setdefault(_tier(info.chunks), []).append(place)
    for tier in sorted(tiers):
        if len(tiers[tier]) >= TIER:
            return tiers[tier]
    return []


def _tier(chunks: int) -> int:
    return 0 if chunks <= SMALLEST else math.ceil(math.log(chunks / SMALLEST, TIER))
