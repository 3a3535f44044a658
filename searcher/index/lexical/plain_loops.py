"""
The inner loops of scoring and matching, in numpy: what the compiled ones (`_loops.c`, `_best.c`, `_matching.c`) give,
to the last bit, and what is used where those could not be built.

Postings are those of a term in one segment: `units`, rising, and the `codes` of each; unit `base + units[i]` of the
generation holds the term. `table` is float32[65536], the score of each code before the idf.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from searcher.index.numbers import distinct

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.uint32]
Codes = npt.NDArray[np.uint16]
Units = npt.NDArray[Any]
Piece = tuple[int, Units, Codes]
"""The postings of a term in one segment: base, units, codes. Where there is a list of them, bases rise."""
Held = tuple[int, Units]
"""The units of a segment that are in a set, rising: base, units."""
HeldSet = list[Held]
"""
A set: what it holds of each segment, bases rising. As `opened` gives it, it takes part in `meet` sooner; compiled, it
is then something that nobody can look into: its arrays, opened.
"""
ScoredPart = tuple[float, list[Piece]]
"""
One thing that scores, as `part` gives it: its factor, and its postings. Compiled, it is something that nobody can look
into: its arrays, opened.
"""
Places = tuple[list[Positions], int]
"""Where a word stands in each segment, rising, and its place in a phrase."""
Borders = tuple[int, Positions, Positions | None]
"""A segment's first article, where each of its articles begins, and where its body does, if only titles count."""

ROUNDING = 1e-5
"""By how much, at most, sums of float32 in different order differ: an upper bound gets this much room."""

BLOCK = 16
"""Articles that the compiled loop looks at at once."""

LOOK_UP = 8
"""Looking up one unit in a term's postings costs about as much as going through so many of them."""


def part(factor: float, pieces: list[Piece], is_merged: bool = False, /) -> ScoredPart:
    """Give one thing that scores, as the other loops take it; `is_merged`: what it is of several terms."""
    return factor, pieces


def add_scores(sums: Floats, parts: list[ScoredPart], table: Floats, /) -> None:
    """Add to `sums`, float32[n units], what each unit has of the parts, one by one."""
    for factor, pieces in parts:
        for base, units, codes in pieces:
            values = table.take(codes)
            values *= np.float32(factor)
            np.add.at(sums[base:], units, values)


def add_scores_of(sums: Floats, wanted: Ints, parts: list[ScoredPart], table: Floats, /) -> None:
    """Add to `sums`, float32[n wanted], what each of the `wanted` units, which rise, has of the parts, one by one."""
    for factor, pieces in parts:
        for base, units, codes in pieces:
            places, at = _meeting(wanted, units.astype(np.int32) + np.int32(base))
            sums[places] += table.take(codes[at]) * np.float32(factor)


def add_terms(
    sums: Floats,
    terms: Ints,
    factors: Floats,
    starts: Positions,
    base: int,
    units: Units,
    codes: Codes,
    table: Floats,
    /,
) -> None:
    """
    Add to `sums`, float32[n units], what each unit has of terms of a segment, each times its factor, one by one.

    `terms`: int32[n terms], -1 where the segment has not got the term; term t has the postings `[starts[t], starts[t +
    1])` of the segment's `units` and `codes`.
    """
    held = terms >= 0
    firsts, lasts = starts[terms[held]].astype(np.int64), starts[terms[held] + 1].astype(np.int64)
    at = _ranges(firsts, lasts)
    values = table.take(codes[at])
    values *= np.repeat(factors[held], lasts - firsts)
    np.add.at(sums[base:], units[at], values)


def merge_postings(pieces: list[Piece], end: int, ranks: Codes, by_rank: Codes, /) -> tuple[bytes, bytes]:
    """
    Make one of the postings of several terms, in any order: the bytes of int32[n], the units, rising, each once, and
    of uint16[n], of the codes of each the one that ranks highest. All units lie below `end`. `ranks`: uint16[65536],
    the rank of each code; `by_rank`: the code of each rank.
    """
    best = np.full(end, -1, dtype=np.int32)
    for base, units, codes in pieces:
        np.maximum.at(best[base:], units, ranks.take(codes).astype(np.int32))
    held = (best >= 0).nonzero()[0]
    return held.astype(np.int32).tobytes(), by_rank.take(best[held]).tobytes()


