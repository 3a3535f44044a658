"""
Where does this term stand? The postings of one segment, for chunks and for whole articles, and its positions.

Written once, from the words of each article's title, facts and chunks; read memory-mapped. Arrays, for T terms:

    terms.*                        the terms in byte order: a term's number is its place
    words.*, word_terms            the words as written (lower case, no accents) and the term of each: what
                                   prefixes and fuzzy words are looked up in
    chunk.starts, .docs, .codes    postings of term t: docs[starts[t]:starts[t+1]] (rising) and codes.py's uint16
    article.starts, .docs, .codes  beside them; the same for whole articles
    chunk.lengths, article.lengths how many terms each body has
    position.starts, .all          positions of term t in titles and bodies (uint32, rising)
    article., body., chunk.positions   where each article (its title), body and chunk begins (uint32)

Where no type is named, numbers have the narrowest unsigned one that holds them all: a segment of up to 65,536 chunks
needs two bytes for each. What is read is int32.

Positions count the words of the whole segment: each article has its own stretch, title first, with gaps wider than
any proximity between title and body and between articles. So a phrase is the meeting of two sorted arrays, shifted.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.index.arrays import Array, Arrays, narrow
from searcher.index.lexical import codes
from searcher.index.lexical.analysis import Analyzer
from searcher.index.lexical.lexicon import Lexicon, lexicon_arrays
from searcher.index.lexical.numbering import NumberedWords, number_words

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Positions = npt.NDArray[np.uint32]

GAP = 128
"""Words between title and body, and between articles: more than the widest proximity a query may ask for."""


_FEW_SLICES = 16


class PostingList:
    """The postings of all terms for one kind of unit: chunks, or whole articles."""

    def __init__(self, arrays: Arrays, unit: str) -> None:
        self._starts = arrays[f"{unit}.starts"]
        self._borders = self._starts.data  # Gives plain ints.
        self._docs = arrays[f"{unit}.docs"]
        self._codes = arrays[f"{unit}.codes"]
        self.lengths: Ints = arrays[f"{unit}.lengths"].astype(np.int32)

    def __len__(self) -> int:
        """How many units there are."""
        return len(self.lengths)

    def of(self, term: int) -> tuple[npt.NDArray[Any], codes.Codes]:
        """Give the units that hold term number `term`, rising, of the type that the file has, and the code of each."""
        start, end = self._borders[term], self._borders[term + 1]
        return self._docs[start:end], self._codes[start:end]

    def counts(self, terms: Ints) -> Longs:
        """Give int64[n]: how many units hold each of these terms."""
        return self._starts[terms + 1].astype(np.int64) - self._starts[terms].astype(np.int64)

    def of_terms(self, terms: Ints) -> list[tuple[npt.NDArray[Any], codes.Codes]]:
        """Give the units that hold these terms, whose numbers rise, and the codes of each: in one piece, or a few."""
        # Neighbours in the alphabet are neighbours here: what a prefix stands for is one slice, or a few.
        if int(terms[-1]) - int(terms[0]) + 1 == len(terms):
            runs = [terms]
        else:
            breaks = ((terms[1:] - terms[:-1]) != 1).nonzero()[0] + 1
            if len(breaks) >= _FEW_SLICES:
                return [self.gathered(terms)]
            runs = np.split(terms, breaks)
        slices = [slice(self._borders[int(run[0])], self._borders[int(run[-1]) + 1]) for run in runs]
        return [(self._docs[one], self._codes[one]) for one in slices]

    def gathered(self, terms: Ints) -> tuple[npt.NDArray[Any], codes.Codes]:
        """Give the units that hold these terms, in any order, and the codes of each, term after term."""
        firsts, counts = self._starts[terms].astype(np.int64), self.counts(terms)
        places = np.arange(int(counts.sum())) + np.repeat(firsts - (np.cumsum(counts) - counts), counts)
        return self._docs[places], self._codes[places]

    @property
    def arrays(self) -> tuple[Positions, npt.NDArray[Any], codes.Codes]:
        """Starts, units and codes of all terms, as the file has them."""
        return self._starts, self._docs, self._codes

    def all(self) -> tuple[Longs, Ints, codes.Codes]:
        """Give starts, units and codes of all terms."""
        return self._starts.astype(np.int64), self._docs.astype(np.int32), self._codes


class Postings:
    """All that is known of the words of one segment. Immutable; safe to share between threads."""

    def __init__(self, arrays: Arrays) -> None:
        self.terms = Lexicon.open(arrays, "terms")
        self.words = Lexicon.open(arrays, "words")
        self._word_terms = arrays["word_terms"]
        self.chunks = PostingList(arrays, "chunk")
        self.articles = PostingList(arrays, "article")
        self._position_starts = arrays["position.starts"].data
        self._positions: Positions = arrays["position.all"]
        self.article_positions: Positions = arrays["article.positions"]
        self.body_positions: Positions = arrays["body.positions"]
        self.chunk_positions: Positions = arrays["chunk.positions"]

    def stems(self) -> Iterator[tuple[str, str]]:
        """Give each word as written, normalised, with its term."""
        terms = [term.decode() for term in self.terms.all()]
        for word, term in zip(self.words.all(), self._word_terms.tolist(), strict=True):
            yield word.decode(), terms[term]

    def stem_of(self, word: str) -> str | None:
        """Give the term of a word as written, normalised; None if it stands nowhere here."""
        number = self.words.find(word)
        return None if number < 0 else self.terms[int(self._word_terms[number])].decode("utf-8", "replace")

    def positions(self, term: int) -> Positions:
        """Give where term number `term` stands in titles and bodies, rising."""
        return self._positions[self._position_starts[term] : self._position_starts[term + 1]]

    def terms_of(self, words: Any) -> Ints:
        """Give the numbers of the terms of these words: numbers, or a slice of them."""
        terms: Ints = self._word_terms[words].astype(np.int32)
        return terms

    def articles_at(self, positions: Positions) -> Ints:
        """Give the article that each position lies in."""
        return (np.searchsorted(self.article_positions, positions, side="right") - 1).astype(np.int32)


class PostingsWriter:
    """
    Collects the words of articles in order, then gives their postings.

    Memory: 4 bytes a word until `arrays`, then about 60 bytes a word while it sorts.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._numbers = _TermNumbers()
        self._titles = _Runs()
        self._facts = _Runs()
        self._bodies = _Runs()
        self._chunk_counts = array("i")
        self._article_positions = array("L")
        self._body_positions = array("L")
        self._next_position = 0

    def add_article(self, title: str, facts: str, chunks: Sequence[str]) -> None:
        """Add the next article: its title, its facts as words, and its chunks in order."""
        self.add(number_words([(title, facts, chunks)], self._analyzer))

    def add(self, words: NumberedWords) -> None:
        """Add the next articles."""
        numbers = array("i", self._numbers.of(words)[words.numbers].tobytes())
        ends = list(accumulate(words.counts, initial=0))
        texts = (numbers[start:end] for start, end in pairwise(ends))
        for chunks in words.chunks:
            self._add_article(next(texts), next(texts), list(islice(texts, chunks)))

    def _add_article(self, title: array[int], facts: array[int], chunks: list[array[int]]) -> None:
        article, first_chunk = len(self._chunk_counts), len(self._bodies)
        self._article_positions.append(self._next_position)
        self._next_position += self._titles.add(title, article, self._next_position) + GAP
        self._facts.add(facts, article, 0)
        self._body_positions.append(self._next_position)
        for place, chunk in enumerate(chunks):
            self._next_position += self._bodies.add(chunk, first_chunk + place, self._next_position)
        self._next_position += GAP
        self._chunk_counts.append(len(chunks))
        if self._next_position >= 2**32 - GAP:
            raise OverflowError("A segment holds at most 4 billion words.")

    def arrays(self) -> dict[str, Array]:
        """Give all arrays, as `Postings` reads them."""
        order, rank = self._numbers.sorted()
        titles, facts, bodies = (runs.tokens(rank) for runs in (self._titles, self._facts, self._bodies))
        per_article = np.array(self._chunk_counts, dtype=np.int64)
        article_of_chunk = np.repeat(np.arange(len(per_article)), per_article)
        chunk_lengths = np.bincount(bodies.docs, minlength=len(article_of_chunk))
        body_articles = article_of_chunk[bodies.docs]
        return {
            **lexicon_arrays("terms", order),
            **self._words(rank),
            **_positions(len(order), titles, bodies),
            "article.positions": np.array(self._article_positions, dtype=np.uint32),
            "body.positions": np.array(self._body_positions, dtype=np.uint32),
            "chunk.positions": self._bodies.positions(),
            **_postings(
                "chunk",
                len(order),
                (bodies.terms, bodies.docs),
                _over_chunks(titles, per_article),
                _over_chunks(facts, per_article),
                chunk_lengths,
            ),
            **_postings(
                "article",
                len(order),
                (bodies.terms, body_articles),
                (titles.terms, titles.docs),
                (facts.terms, facts.docs),
                np.bincount(body_articles, minlength=len(per_article)),
            ),
        }

    def _words(self, rank: Ints) -> dict[str, Array]:
        words = self._numbers.words(self._analyzer)
        return {
            **lexicon_arrays("words", [word for word, _ in words]),
            "word_terms": narrow(np.array([rank[number] for _, number in words], dtype=np.int64)),
        }


