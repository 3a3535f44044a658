"""
Text from strangers, made safe: one normal form on the way in, escaping on the way out.

Every text that enters passes `clean`; every text that is shown on a terminal passes `for_terminal`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

# Controls but tab and newline; bidi embeddings, overrides, isolates and marks; zero-width no-break space;
# interlinear annotation; noncharacters; language tags. Joiners (U+200C, U+200D) stay: Persian, Indic scripts
# and emoji need them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029|\x85|\x0b|\x0c")
# Any character that the three above change: most texts have none, and one look says so.
_UNCLEAN = re.compile(f"{_UNWANTED.pattern[:-1]}\u2028\u2029\ud800-\udfff]")
_SPACES = re.compile(r"\s+")

# Sorting a run of accents into normal form takes time in the square of its length: 80,000 of them, five seconds.
# No writing needs more than 30 (UAX #15, stream-safe text format).
_MAX_MARKS = 30
_PERHAPS_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MAX_MARKS + 1},}}")


def clean(text: str) -> str:
    """Give `text` in NFC, newlines as `\\n`, without control and bidi characters; lone surrogates become U+FFFD."""
    if _UNCLEAN.search(text):
        text = _NEWLINES.sub("\n", text)
        text = _SURROGATES.sub("\ufffd", text)
        text = _UNWANTED.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", _without_long_runs(text))


def one_line(text: str) -> str:
    """Give `text`, cleaned, on one line: every run of white space becomes one space, none at the ends."""
    return _SPACES.sub(" ", clean(text)).strip()


def fold(text: str) -> str:
    """Give `text` for comparing names: case and accents removed, white space folded ("Le Monde " ~ "le monde")."""
    folded = text.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", _without_long_runs(folded))
        folded = folded.translate({ord(char): None for char in set(folded) if unicodedata.combining(char)})
    return " ".join(folded.split())


def for_terminal(text: str) -> str:
    """Give `text` as it may be printed: escape sequences and bidi controls removed, newlines kept."""
    return _UNWANTED.sub("", _SURROGATES.sub("\ufffd", _NEWLINES.sub("\n", text)))


def _without_long_runs(text: str) -> str:
    """Give `text` with at most 30 combining marks in a row."""
    return _PERHAPS_MARKS.sub(lambda run: "".join(_first_marks(run.group())), text)


def _first_marks(run: str) -> Iterator[str]:
    for is_mark, chars in groupby(run, key=lambda char: unicodedata.combining(char) > 0):
        piece = "".join(chars)
        yield piece[:_MAX_MARKS] if is_mark else piece
