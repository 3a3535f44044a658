"""
How sure is it? Intervals for a mean, and tests of whether two runs differ, over the topics of one collection.

Nothing is assumed about how scores are distributed: both resample the topics. The seed is a parameter; the same scores
and seed give the same numbers. Topics stand for others like them: no interval says anything of another collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]

SEED = 20250723
RESAMPLES = 10_000
LEVEL = 0.95

_CELLS = 2_000_000
"""Numbers drawn at once: 16 MB."""

_SAME = 1e-12
"""Means that differ by less differ by rounding: 0.1 + 0.2 must equal 0.3 here."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and the bounds between which it lies with 95 % confidence."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairedTest:
    """
    How far run B is above run A on the same topics (`difference.mean` > 0: B is better), and how likely so much is
    where there is no difference: two-sided p-values by bootstrap and by randomisation.
    """

    difference: Interval
    bootstrap_p: float
    randomisation_p: float


def mean_interval(values: Floats, *, seed: int = SEED, resamples: int = RESAMPLES) -> Interval:
    """
    Give the mean of float64[n], n > 0, with its 95 % interval by the percentile bootstrap.

    Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    means = _resampled(values, _bootstrap(values), seed, resamples)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(values.mean()), float(low), float(high))


def paired_test(a: Floats, b: Floats, *, seed: int = SEED, resamples: int = RESAMPLES) -> PairedTest:
    """
    Test whether the means of two runs differ; `a` and `b`: float64[n], n > 0, the same topics in the same order.

    Bootstrap: topics are drawn with replacement, the differences shifted to mean 0 (the shift method: Noreen 1989;
    Smucker, Allan & Carterette 2007, doi:10.1145/1321440.1321528). Randomisation: each topic's two scores change places
    at random (Fisher; ibid.). Both count the observed difference itself: p is never 0 (Phipson & Smyth 2010,
    doi:10.2202/1544-6115.1585).
    """
    differences = b - a
    observed = abs(float(differences.mean()))
    shifted = differences - differences.mean()
    drawn = _resampled(shifted, _bootstrap(shifted), seed, resamples)
    swapped = _resampled(differences, _swaps(differences), seed, resamples)
    return PairedTest(
        mean_interval(differences, seed=seed, resamples=resamples),
        bootstrap_p=_share_as_far(drawn, observed),
        randomisation_p=_share_as_far(swapped, observed),
    )


def _share_as_far(means: Floats, observed: float) -> float:
    as_far = int(np.count_nonzero(np.abs(means) >= observed - _SAME))
    return (as_far + 1) / (len(means) + 1)


def _bootstrap(values: Floats) -> Draw:
    """Means of as many values, drawn with replacement."""
    n = len(values)

    def draw(random: np.random.Generator, count: int) -> Floats:
        means: Floats = values[random.integers(0, n, size=(count, n))].mean(axis=1)
        return means

    return draw


def _swaps(differences: Floats) -> Draw:
    """Means of the differences with signs at random."""
    n = len(differences)

    def draw(random: np.random.Generator, count: int) -> Floats:
        signs = random.integers(0, 2, size=(count, n), dtype=np.int8) * np.int8(2) - np.int8(1)
        means: Floats = signs @ differences / n
        return means

    return draw


def _resampled(values: Floats, draw: Draw, seed: int, resamples: int) -> Floats:
    random = np.random.default_rng(seed)
    return np.concatenate([draw(random, count) for count in _batches(resamples, len(values))])


def _batches(resamples: int, n: int) -> Iterator[int]:
    """Batches that never hold more than so many numbers at once."""
    size = max(1, _CELLS // n)
    for start in range(0, resamples, size):
        yield min(size, resamples - start)
