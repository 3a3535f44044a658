"""
Which terms are in a text? Whoosh's stemmers, and its map of accents (`accents.py`), each asked once for a word.

Words are those of `words.py`. Terms are lower-cased, without accents, stemmed (Snowball); acronyms lose their
dots (`U.S.` is `us`), so that each spelling finds the other.

Each step looks at one word at a time. Therefore they run once per distinct word, and a text costs one regular
expression and one dictionary look-up a word: 30 times faster than the chain of Whoosh filters that gives the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from searcher.errors import SettingsError
from searcher.index.lexical.accents import MORE, PLAIN
from searcher.index.lexical.words import ANY_WORD, marks, word_pattern, words

VERSION = 1

# Lucene's classic English stop words: the few whose postings are in nearly every chunk. Whoosh's own list holds
# `us`, `may` and `when`, which are names and questions in the news.
STOP_WORDS = frozenset(
    """
    a an and are as at be but by for if in into is it no not of on or such that the their then there these they
    this to was will with
    """.split()  # noqa: SIM905 - a list of words reads best as words
)

_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")

STEMMERS = (
    *("none", "arabic", "danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian"),
    *("norwegian", "portuguese", "romanian", "russian", "spanish", "swedish"),
)
"""The languages that Whoosh can stem, and none. Other names that it has for them are taken, too."""

_ANY_INITIAL = bytes([True] * 128)
_OTHER_INITIALS = bytes(not chr(code).isalnum() for code in range(128))

MAX_TERM_BYTES = 120
_MOST_WORDS = 500_000
"""Words remembered at a time: a stranger's random ones must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: its span `[start, end)`, its place among the words, and its term (None: a stop word)."""

    start: int
    end: int
    position: int
    term: str | None


class Analyzer:
    """
    Text to terms, in one language. Safe to share between threads.

    `known`: each gives the term of a normalised word, as this analyzer would, or None; a word is stemmed if none does.
    """

    def __init__(
        self, stemmer: str = "english", *, known: Sequence[Callable[[str], str | None]] = ()
    ) -> None:
        self.stemmer = stemmer
        self.fingerprint = _fingerprint(stemmer)
        if stemmer not in STEMMERS:
            _stem_function(stemmer)
        # Nothing that it holds refers to it: an index that it knows is let go of with it, at once.
        self._terms = _Terms(stemmer, known)

    def __reduce__(self) -> tuple[type[Analyzer], tuple[str]]:
        # Pickled, for a process that helps to build, it is its stemmer's name.
        return Analyzer, (self.stemmer,)

    def knowing(self, known: Sequence[Callable[[str], str | None]]) -> Analyzer:
        """
        Give an analyzer like this one that asks an index for terms before it stems. Nearly every word of a question is
        there, and all of the texts it finds: a process that asks once need not import stemmers, which takes longer.
        """
        return Analyzer(self.stemmer, known=known)

    def words(self, text: str) -> list[str]:
        """Give the words of `text` as they stand there, stop words included, in order."""
        return words(text)

    def term(self, word: str) -> str | None:
        """Give the term of one word, or None for a stop word."""
        return self._terms[word]

    def learn(self, stems: Iterable[tuple[str, str]]) -> None:
        """Take over (normalised word, term) pairs that an analyzer of this fingerprint made: stemming takes longest."""
        self._terms.stems.update(islice(stems, _MOST_WORDS))

    def terms(self, text: str) -> list[str]:
        """Give the terms of `text`, stop words left out, in order."""
        found = map(self._terms.__getitem__, self.words(text))
        return [term for term in found if term is not None]

    def tokens(self, text: str) -> Iterator[Token]:
        """Give each word of `text` with its span, its place among the words, and its term."""
        for position, match in enumerate(word_pattern().finditer(text)):
            yield Token(match.start(), match.end(), position, self.term(match.group()))

    def marks(self, text: str, terms: Container[str]) -> list[tuple[int, int, str]]:
        """Give where `terms` stand in `text`: spans `[start, end)`, each with its term, in order."""
        return marks(
            text, self._terms, terms, _initials(terms) if isinstance(terms, frozenset) else _ANY_INITIAL
        )

    def normalise(self, word: str) -> str:
        """Give `word` lower-cased and without accents, not stemmed: what prefixes and fuzzy words are compared with."""
        return _normal(word)


class _Terms(dict[str, str | None]):
    """The term of each word that was met, a stop word's is None; what was not met yet is analysed."""

    def __init__(self, stemmer: str, known: Sequence[Callable[[str], str | None]]) -> None:
        super().__init__()
        self.stems: dict[str, str] = {}
        self._stemmer = stemmer
        self._known = known

    def __missing__(self, word: str) -> str | None:
        if len(self) > _MOST_WORDS:
            self.clear()
        term = self[word] = None if word.lower() in STOP_WORDS else self._term(_normal(word)) or None
        return term

    def _term(self, normal: str) -> str:
        # `Harbour` and `harbour` are stemmed once: that is most of the time.
        if len(self.stems) > _MOST_WORDS:
            self.stems.clear()
        stem = self.stems.get(normal)
        if stem is None:
            found = (term for known in self._known if (term := known(normal)) is not None)
            stem = self.stems[normal] = next(found, None) or _cap(self.stem(normal))
        return stem

    @cached_property
    def stem(self) -> Callable[[str], str]:
        """What stems a normalised word; imported when one is not known."""
        return _stem_function(self._stemmer)


def _normal(word: str) -> str:
    if _ACRONYM.fullmatch(word):
        word = word.replace(".", "")
    return _cap(word.lower().replace("\u2019", "'").translate(PLAIN))


@lru_cache(maxsize=64)
def _initials(terms: frozenset[str]) -> bytes:
    """Give for each ASCII character whether a word that begins with it may have one of these terms."""
    # Stemmed at its end only, a lower-cased word keeps its first letter. But where words are partly Russian, Whoosh's
    # stemmer writes their Latin letters as Russian ones.
    if not all(term[:1].isascii() for term in terms):
        return _ANY_INITIAL
    initials = bytearray(_OTHER_INITIALS)
    for initial in {term[0] for term in terms if term}:
        initials[ord(initial)] = initials[ord(initial.upper())] = True
    return bytes(initials)


def _cap(term: str) -> str:
    if len(term) * 4 <= MAX_TERM_BYTES:
        return term if term.isascii() else term.encode("utf-8", "replace").decode("utf-8")
    data = term.encode("utf-8", "replace")
    return data[:MAX_TERM_BYTES].decode("utf-8", "ignore")


def _fingerprint(stemmer: str) -> str:
    tables = (ANY_WORD, " ".join(sorted(STOP_WORDS)), str(sorted(MORE.items())))
    parts = (str(VERSION), stemmer, *tables, str(MAX_TERM_BYTES))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@lru_cache(maxsize=8)
def _stem_function(stemmer: str) -> Callable[[str], str]:
    if stemmer == "none":
        return str
    from whoosh.lang import has_stemmer, stemmer_for_language

    if not has_stemmer(stemmer):
        raise SettingsError(f"[lexical] stemmer '{stemmer}' is not known. Known: {', '.join(STEMMERS)}.")
    stem: Callable[[str], str] = stemmer_for_language(stemmer)
    return stem