class _TermNumbers:
    """The words of all articles, each with the number of its term in order of first sight; -1 for stop words."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._terms: dict[str, int] = {}

    def of(self, words: NumberedWords) -> Ints:
        """Give the number here of each of these words: int32[len(words.words)]."""
        numbers = list(map(self._words.get, words.words))
        for place in [place for place, number in enumerate(numbers) if number is None]:
            term = words.terms[place]
            number = -1 if term is None else self._terms.setdefault(term, len(self._terms))
            numbers[place] = self._words[words.words[place]] = number
        return np.array(numbers, dtype=np.int32)

    def sorted(self) -> tuple[list[bytes], Ints]:
        """Give the terms in byte order, and for each number of first sight its place in that order."""
        pairs = sorted((term.encode("utf-8", "replace"), number) for term, number in self._terms.items())
        rank = np.empty(len(pairs), dtype=np.int32)
        rank[[number for _, number in pairs]] = np.arange(len(pairs), dtype=np.int32)
        return [term for term, _ in pairs], rank

    def words(self, analyzer: Analyzer) -> list[tuple[bytes, int]]:
        """Give each word as written, normalised, with its term's number, in byte order."""
        normalise = analyzer.normalise
        found = {
            normalise(word).encode("utf-8", "replace"): number
            for word, number in self._words.items()
            if number >= 0
        }
        return sorted(found.items())


