"""The best passages, whatever their article: chunks of what `search` finds, scored as it scores."""

from dataclasses import replace

import pytest

from searcher.errors import InputError
from searcher.library.passages import SENTENCE_WEIGHT
from searcher.settings import FusionSettings
from tests.library.samples import NOW, article, new_library, news, wanted

DAM = (
    "The council met for nine hours in the old town hall and heard many people speak about roads and schools first. "
    "Engineers had warned of seepage under the dam six years before the valley was flooded and the bridge was lost. "
    "Nobody had read the letters which lay in a drawer in the office of the water board since that very day."
)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Invented news, and an article of three chunks on a dam."""
    with new_library(tmp_path_factory.mktemp("passages")) as opened:
        opened.add(*news(40), article("dam", DAM, title="Inquiry", source="The Ledger"), now=NOW)
        yield opened


def test_the_chunk_with_the_sentence_that_answers_comes_first(library):
    """Of the article's chunks the one that holds the words is first, and says where in the body it stands."""
    first = library.passages("seepage under the dam warned", plain=True)[0]
    assert first.article.article_id == "dam" and "seepage under the dam" in first.text
    assert first.text == DAM[first.chunk.start : first.chunk.end]


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_passages_are_chunks_of_what_search_finds(library, mode):
    """
    Every passage is of an article that `search` finds in the same mode; scores never rise; no chunk is there twice;
    one article may have several.
    """
    query = "harbour strike vote"
    found = library.passages(query, limit=30, mode=mode)
    articles = {hit.article_id for hit in library.search(query, limit=50, mode=mode, fold=False)}
    assert {one.article.article_id for one in found} <= articles
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({(one.article.article_id, one.chunk) for one in found}) == len(found) == 30
    assert len({one.article.article_id for one in found}) < 30


def test_words_count_however_the_legs_are_fused(tmp_path):
    """By ranks, too, a passage's score is more than what its meaning alone gives."""
    settings = replace(wanted(), fusion=FusionSettings(method="rrf"))
    with new_library(tmp_path, settings) as library:
        library.add(*news(20), article("dam", DAM, title="Inquiry", source="The Ledger"), now=NOW)
        by_ranks = library.passages("seepage under the dam warned", limit=3)
        by_meaning = library.passages("seepage under the dam warned", limit=3, mode="dense")
    assert by_ranks[0].article.article_id == by_meaning[0].article.article_id == "dam"
    # Of two legs with equal weights, each of which has this chunk first: 1/61 from either.
    assert by_ranks[0].score == pytest.approx(2 / 61 * (1 + SENTENCE_WEIGHT))


def test_the_first_of_more_are_the_first_of_fewer(library):
    """How many are wanted changes nothing about which come first."""
    assert library.passages("river school", limit=3) == library.passages("river school", limit=10)[:3]


def test_what_search_refuses_or_does_not_find(library):
    """Nothing asked is an InputError; nothing found gives no passages."""
    with pytest.raises(InputError):
        library.passages(" ")
    assert library.passages("zzyzx", mode="lexical") == ()
