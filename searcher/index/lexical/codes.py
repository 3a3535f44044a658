"""
What one posting says, in 16 bits: how often a term stands in body, title and facts, and how long the body is.

    bits 15-8   length byte of the body (in terms): exact below 128, then in steps of 7.3 %
    bits  7-3   occurrences in the body (31 means 31 or more)
    bits  2-1   occurrences in the title (3 means 3 or more)
    bit   0     stands in the facts (source and date)

A table of 65,536 scores turns codes into BM25F at query time: weights, k1, b and average lengths stay free, and
no commit or withdrawal ever touches a posting.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint16]
Floats = npt.NDArray[np.float32]

_EXACT = 128
_LONGEST = 1_000_000
_STEP = (_LONGEST / _EXACT) ** (1 / _EXACT)

LENGTHS: npt.NDArray[np.float64] = np.concatenate(
    [np.arange(_EXACT), _EXACT * _STEP ** np.arange(_EXACT, dtype=np.float64)]
)
"""float64[256]: the length that each length byte stands for."""

_BORDERS = (LENGTHS[1:] + LENGTHS[:-1]) / 2
_SHORT = 4_096
_ROUNDED_SHORT = LENGTHS[np.searchsorted(_BORDERS, np.arange(_SHORT), side="right")]

MAX_BODY, MAX_TITLE = 31, 3


def length_byte(lengths: npt.NDArray[np.integer]) -> npt.NDArray[np.uint16]:
    """Give the length byte nearest to each length."""
    return np.searchsorted(_BORDERS, lengths, side="right").astype(np.uint16)


def rounded(lengths: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """Give what the length byte of each length stands for."""
    if lengths.max(initial=0) < _SHORT:  # Nearly always, and ten times as fast.
        return _ROUNDED_SHORT.take(lengths)
    return LENGTHS[length_byte(lengths)]


def norms(lengths: npt.NDArray[np.float64], b: float, mean_length: float) -> npt.NDArray[np.float64]:
    """Give by what occurrences in a body of each length are divided: 1 - b + b * length / mean_length."""
    return 1 - b + b * lengths / max(mean_length, 1e-9)


def encode(
    body: npt.NDArray[np.int64],
    title: npt.NDArray[np.int64],
    facts: npt.NDArray[np.int64],
    length: npt.NDArray[np.uint16],
) -> Codes:
    """Pack occurrences and length bytes into codes."""
    code = (
        (length.astype(np.int64) << 8)
        | (np.minimum(body, MAX_BODY) << 3)
        | (np.minimum(title, MAX_TITLE) << 1)
        | (facts > 0)
    )
    return code.astype(np.uint16)


def occurrences(codes: Codes) -> tuple[Codes, Codes, Codes]:
    """Give how often the term stands in body, title and facts, for each code: what `encode` kept of it."""
    body, title, facts = (codes >> 3) & MAX_BODY, (codes >> 1) & MAX_TITLE, codes & 1
    return body.astype(np.uint16), title.astype(np.uint16), facts.astype(np.uint16)


def in_title(codes: Codes) -> npt.NDArray[np.bool_]:
    """Whether the term stands in the title, for each code."""
    held: npt.NDArray[np.bool_] = (codes & 0b110) != 0
    return held


def score_table(
    *, k1: float, b: float, mean_length: float, title_weight: float, facts_weight: float
) -> Floats:
    """
    Give float32[65536]: the saturated term frequency of each code, to be multiplied by the idf.

    BM25F with b = 0 for title and facts: tf = body / (1 - b + b * length / mean_length) + title_weight * title
    + facts_weight * facts, and the score is tf / (k1 + tf), without the constant factor (k1 + 1), as in Lucene.

    Source: Zaragoza, Craswell, Taylor, Saria & Robertson, TREC 2004, "Microsoft Cambridge at TREC-13".
    """
    code = np.arange(65_536, dtype=np.uint16)
    body, title, facts = occurrences(code)
    norm = norms(LENGTHS[code >> 8], b, mean_length)
    tf = np.divide(body, norm, out=np.zeros(len(code)), where=norm > 0)
    tf += title_weight * title + facts_weight * facts
    table: Floats = np.divide(tf, k1 + tf, out=np.zeros(len(code)), where=tf > 0).astype(np.float32)
    return table


def rank_codes(table: Floats) -> tuple[Codes, Codes]:
    """Give uint16[65536] twice: the rank of each code by its score, equals by themselves, and the code of each rank."""
    by_rank = np.argsort(table, kind="stable").astype(np.uint16)
    ranks = np.empty_like(by_rank)
    ranks[by_rank] = np.arange(len(by_rank), dtype=np.uint16)
    return ranks, by_rank
