"""Texts that nobody wrote as queries, and answers that nobody reads."""

import pytest

from searcher.records import Snippet
from tests.library.samples import MODES, NOW, article, ids, new_library, news


@pytest.fixture
def library(tmp_path):
    """A library of invented news, with one article on a harbour strike."""
    with new_library(tmp_path / "home") as library:
        library.add(*news(20), article("strike", "The harbour strike goes on."), now=NOW)
        yield library


def test_plain_text_restricts_nothing(library):
    """
    Quotes, dashes, operators and filters are words of a plain text; of a query they leave the article out.
    """
    asked = 'harbour -strike "no such phrase" source:nobody AND'
    assert "strike" not in ids(library.search(asked, now=NOW))
    found = library.search(asked, plain=True, mode="lexical", limit=100, now=NOW)
    assert "strike" in ids(found)
    assert found.query.restriction is None
    assert found.query.filters.empty


@pytest.mark.parametrize("mode", MODES)
def test_without_snippets_all_else_is_the_same(library, mode):
    """
    The same articles, scores and explanations, with empty snippets.
    """
    options = {"mode": mode, "limit": 50, "now": NOW}
    bare = library.search("harbour strike vote", snippets=False, **options)
    full = library.search("harbour strike vote", **options)
    assert bare.total == full.total > 1
    assert [(h.article, h.score, h.explanation, h.copies) for h in bare] == [
        (h.article, h.score, h.explanation, h.copies) for h in full
    ]
    assert {(h.snippet.text, h.snippet.marks) for h in bare} == {("", ())}
    assert all(isinstance(h.snippet, Snippet) and h.snippet.text for h in full)
    assert ids(library.similar("n0", snippets=False)) == ids(library.similar("n0"))
