"""A standard Whoosh index with our analysis built from Whoosh's own parts: an independent judge."""

from __future__ import annotations

import re

from whoosh.analysis import (
    CharsetFilter,
    Filter,
    LowercaseFilter,
    RegexTokenizer,
    StemFilter,
    StopFilter,
    SubstitutionFilter,
)
from whoosh.fields import NUMERIC, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.support.charset import accent_map

from searcher.index.lexical import accents
from searcher.index.lexical.analysis import STOP_WORDS
from searcher.index.lexical.words import ANY_WORD

FIELDS = ("title", "body", "facts")


class _AcronymFilter(Filter):
    """Take the dots out of `u.s.a`."""

    def __call__(self, tokens):
        for token in tokens:
            if re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", token.text):
                token.text = token.text.replace(".", "")
            yield token


class _CapFilter(Filter):
    """End a term after 120 bytes; leave empty terms out."""

    def __call__(self, tokens):
        for token in tokens:
            token.text = token.text.encode()[:120].decode("utf-8", "ignore")
            if token.text:
                yield token


def chain(*, stemmed=True):
    """Give the whole analysis as one chain of Whoosh's own tokenizer and filters."""
    steps = (
        RegexTokenizer(ANY_WORD)
        | LowercaseFilter()
        | StopFilter(stoplist=STOP_WORDS, minsize=1, renumber=False)
        | _AcronymFilter()
        | SubstitutionFilter("\u2019", "'")
        | CharsetFilter(accent_map | accents.MORE)
    )
    steps = steps | _CapFilter()
    return steps | StemFilter(lang="english", cachesize=None) | _CapFilter() if stemmed else steps


def index_articles(texts):
    """Give a Whoosh index in memory, one document an article; fields `..._w` hold the words unstemmed."""
    fields = {name: TEXT(analyzer=chain()) for name in FIELDS}
    fields |= {f"{name}_w": TEXT(analyzer=chain(stemmed=False), phrase=False) for name in FIELDS}
    ix = RamStorage().create_index(Schema(number=NUMERIC(stored=True), **fields))
    writer = ix.writer()
    for number, one in enumerate(texts):
        values = {"title": one.title, "body": one.body, "facts": one.facts}
        writer.add_document(number=number, **values, **{f"{k}_w": v for k, v in values.items()})
    writer.commit()
    return ix


def found(searcher, query):
    """Give the numbers of all documents that match."""
    return {searcher.stored_fields(doc)["number"] for doc in searcher.docs_for_query(query)}
