"""How bodies are cut: spans that tile them, whole sentences, never past the window."""

from __future__ import annotations

import gzip
import json
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.chunking import chunk_article, chunks, fingerprint, split_sentences
from searcher.records import Chunk
from tests.chunking.test_sentences import TEXTS

CORPUS = Path(__file__).parents[2] / "../shared/data/multihop-rag/corpus.jsonl.gz"


def by_words(texts):
    """Count a piece for each word."""
    return [len(text.split()) for text in texts]


def by_characters(texts):
    """Count a piece for each character."""
    return [len(text) for text in texts]


def by_fours(texts):
    """Count a piece for each whole four characters: more for the whole than for its parts."""
    return [len(text) // 4 for text in texts]


def sentence(words, mark="w"):
    """Give a sentence of so many words."""
    return "Then " + " ".join([mark] * (words - 1)) + ". "


def texts_of(body, found):
    """Give the chunks as texts."""
    return [body[chunk.start : chunk.end] for chunk in found]


def sizes(body, found):
    """Give how many words each chunk has."""
    return [len(text.split()) for text in texts_of(body, found)]


@settings(max_examples=300)
@given(
    TEXTS,
    st.sampled_from([by_words, by_characters, by_fours]),
    st.integers(40, 80),
    st.integers(1, 30),
)
def test_chunks_tile_the_body_within_the_window(body, count, window, words):
    """
    For any text and any monotone count: no gap, no overlap, no chunk past the window, none that begins with
    white space but the first, none blank, and the same again for the same text.
    """
    found = chunk_article(body, count_pieces=count, window=window, words=words)
    assert [chunk.start for chunk in found] == [0, *(chunk.end for chunk in found)][: len(found)]
    assert (found[-1].end if found else 0) == len(body)
    texts = texts_of(body, found)
    assert max(count([text.strip() for text in texts]), default=0) <= window
    assert not any(text[0].isspace() for text in texts[1:])
    assert body.isspace() or all(text.strip() for text in texts)
    assert found == chunk_article(body, count_pieces=count, window=window, words=words)


@settings(max_examples=200)
@given(st.text("ab e\u0301\u0302\u200d👩🏽🇺🇦\u1112\u1161\u11abกี่\ud83d\ude00", min_size=1, max_size=400))
def test_what_belongs_together_is_not_parted(body):
    """
    No cut falls before an accent or joiner, inside a flag, a syllable or a surrogate pair, unless what it
    would have to keep together is longer than any writing has it.
    """
    for chunk in chunk_article(body, count_pieces=by_characters, window=100, words=10)[1:]:
        before, after = body[chunk.start - 1], body[chunk.start]
        parted = (
            unicodedata.category(after).startswith("M")
            or "\u200d" in (before, after)
            or after in "🏽\u1161\u11ab\ude00"
            or (before in "🇺🇦" and after in "🇺🇦")
        )
        assert not parted or _run_around(body, chunk.start) > 30


def _run_around(body, place):
    """Give the length of the run of characters without letter, emoji or space to its left."""
    start = place
    while start > 0 and body[start] not in "ab e\u1112ก👩":
        start -= 1
    return place - start + 1


def test_sentences_are_packed_to_about_the_wanted_words():
    """
    Nine sentences of 30 words become chunks of 90, which is nearer to 100 than 120 is.
    """
    body = sentence(30) * 9
    assert sizes(body, chunk_article(body, count_pieces=by_words, window=200)) == [90, 90, 90]
    assert sizes(body, chunk_article(body, count_pieces=by_words, window=200, words=40)) == [30] * 9
    assert sizes(body, chunk_article(body, count_pieces=by_words, window=200, words=50)) == [60] * 4 + [30]


def test_a_chunk_is_whole_sentences():
    """
    Where sentences fit, every chunk begins where a sentence begins.
    """
    body = "".join(sentence(5 + n * 7 % 31) for n in range(60))
    borders = {start for start, _ in split_sentences(body)}
    found = chunk_article(body, count_pieces=by_words, window=130)
    assert {chunk.start for chunk in found} <= borders
    assert all(80 <= size <= 120 for size in sizes(body, found)[:-2])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([50, 50, 5], [105]),  # Joined: no scrap at the end.
        ([25] * 5, [125]),  # 25 too many in one is nearer than 25 and 50 too few in two.
        ([20] * 8, [80, 80]),  # Not 100 and 60.
        ([150, 5], [155]),
        ([100, 100, 30], [100, 130]),
        ([7], [7]),
    ],
)
def test_the_end_is_balanced(words, expected):
    """
    The last two chunks are parted where they come nearest to the wanted size, or joined.
    """
    body = "".join(map(sentence, words))
    assert sizes(body, chunk_article(body, count_pieces=by_words, window=200)) == expected


def test_a_full_window_keeps_the_end_apart():
    """
    The end is not joined past the window, but parted anew: 50 and 55, not 100 and 5.
    """
    body = sentence(50) * 2 + sentence(5)
    assert sizes(body, chunk_article(body, count_pieces=by_words, window=100)) == [50, 55]
    assert sizes(body, chunk_article(body, count_pieces=by_words, window=54)) == [50, 50, 5]


