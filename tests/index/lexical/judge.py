"""BM25F and matching, once more, from the texts themselves in plain Python: what the arrays must agree with."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

from searcher.records import And, Fuzzy, Not, Or, Phrase, Prefix, Word

_STEP = (1_000_000 / 128) ** (1 / 128)
_LENGTHS = [*range(128), *(128 * _STEP**i for i in range(128))]


def quantised(length):
    """Give the length that a length byte can say nearest to `length`."""
    return min(_LENGTHS, key=lambda known: abs(known - length))


def score_units(units, terms, settings, *, live=None):
    """
    Give the BM25F of each unit, a triple (body terms, title terms, facts terms), for these distinct query terms.

    Statistics count the `live` units only (None: all); every unit gets its score.
    """
    bodies, titles, facts = ([Counter(unit[i]) for unit in units] for i in range(3))
    kept = [i for i in range(len(units)) if live is None or live[i]]
    mean = sum(len(units[i][0]) for i in kept) / max(len(kept), 1)
    norms = [1 - settings.b + settings.b * quantised(len(unit[0])) / (mean or 1e-9) for unit in units]
    scores = [0.0] * len(units)
    for term in terms:
        df = sum(1 for i in kept if bodies[i][term] or titles[i][term] or facts[i][term])
        if df == 0:
            continue
        lucene, whoosh = math.log(1 + (len(kept) - df + 0.5) / (df + 0.5)), math.log(len(kept) / (df + 1)) + 1
        idf = {"lucene": lucene, "whoosh": whoosh}[settings.idf]
        for i in range(len(units)):
            tf = min(bodies[i][term], 31) / norms[i]
            tf += settings.title_weight * min(titles[i][term], 3)
            tf += settings.facts_weight * min(facts[i][term], 1)
            scores[i] += idf * tf / (settings.k1 + tf) if tf else 0.0
    return scores


def chunk_units(texts, analyzer):
    """Give (body, title, facts) terms of every chunk, article after article."""
    return [
        (analyzer.terms(chunk), analyzer.terms(one.title), analyzer.terms(one.facts))
        for one in texts
        for chunk in one.chunks
    ]


def article_units(texts, analyzer):
    """Give (body, title, facts) terms of every article, its chunks read one by one."""
    return [
        (
            [term for chunk in one.chunks for term in analyzer.terms(chunk)],
            analyzer.terms(one.title),
            analyzer.terms(one.facts),
        )
        for one in texts
    ]


def matches(node, one, analyzer):
    """Whether a text meets a restriction, or None where the restriction says nothing."""
    match node:
        case And(nodes):
            known = [m for n in nodes if (m := matches(n, one, analyzer)) is not None]
            return all(known) if known else None
        case Or(nodes):
            known = [m for n in nodes if (m := matches(n, one, analyzer)) is not None]
            return any(known) if known else None
        case Not(inner):
            met = matches(inner, one, analyzer)
            return None if met is None else not met
        case Phrase(words, field, slop):
            return _has_phrase(" ".join(words), field, slop, one, analyzer)
        case Word(text, field):
            if len(analyzer.words(text)) > 1:
                return _has_phrase(text, field, 0, one, analyzer)
            wanted = analyzer.terms(text)
            return any(term in _terms(one, field, analyzer) for term in wanted) if wanted else None
        case Prefix() | Fuzzy():
            raise NotImplementedError("words are expanded by the library's own lexicon; see test_matching")


@cache
def _terms(one, field, analyzer):
    parts = [one.title] if field == "title" else [one.title, one.facts, *one.chunks]
    return {term for part in parts for term in analyzer.terms(part)}


@cache
def _places(parts, analyzer):
    """Give {position: term} of texts read one after another, stop words counted and left out."""
    found, base = {}, 0
    for part in parts:
        tokens = list(analyzer.tokens(part))
        found |= {base + token.position: token.term for token in tokens if token.term is not None}
        base += len(tokens)
    return found


def _has_phrase(text, field, slop, one, analyzer):
    wanted = list(_places((text,), analyzer).items())
    if not wanted:
        return None
    streams = [(one.title,)] if field == "title" else [(one.title,), one.chunks]
    return any(_stands(wanted, slop, _places(stream, analyzer)) for stream in streams)


def _stands(wanted, slop, there):
    if slop:
        width = wanted[-1][0] - wanted[0][0] + slop
        terms = {term for _, term in wanted}
        return any(terms <= {there.get(p) for p in range(start, start + width + 1)} for start in there)
    return any(
        all(there.get(start + place - wanted[0][0]) == term for place, term in wanted) for start in there
    )
