"""
How are sentences packed to chunks?

One after the other, each chunk closed where it is nearest to the wanted number of words; only the last two
are balanced. So an article that grows at its end keeps its first chunks, and their vectors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

from searcher.chunking.cuts import cut_evenly
from searcher.chunking.sentences import split_sentences
from searcher.records import Chunk

# Count up whenever the same body may be cut otherwise: every index is then built anew.
VERSION = 1

# A sentence past this many times the wanted words is cut.
_LONGEST = 1.5

# Parts of a cut sentence aim below the window, for pieces are not spread evenly.
_ROOM = 0.8

# Scripts written without spaces (Thai to Burmese, Khmer, kana, Han): two characters are about a word.
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
    "\U00020000-\U0003ffff]"
)

# What is written without any space (a key, an image as text) counts a word for so many characters.
_LONGEST_WORD = 20

CountPieces = Callable[[Sequence[str]], list[int]]


def fingerprint(words: int) -> str:
    """Give what decides where bodies are cut: an index with another fingerprint must be rebuilt."""
    return f"sentences-{VERSION}/{words}"


def chunk_article(body: str, *, count_pieces: CountPieces, window: int, words: int = 100) -> list[Chunk]:
    """
    Cut `body` into chunks that tile it: whole sentences, about `words` words, at most `window` word-pieces
    each.

    `count_pieces` gives the word-pieces of each text; it is called for many texts at once (two or three
    calls an article) and sees them without the white space at their ends. `window` is the room left beside
    the headline. Every chunk has been counted: none is past `window` but a single character, with its
    accents, that is. Longer sentences are cut after a clause, else between words, else between letters. An
    empty body has no chunks. Raises ValueError if `window` or `words` is not positive.

    Source of the 100 words: measured on judged news against 50 to 400, in nDCG@10.
    """
    if window < 1 or words < 1:
        raise ValueError(f"no chunk fits a window of {window} word-pieces and {words} words")
    if not body:
        return []
    units = _units(body, count_pieces, window, words)
    groups = _balance_end(_pack(units, window, words), window, words)
    return [
        Chunk(group[0].start, group[-1].end) for group in _keep_window(body, groups, count_pieces, window)
    ]


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not parted: a sentence, or a piece of one that is too long."""

    start: int
    end: int
    words: int
    pieces: int


def _units(body: str, count_pieces: CountPieces, window: int, words: int) -> list[_Unit]:
    """Give the sentences, and of those that are too long the parts, each as small as it must be."""
    spans = split_sentences(body)
    while True:
        units = _measure(body, spans, count_pieces)
        spans = [span for unit in units for span in _parts(body, unit, window, words)]
        if len(spans) == len(units):
            return units


def _measure(body: str, spans: Sequence[tuple[int, int]], count_pieces: CountPieces) -> list[_Unit]:
    texts = [body[start:end].strip() for start, end in spans]
    return [
        _Unit(start, end, _count_words(text), pieces)
        for (start, end), text, pieces in zip(spans, texts, count_pieces(texts), strict=True)
    ]


def _count_words(text: str) -> int:
    at_least = max(1, len(text) // _LONGEST_WORD)
    if text.isascii():
        return max(at_least, len(text.split()))
    spaced, unspaced = _UNSPACED.subn(" ", text)
    return max(at_least, len(spaced.split()) + unspaced // 2)


def _parts(body: str, unit: _Unit, window: int, words: int) -> list[tuple[int, int]]:
    """Give the span of `unit`, cut if it is too long and can be cut."""
    if unit.pieces <= window and unit.words <= _LONGEST * words:
        return [(unit.start, unit.end)]
    parts = max(2, ceil(unit.pieces / (_ROOM * window)), ceil(unit.words / words))
    return cut_evenly(body, unit.start, unit.end, parts)


def _pack(units: Sequence[_Unit], window: int, words: int) -> list[list[_Unit]]:
    """Close each group where its number of words is nearest to `words`, or where the window ends."""
    groups: list[list[_Unit]] = []
    has_words = has_pieces = 0
    for unit in units:
        farther = abs(has_words + unit.words - words) > abs(has_words - words)
        if not groups or farther or has_pieces + unit.pieces > window:
            groups.append([])
            has_words = has_pieces = 0
        groups[-1].append(unit)
        has_words += unit.words
        has_pieces += unit.pieces
    return groups


def _balance_end(groups: list[list[_Unit]], window: int, words: int) -> list[list[_Unit]]:
    """
    Part the last two groups anew, or join them, whichever comes nearest to `words`: no scrap at the end.
    """
    if len(groups) < 2:
        return groups
    units = groups[-2] + groups[-1]
    has_words = [0, *accumulate(unit.words for unit in units)]
    has_pieces = [0, *accumulate(unit.pieces for unit in units)]

    def cost(place: int) -> tuple[bool, int, int]:
        sizes = [has_words[place], has_words[-1] - has_words[place]]
        past = max(has_pieces[place], has_pieces[-1] - has_pieces[place]) > window
        return past, sum((size - words) ** 2 for size in sizes if size), -place

    place = min(range(1, len(units) + 1), key=cost)
    return [*groups[:-2], units[:place], *([units[place:]] if place < len(units) else [])]


def _keep_window(
    body: str, groups: list[list[_Unit]], count_pieces: CountPieces, window: int
) -> list[list[_Unit]]:
    """Count whole groups, for pieces need not add up, and halve those past the window until none is."""
    while True:
        several = [number for number, group in enumerate(groups) if len(group) > 1]
        texts = [body[groups[number][0].start : groups[number][-1].end].strip() for number in several]
        counted = zip(several, count_pieces(texts) if texts else [], strict=True)
        past = {number for number, pieces in counted if pieces > window}
        if not past:
            return groups
        groups = [half for number, group in enumerate(groups) for half in _halves(group, number in past)]


def _halves(group: list[_Unit], halve: bool) -> Iterator[list[_Unit]]:
    middle = len(group) // 2 if halve else len(group)
    yield group[:middle]
    if halve:
        yield group[middle:]