def opened(pieces: list[Held], /) -> HeldSet:
    """Give a set that is to meet others again and again."""
    return pieces


def meet(inside: list[HeldSet], outside: list[HeldSet], /) -> bytes:
    """
    Give what is in all of the sets `inside`, at least one, and in none of those `outside`: the bytes of int32[n],
    rising.
    """
    by_size = sorted(inside, key=lambda held: sum([len(units) for _, units in held]))
    found = np.concatenate([np.zeros(0, np.int32), *(_numbers(*held) for held in by_size[0])])
    for others in by_size[1:]:
        found = found[_among(found, others)]
    for others in outside:
        found = found[~_among(found, others)]
    return found.tobytes()


def _among(values: Ints, pieces: list[Held]) -> Mask:
    """Say whether each of the values, which rise, is in one of the pieces of a set."""
    found = np.zeros(len(values), dtype=bool)
    for base, units in pieces:
        if len(units):
            held = _numbers(base, units)
            found |= held.take(held.searchsorted(values), mode="clip") == values
    return found


def _numbers(base: int, units: Units) -> Ints:
    numbers: Ints = units.astype(np.int32) + np.int32(base)
    return numbers


def unite(pieces: list[Held], /) -> bytes:
    """Give what is in any of the pieces, which may overlap and be in any order: the bytes of int32[n], rising."""
    return distinct(np.concatenate([np.zeros(0, np.int32), *(_numbers(*held) for held in pieces)])).tobytes()


def mark(mask: Mask, base: int, units: Units, /) -> None:
    """Set `mask` at each of the units, bool[n units]."""
    mask[base:][units] = True


def phrase_articles(words: tuple[Places, ...], segments: list[Borders], /) -> bytes:
    """
    Give the articles in which every word stands at its own place of a phrase: the bytes of int32[n], rising, each once.
    """
    found = []
    for number, borders in enumerate(segments):
        by_rarity = sorted([(own[number], place) for own, place in words], key=lambda word: len(word[0]))
        starts = by_rarity[0][0].astype(np.int64) - by_rarity[0][1]
        for positions, place in by_rarity[1:] if len(starts) else ():
            wanted = starts + place
            at = positions.searchsorted(wanted.astype(np.uint32))
            starts = starts[positions.take(at, mode="clip") == wanted]
        found.append(_articles_at(starts + words[0][1], borders))
    return b"".join([rows.tobytes() for rows in found])


def near_articles(words: tuple[Places, ...], segments: list[Borders], width: int, /) -> bytes:
    """Give the articles in which all words stand within `width`, in any order, as `phrase_articles` does."""
    found = []
    for number, borders in enumerate(segments):
        own = [positions[number] for positions, _ in words]
        starts = _near_each_other(own, width) if all(map(len, own)) else np.zeros(0, dtype=np.int64)
        found.append(_articles_at(starts, borders))
    return b"".join([rows.tobytes() for rows in found])


def _articles_at(positions: Longs, borders: Borders) -> Ints:
    """Give the articles that stand at these positions of a segment, each once, if these are where it counts."""
    base, article_positions, body_positions = borders
    articles = article_positions.searchsorted(positions.astype(np.uint32), side="right") - 1
    if body_positions is not None:
        articles = articles[positions < body_positions[articles]]
    return _numbers(base, distinct(articles))


def _near_each_other(words: Sequence[Positions], width: int) -> Longs:
    """Give the positions from which all words stand within `width` words, in any order."""
    words = _around_the_rarest(words, width)
    starts = distinct(np.concatenate(words)).astype(np.int64)
    for positions in words:
        if not len(positions):
            return starts[:0]
        following = np.searchsorted(positions, starts.astype(np.uint32))
        held = following < len(positions)
        following[~held] = 0
        starts = starts[held & (positions[following] <= starts + width)]
    return starts


def _around_the_rarest(words: Sequence[Positions], width: int) -> list[Positions]:
    """Leave out the positions that are farther than `width` from every place of the rarest word near all others."""
    rarest = min(words, key=len).astype(np.int64)
    spans = []
    for positions in words:
        first = positions.searchsorted(np.maximum(rarest - width, 0).astype(np.uint32))
        last = positions.searchsorted((rarest + width).astype(np.uint32), side="right")
        spans.append((first, last))
    near = np.all([last > first for first, last in spans], axis=0)
    return [
        positions[distinct(_ranges(first[near], last[near]))]
        for positions, (first, last) in zip(words, spans, strict=True)
    ]