class _Tokens:
    """Flat arrays, one entry a word (stop words left out), in order: its term, its unit, its position."""

    def __init__(self, terms: Ints, docs: Ints, positions: Positions) -> None:
        self.terms = terms
        self.docs = docs
        self.positions = positions


class _Runs:
    """Words of one field, run after run: each run has a unit and the position of its first word."""

    def __init__(self) -> None:
        self._words = array("i")
        self._docs = array("i")
        self._positions = array("L")
        self._counts = array("i")

    def __len__(self) -> int:
        return len(self._docs)

    def add(self, words: array[int], doc: int, position: int) -> int:
        """Add a run; give how many words it has."""
        self._words.extend(words)
        self._docs.append(doc)
        self._positions.append(position)
        self._counts.append(len(words))
        return len(words)

    def positions(self) -> Positions:
        """Give where each run begins."""
        return np.array(self._positions, dtype=np.uint32)

    def tokens(self, rank: Ints) -> _Tokens:
        """Give all words but stop words, with terms numbered by `rank`."""
        words, counts = np.array(self._words, np.int32), np.array(self._counts, np.int64)
        within = np.arange(len(words), dtype=np.uint32) - np.repeat(
            (np.cumsum(counts) - counts).astype(np.uint32), counts
        )
        positions = np.repeat(self.positions(), counts) + within
        docs = np.repeat(np.array(self._docs, np.int32), counts)
        kept = words >= 0
        terms = rank[words[kept]] if len(rank) else words[kept]
        return _Tokens(terms, docs[kept], positions[kept])


def _over_chunks(tokens: _Tokens, per_article: Longs) -> tuple[Ints, Longs]:
    """Give (terms, chunks): each word of an article's title or facts, once for each of its chunks."""
    times = per_article[tokens.docs]
    first = (np.cumsum(per_article) - per_article)[tokens.docs]
    within = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    return np.repeat(tokens.terms, times), np.repeat(first, times) + within


def _positions(terms: int, titles: _Tokens, bodies: _Tokens) -> dict[str, Array]:
    # One number for both, sorted by value: many times as fast as sorting places, and in less memory.
    keys = np.concatenate([titles.terms, bodies.terms]).astype(np.uint64) << 32
    keys |= np.concatenate([titles.positions, bodies.positions])
    keys.sort()
    starts = np.searchsorted(keys, np.arange(terms + 1, dtype=np.uint64) << 32)
    return {"position.starts": narrow(starts), "position.all": keys.astype(np.uint32)}


_FIELDS = np.array([1, 1 << 24, 1 << 44], dtype=np.int64)
"""What one word of body, title and facts adds to a number that holds the counts of all three."""


def _postings(
    unit: str,
    terms: int,
    body: tuple[Ints, Ints | Longs],
    title: tuple[Ints, Ints | Longs],
    facts: tuple[Ints, Ints | Longs],
    lengths: Longs,
) -> dict[str, Array]:
    """Count the occurrences of (terms, units) in each field; give starts, units and codes."""
    units = max(len(lengths), 1)
    # One number for (term, unit, field), in the order wanted.
    keys = np.concatenate(
        [
            (field[0].astype(np.int64) * units + field[1]) * 4 + number
            for number, field in enumerate((body, title, facts))
        ]
    )
    keys.sort()
    adds = _FIELDS[keys & 3]
    keys >>= 2
    firsts = (
        np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        if len(keys)
        else np.empty(0, np.int64)
    )
    counts = np.add.reduceat(adds, firsts) if len(keys) else np.empty(0, np.int64)
    numbers, docs = np.divmod(keys[firsts], units)
    code = codes.encode(
        counts & 0xFFFFFF, (counts >> 24) & 0xFFFFF, counts >> 44, codes.length_byte(lengths)[docs]
    )
    return {
        f"{unit}.starts": narrow(np.searchsorted(numbers, np.arange(terms + 1))),
        f"{unit}.docs": narrow(docs),
        f"{unit}.codes": code,
        f"{unit}.lengths": narrow(lengths),
    }
