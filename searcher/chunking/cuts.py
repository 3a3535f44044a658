"""
Where may a stretch without any border be cut?

After a clause, else between words, else between letters, as near as possible to where equal parts would
end. A cut never parts a letter from its accents, an emoji sequence, a Hangul syllable, or a surrogate pair.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain

_CLAUSE_END = re.compile(r"[,;:\u2014\u2013،؛]\s++|[、，；：]\s*+")
_WORD_END = re.compile(r"\s++")
_JOINERS = "\u200c\u200d"

# Unicode's stream-safe format bounds a letter's accents to 30; a longer sequence is no writing and may be
# cut. Source: UAX #15, section 13.
_MOST_MARKS = 30


def cut_evenly(text: str, start: int, end: int, parts: int) -> list[tuple[int, int]]:
    """
    Cut `text[start:end]` into about `parts` (at least 2) spans of like length that tile it.

    White space ends a span, never begins one. Gives the stretch itself where there is nowhere to cut.
    """
    spans = []
    begin, stop = _past_space(text, start, end), start + len(text[start:end].rstrip())
    length = (stop - begin) / parts
    while length > 0 and (left := round((stop - begin) / length)) > 1:
        cut = _best_cut(text, begin, stop, (stop - begin) / left)
        if cut >= stop:
            break
        spans.append((start, cut))
        start = begin = cut
    return [*spans, (start, end)]


def _best_cut(text: str, start: int, end: int, length: float) -> int:
    """Give the best place in (`start`, `end`] near `start + length`; `end` if there is none."""
    ideal = start + max(1, round(length))
    for border, slack in ((_CLAUSE_END, length / 4), (_WORD_END, length / 2)):
        first, last = max(start, int(ideal - slack)), min(end, int(ideal + slack))
        places = [match.end() for match in border.finditer(text, first, last)]
        if places:
            cut = min(places, key=lambda place: (abs(place - ideal), place))
            return _past_space(text, cut, end)
    return _past_space(text, _between_letters(text, start, end, ideal), end)


def _past_space(text: str, place: int, end: int) -> int:
    while place < end and text[place].isspace():
        place += 1
    return place


def _between_letters(text: str, start: int, end: int, ideal: int) -> int:
    """Give the nearest place before `ideal`, else after it, where nothing that belongs together is parted."""
    before = range(min(ideal, end - 1), max(start, ideal - _MOST_MARKS - 1), -1)
    after = range(ideal + 1, min(end, ideal + _MOST_MARKS + 1))
    for place in chain(before, after):
        if not _belongs_to_the_left(text, place):
            return place
    return min(ideal, end) if end - start > 2 * _MOST_MARKS else end


def _belongs_to_the_left(text: str, place: int) -> bool:
    """Whether the character at `place` must stay with the one before it. Source: UAX #29, simplified."""
    before, char = text[place - 1], text[place]
    return (
        unicodedata.category(char).startswith("M")
        or char in _JOINERS
        or before in _JOINERS
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags, in flags of regions
        or (_is_flag_half(before) and _is_flag_half(char))
        or "\u1160" <= char <= "\u11ff"  # vowels and finals of a Hangul syllable
        or "\ud7b0" <= char <= "\ud7ff"
        or "\udc00" <= char <= "\udfff"  # the second half of a surrogate pair
    )


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
