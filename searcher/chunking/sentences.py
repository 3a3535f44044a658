"""
Where do sentences end?

Rules and a short list of abbreviations, for the languages of newspapers. A trained splitter would be a
dependency with a model, per language; here a wrong border costs little, for sentences are packed to chunks
anyway.

Where the package was built with a C compiler, `_sentences.c` goes through the text, by the same rules, in a quarter of
the time.

It must never take more than linear time: the text comes from strangers. Hence possessive quantifiers, one
pass, and looks to the left and right of bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise

# Full stops that end a sentence without white space after them: ideographic ones, the dandas of Indic
# scripts.
_TIGHT_STOPS = "。！？｡．।॥"
# Those that need white space: . ! ? … and the Arabic ؟ ۔, Armenian ։, Ethiopic ። ፧, Khmer ។, Burmese ။.
_LOOSE_STOPS = ".!?…؟۔։።፧។။"
_CLOSERS = "\"'”’»›)]}」』）】》〉"
_OPENERS = "\"“”„‘'«»([¿¡*•-\u2014\u2013"
_WORD_OPENERS = "\"“„‘'«([\u2014\u2013/"
_NEWLINES = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"

_STOPS = _LOOSE_STOPS + _TIGHT_STOPS

# Whatever may end a sentence, with the quotes, brackets and footnote marks that belong to it and the white
# space after it. Each match eats all it can and never gives back. It begins with one set of characters: that is
# looked for four times as fast as one of two ways to begin.
_END = re.compile(
    rf"[{_NEWLINES}{_STOPS}](?:(?<=[{_STOPS}])([{_STOPS}]*+)(?:[{re.escape(_CLOSERS)}]|\[\d{{1,3}}\])*+)?+(\s*+)"
)
_HAS_NEWLINE = re.compile(f"[{_NEWLINES}]")
_BEFORE_WORD = re.compile(rf"[\s{re.escape(_WORD_OPENERS)}]")
_FIRST_WORD = re.compile(rf"([{re.escape(_OPENERS)}]*+)([^\W\d_]*)")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]{1,2}")

# Longer than any abbreviation, or word that begins a sentence.
_LOOK = 24


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never the end of a sentence.
_TITLES = _words(
    """
    mr mrs ms mx dr prof gen lt col maj capt cmdr sgt cpl pvt adm sen rep gov pres hon rev fr msgr supt insp
    det amb atty messrs mme mlle mgr dra sra srta hr fru frl
    e.g i.e cf vs viz approx al ca esp incl resp z.b bzw d.h u.a vgl p.ej
    """
)
# Not the end before a number: "No. 5", "Jan. 3".
_BEFORE_NUMBERS = _words(
    """
    no nos nr num p pp para fig figs vol ch sec art arts
    jan feb mar apr jun jul aug sep sept oct nov dec
    """
)
# The end only before a word that begins many sentences, as with initials and U.S.
_EITHER = _words("inc ltd co corp llc plc jr sr st mt ft ave blvd rd dept est bros esq ph.d")
_ABBREVIATIONS = _TITLES | _BEFORE_NUMBERS | _EITHER
_BEGINNERS = _words(
    """
    the a an he she it they we i you in on at but and so that this these those there his her its their our my
    as for if when while after before however meanwhile although though since with by from not no what who
    where why how one two some many most all both each to under during according also another last earlier later now
    then here yet still or mr mrs ms
    """
)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """
    Give the sentences of `text` as spans `[start, end)` that tile it: no gap, no overlap.

    White space belongs to the sentence before it (at the very beginning: to the first). A line break always
    ends a sentence, so headings and list items stand alone. Text without any border is one sentence,
    however long.
    """
    ends = list(_ends(text))
    if text and (not ends or ends[-1] < len(text)):
        ends.append(len(text))
    return list(pairwise([0, *ends]))


def plain_ends(text: str) -> Iterator[int]:
    """Give where sentences end, ascending, each past the white space that follows."""
    start = len(text) - len(text.lstrip())
    for match in _END.finditer(text, start):
        if _is_end(text, start, match):
            start = match.end()
            yield start


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the sentence that begins at `start` ends with `match`."""
    more, space = match[1], match[2]
    if more is None:
        return True  # A line break.
    stops = text[match.start()] + more
    # Nearly always so: asked first, for every sentence of a page of hits comes by here.
    if stops == "." and space == " " and _is_plain_end(text, start, match):
        return True
    if (space != " " and _HAS_NEWLINE.search(space)) or not all(stop in _LOOSE_STOPS for stop in stops):
        return True
    if not space:
        return False
    if _first_word(text, match.end())[1][:1].islower():
        return False  # "Why?" he asked. Yahoo! is. approx. five.
    return stops != "." or _dot_ends(text, start, *match.span())


def _is_plain_end(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a full stop stands after a word of letters that is no abbreviation, and before a capital letter."""
    dot, after = match.span()
    if not text[after : after + 1].isupper():
        return False
    word = text[max(start, dot - _LOOK) : dot].rpartition(" ")[2]
    return len(word) > 1 and word.isalpha() and word.lower() not in _ABBREVIATIONS


def _dot_ends(text: str, start: int, dot: int, after: int) -> bool:
    """Whether a single full stop at `dot` ends a sentence, or an abbreviation; the next word is at `after`."""
    word = _last_word(text, start, dot)
    folded = word.lower()
    if folded in _TITLES:
        return False
    if folded in _BEFORE_NUMBERS:
        return not _is_number_next(text, dot)
    if word.isdigit() and len(word) <= 3 and dot - len(word) == start:
        return False  # "1. First of all"
    is_initial = len(word) == 1 and word.isupper()
    if is_initial or folded in _EITHER or _DOTTED.fullmatch(word):
        opening, first = _first_word(text, after)
        return first.lower() in _BEGINNERS or any(quote in opening for quote in '"“„«')
    return True


def _last_word(text: str, start: int, dot: int) -> str:
    return _BEFORE_WORD.split(text[max(start, dot - _LOOK) : dot])[-1]


def _first_word(text: str, place: int) -> tuple[str, str]:
    """Give what opens the text at `place` (quotes, brackets, dashes) and the letters after it."""
    found = _FIRST_WORD.match(text, place, place + _LOOK)
    return (found[1], found[2]) if found else ("", "")


def _is_number_next(text: str, dot: int) -> bool:
    return text[dot + 1 : dot + _LOOK].lstrip()[:1].isdigit()


def _kinds() -> bytes:
    """Of which kinds each character is, each kind a bit: by this the compiled way knows them."""
    kinds = bytearray(1 << 16)
    for bit, characters in enumerate(
        (_NEWLINES, _LOOSE_STOPS, _TIGHT_STOPS, _CLOSERS, _OPENERS, _WORD_OPENERS)
    ):
        for character in characters:
            kinds[ord(character)] |= 1 << bit
    return bytes(kinds)


_ends: Callable[[str], Iterable[int]]
try:
    from searcher.chunking._sentences import ends
except ImportError:
    _ends = plain_ends
else:
    _ends = partial(ends, _kinds(), _ABBREVIATIONS, _dot_ends)