def test_an_article_that_grows_keeps_its_first_chunks():
    """
    Text appended to an article leaves all chunks but the last two where they were, so their vectors are kept.
    """
    body = "".join(sentence(11 + n % 13) for n in range(50))
    before = chunk_article(body, count_pieces=by_words, window=200)
    after = chunk_article(body + sentence(40), count_pieces=by_words, window=200)
    assert after[: len(before) - 2] == before[:-2]


def test_a_long_sentence_is_cut_after_clauses():
    """
    A sentence past one and a half times the wanted words is cut at commas near equal parts, else between
    words.
    """
    clause = "and so it went on for ten whole words, "
    body = clause * 30
    found = chunk_article(body, count_pieces=by_words, window=400)
    assert all(text.endswith(", ") for text in texts_of(body, found))
    assert all(80 <= size <= 120 for size in sizes(body, found))
    body = "word " * 300
    found = chunk_article(body, count_pieces=by_words, window=400)
    assert all(text.endswith("word ") for text in texts_of(body, found))
    assert sizes(body, found) == [100, 100, 100]


def test_scripts_without_spaces_are_cut_too():
    """
    Chinese is cut after its stops, near 200 characters (two are about a word); without stops, after clauses.
    """
    body = "他们昨天在基辅街头抗议新法律并要求总统。" * 50
    found = chunk_article(body, count_pieces=by_characters, window=500)
    assert all(text.endswith("。") and 180 <= len(text) <= 220 for text in texts_of(body, found))
    body = "他们昨天在基辅街头抗议新法律，" * 60
    found = chunk_article(body, count_pieces=by_characters, window=500)
    assert all(text.endswith("，") for text in texts_of(body, found))
    assert max(map(len, texts_of(body, found))) <= 300


def test_pieces_that_do_not_add_up_are_counted_together():
    """
    A count that gives more for a chunk than for its sentences still keeps every chunk within the window.
    """
    body = "Abcd efg. " * 200
    single = chunk_article(body, count_pieces=by_fours, window=30)
    assert max(by_fours([text.strip() for text in texts_of(body, single)])) <= 30


def test_texts_are_counted_in_a_few_calls():
    """
    The counter is called once for all sentences and once for all chunks, never sentence by sentence.
    """
    calls = []

    def count(texts):
        calls.append(len(texts))
        return by_words(texts)

    found = chunk_article(sentence(20) * 100, count_pieces=count, window=200)
    assert calls == [100, len(found)]


def test_an_empty_body_has_no_chunks():
    """
    Nothing gives nothing; white space alone is one chunk; one letter is one.
    """
    assert chunk_article("", count_pieces=by_words, window=10) == []
    assert chunk_article(" \n", count_pieces=by_words, window=10) == [Chunk(0, 2)]
    assert chunk_article("x", count_pieces=by_words, window=10) == [Chunk(0, 1)]


@pytest.mark.parametrize(("window", "words"), [(0, 100), (-5, 100), (100, 0)])
def test_no_room_is_an_error(window, words):
    """
    A window or size that nothing fits is refused.
    """
    with pytest.raises(ValueError, match="no chunk fits"):
        chunk_article("Text.", count_pieces=by_words, window=window, words=words)


def test_the_fingerprint_tells_what_was_cut_otherwise(monkeypatch):
    """
    Another size or another version of the rules is another fingerprint.
    """
    first = fingerprint(100)
    assert first == fingerprint(100)
    assert first != fingerprint(120)
    monkeypatch.setattr(chunks, "VERSION", chunks.VERSION + 1)
    assert first != fingerprint(100)


def test_the_rules_change_with_the_version():
    """
    These borders are what version 1 gives; if they move, count `chunks.VERSION` up and pin the new ones.
    """
    body = "".join(
        sentence(7 + n * 11 % 37, f"w{n}")
        + ("\n" if n % 5 == 0 else "He, too, met Mr. X. of the U.S. Then? ")
        for n in range(40)
    )
    found = chunk_article(body, count_pieces=by_words, window=150)
    assert chunks.VERSION == 1
    assert [chunk.end for chunk in found] == [
        371, 714, 1032, 1429, 1854, 2230, 2631, 3059, 3440, 3883, 4309, 4656, 4998
    ]  # fmt: skip


@pytest.mark.parametrize(
    "part", [".", ". ", "a", "ab ", " ", "a,", "*\n", "语", "e\u0301", "\u0301", '. "', "A. "]
)
def test_hostile_characters_take_moments(part):
    """
    Time grows with the text and not faster, and the chunks stay of a size that can be shown.
    """
    body = part * (250_000 // len(part))
    begin = time.process_time()
    found = chunk_article(body, count_pieces=lambda texts: [len(text) // 3 for text in texts], window=250)
    assert time.process_time() - begin < 20
    assert found[-1].end == len(body)
    assert all(len(text.strip()) <= 2_000 for text in texts_of(body, found))


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not beside the checkout")
def test_real_news_is_cut_to_the_wanted_size():
    """
    Of 609 long news articles, 99 of 100 chunks have between 60 and 140 words.
    """
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        bodies = [json.loads(line)["text"] for line in lines]
    counted = [
        size
        for body in bodies
        for size in sizes(body, chunk_article(body, count_pieces=by_words, window=200))
    ]
    assert len(bodies) == 609
    assert sum(60 <= size <= 140 for size in counted) > 0.99 * len(counted)