def _ranges(firsts: Longs, lasts: Longs) -> Longs:
    """Give the numbers of all ranges `[first, last)`, range after range."""
    counts = lasts - firsts
    numbers: Longs = np.arange(int(counts.sum()))
    numbers += np.repeat(firsts - (np.cumsum(counts) - counts), counts)
    return numbers


class Measures(NamedTuple):
    """
    What the articles of a generation are scored by, whatever is asked: as `measures` gives it. Compiled, it is
    something that nobody can look into: its arrays, opened.

    `first_chunk`: int64[n articles + 1]; `seq`: int64[n articles], their age; the tables: float32[65536], the score of
    each posting code. What a part scores in a chunk, before its factor, is at most `excess` times what it does in the
    article, s; and at most r s / (1 + (r - 1) s), with its `norm_ratio` r. Both float32[n articles];
    `excess_of_blocks`: the greatest of each BLOCK articles. Of an article that has one chunk, both have the same codes.
    """

    first_chunk: Longs
    seq: Longs
    excess: Floats
    excess_of_blocks: Floats
    norm_ratio: Floats
    article_table: Floats
    chunk_table: Floats


def measures(
    first_chunk: Longs,
    seq: Longs,
    excess: Floats,
    excess_of_blocks: Floats,
    norm_ratio: Floats,
    article_table: Floats,
    chunk_table: Floats,
    /,
) -> Measures:
    """Give what articles are scored by, as `best_articles` takes it."""
    return Measures(first_chunk, seq, excess, excess_of_blocks, norm_ratio, article_table, chunk_table)


def best_articles(
    rows: Ints | None,
    sums: Floats | None,
    measures: Measures,
    bonus: Floats | None,
    weight: float,
    article_parts: list[ScoredPart],
    chunk_parts: list[ScoredPart],
    depth: int,
    /,
) -> tuple[bytes, bytes, bytes]:
    """
    Find the `depth` best articles of `rows` (rising; None: of all), best first, equals by age: the bytes of int64[n],
    the articles; of int64[n], the first of each one's best chunks; of float32[n], their scores.

    `sums`: float32[n], what each has of the `article_parts`; None: they are looked up. An article that has nothing is
    none. The others have `weight` times their sum, their bonus, and what their best chunk has of the `chunk_parts`. The
    chunks of an article are only looked at where it may be among the best.
    """
    if sums is None:
        assert rows is not None
        sums = np.zeros(len(rows), dtype=np.float32)
        add_scores_of(sums, rows, article_parts, measures.article_table)
    depth = min(depth, len(sums))
    if depth <= 0:
        return b"", b"", b""
    one = _Scoring(rows, sums, measures.first_chunk, bonus, weight, chunk_parts, measures.chunk_table)
    # A few articles are scored sooner than sifted.
    sift = len(sums) > (depth if rows is None else 4 * depth)
    least = _least_of_best(sums, depth) if sift else 0
    # Where that is not 0, at least `depth` articles hold a word, and have so much: others may be left out.
    if least > 0:
        factors = zip(chunk_parts, article_parts, strict=True)
        steepest = max([of_chunks[0] / of_articles[0] for of_chunks, of_articles in factors]) * (1 + ROUNDING)
        excess = measures.excess if rows is None else measures.excess.take(rows)
        found = _sifted(one, excess * np.float32(steepest), least, depth)
    else:
        found = one.score((sums > 0).nonzero()[0])
    best = best_of(found[0], found[1], measures.seq, depth)
    articles, scores, chunks = (values[best] for values in found)
    return articles.astype(np.int64).tobytes(), chunks.tobytes(), scores.tobytes()


