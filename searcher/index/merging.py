"""
Which segments are due to be joined? Few segments answer faster; joining costs writing. Tiers balance the two.

Segments of similar size form a tier, each four times the last. A tier of four is joined into one segment, so that
each chunk is written again about once per tier: a library of 100,000 chunks has about ten segments.
A segment of which more than half is dead is written anew, alone.

What is due becomes one segment, never several: each joining leaves fewer segments, or fewer dead, so it ends.
"""

from __future__ import annotations

import math

import numpy as np

from searcher.index.generation import Generation

TIER = 4
SMALLEST = 500
"""Chunks up to which all segments are in the first tier: the news of a day."""
LARGEST = 50_000
"""Most chunks of a segment, about: what a segment's writing holds in memory, 400 MB, grows with them."""


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
            # None has more than a quarter of LARGEST: at least four fit.
            joined = np.cumsum([generation.segments[place].chunks for place in tiers[tier]])
            return tiers[tier][: int(np.searchsorted(joined, LARGEST, side="right"))]
    return []


def _tier(chunks: int) -> int:
    return 0 if chunks <= SMALLEST else math.ceil(math.log(chunks / SMALLEST, TIER))