class _Scoring:
    """Articles, and what they are scored by, as `best_articles` has them."""

    def __init__(
        self,
        rows: Ints | None,
        sums: Floats,
        first_chunk: Longs,
        bonus: Floats | None,
        weight: float,
        parts: list[ScoredPart],
        table: Floats,
    ) -> None:
        self.rows = rows
        self.sums = sums
        self._first_chunk = first_chunk
        self._bonus = bonus
        self._weight = weight
        self._parts = parts
        self._table = table

    def score(self, places: Longs) -> tuple[Ints, Floats, Longs]:
        """Give the articles at these places of `rows`, their scores, and the best chunk of each."""
        articles = places.astype(np.int32) if self.rows is None else self.rows[places]
        firsts = self._first_chunk.take(articles)
        counts = self._first_chunk.take(articles + 1) - firsts
        starts = counts.cumsum() - counts
        chunks = (firsts - starts).repeat(counts)
        chunks += np.arange(len(chunks))
        of_chunks = self._sums_of_chunks(chunks.astype(np.int32))
        if not len(articles):
            return articles, self.sums[places], firsts
        best = np.maximum.reduceat(of_chunks, starts)
        # The first of each article's chunks that has its best.
        tops = (of_chunks == best.repeat(counts)).nonzero()[0]
        scores = shares(self.sums[places], self._weight, self._bonus, articles) + best
        return articles, scores, chunks[tops[tops.searchsorted(starts)]]

    def shares(self) -> Floats:
        """Give what all articles have by themselves."""
        return shares(self.sums, self._weight, self._bonus, self.rows)

    def _sums_of_chunks(self, chunks: Ints) -> Floats:
        """Give the sums of these chunks, which rise: looked up, or, where that costs more, picked from all."""
        count = int(self._first_chunk[-1])
        postings = sum([len(codes) for _, pieces in self._parts for _, _, codes in pieces])
        every = LOOK_UP * len(chunks) * len(self._parts) > count + postings
        if not every:
            sums = np.zeros(len(chunks), dtype=np.float32)
            add_scores_of(sums, chunks, self._parts, self._table)
            return sums
        sums = np.zeros(count, dtype=np.float32)
        add_scores(sums, self._parts, self._table)
        return sums.take(chunks)


def shares(sums: Floats, weight: float, bonus: Floats | None, rows: npt.NDArray[np.integer] | None) -> Floats:
    """Give what articles with these sums (`rows`, None: all) add to the score of each of their chunks."""
    result: Floats = sums * np.float32(weight)
    if bonus is not None:
        np.add(result, bonus if rows is None else bonus.take(rows), out=result, where=sums > 0)
    return result


def _sifted(one: _Scoring, most: Floats, least: float, depth: int) -> tuple[Ints, Floats, Longs]:
    """
    Score the articles that may be among the `depth` best, and few others.

    First those whose sums are high; then those that could have as much as the last of the best by now. `most`: how many
    times its sum a chunk of each article can have.
    """
    likely = (one.sums >= np.float32(least)).nonzero()[0]
    first = one.score(likely)
    last = np.partition(first[1], len(likely) - depth)[len(likely) - depth]
    most *= one.sums
    most += one.shares()
    most[likely] = -1
    others = ((most >= last * np.float32(1 - ROUNDING)) & (one.sums > 0)).nonzero()[0]
    if not len(others):
        return first
    second = one.score(others)
    return (
        np.concatenate([first[0], second[0]]),
        np.concatenate([first[1], second[1]]),
        np.concatenate([first[2], second[2]]),
    )


def _least_of_best(values: Floats, depth: int) -> float:
    """Give a value that at least `depth` of the `values` reach, and not many more: there are more than `depth`."""
    columns = 16 * depth
    if len(values) >= 2 * columns:  # The greatest of each column stands for all of it.
        whole = len(values) // columns * columns
        values = values[:whole].reshape(-1, columns).max(axis=0)
    return float(np.partition(values, len(values) - depth)[len(values) - depth])


def best_of(rows: npt.NDArray[np.integer], scores: Floats, seq: Longs, depth: int) -> Longs:
    """Give the places of the `depth` best, best first, equals by age."""
    kept = np.arange(len(rows))
    if len(rows) > depth:
        kept = np.flatnonzero(scores >= np.partition(scores, len(rows) - depth)[len(rows) - depth])
    order = np.lexsort((seq[rows[kept]], -scores[kept]))
    return kept[order][:depth]


def _meeting(first: Ints, second: Ints) -> tuple[Longs, Longs]:
    """Give where two rising arrays without repeats have the same numbers: the places in the first and second."""
    if len(first) > len(second):
        there, here = _meeting(second, first)
        return here, there
    at = second.searchsorted(first)
    # What lies past the end is compared with the last, and is not equal to it.
    places = (second.take(at, mode="clip") == first).nonzero()[0] if len(second) else at
    return places, at[places]
