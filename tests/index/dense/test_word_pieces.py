"""A text has the pieces of its words: read word by word it has those, and as many, as cut whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE, WordPiece

from searcher.index.dense import word_pieces
from searcher.index.dense.word_pieces import TextCounter, WordCounter, WordReader, parts_at_spaces
from searcher.text import clean

SPACES = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u2002\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
ANY_TEXT = st.text(
    st.one_of(
        st.sampled_from("abcÀéßΣςİ漢字かกิ.,'’-[]#\u0301\u200d😀\0\ufffd" + SPACES),
        st.characters(codec=None, exclude_categories=()),
    ),
    max_size=80,
)
WORDS = st.lists(st.sampled_from(["[CLS]", "[UNK]", "can't", "u.s.", "ab" * 60, "##a", "Straße"]), max_size=4)


def bert():
    """A tokenizer of BERT's kind with a small vocabulary."""
    letters = [*"abcdefghijklmnopqrstuvwxyz.,'-[]#0123456789漢字", "ss", "the"]
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters)]
    made = Tokenizer(WordPiece({name: n for n, name in enumerate(names)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    return made


BERT = bert()


def whole(text, tokenizer=BERT):
    """Count the pieces of a text that is cut as it stands."""
    return len(tokenizer.encode(text, add_special_tokens=False))


@settings(max_examples=500, deadline=None)
@given(st.lists(ANY_TEXT, max_size=3), WORDS)
def test_words_add_up(texts, words):
    """For any clean text, of any script, with any white space: the sum over its words is its number of pieces."""
    texts = [clean(text) for text in [*texts, " ".join([*texts, *words])]]
    assert parts_at_spaces(BERT)
    wanted = [whole(text) for text in texts]
    assert WordCounter(BERT).count(texts) == wanted == TextCounter(BERT).count(texts)


@settings(max_examples=500, deadline=None)
@given(st.lists(ANY_TEXT, max_size=3), WORDS, st.integers(2, 12))
def test_words_read_one_by_one_are_the_text(texts, words, window):
    """For the same texts: word by word they have the pieces that they have whole, framed, and cut at the window."""
    texts = [clean(text) for text in [*texts, " ".join([*texts, *words])]]
    reader = bert()
    reader.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    reader.enable_truncation(window)
    found = WordReader(reader, ([2], [3]), room=window - 2).read(texts)
    assert [ids.tolist() for ids in found] == [reader.encode(text).ids for text in texts]


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_TEXT, max_size=3), st.sampled_from(["", "query: ", "Ask:"]))
def test_the_bundled_encoder_reads_word_by_word(encoder, texts, prompt):
    """The same of the bundled model's own tokenizer; a text of more pieces than its window is cut there."""
    pieces = encoder._pieces
    texts += ["storm " * 500, "[SEP]." * 300, "\ud800 a"]
    assert isinstance(pieces._words, WordReader)
    read = pieces.read_by_words(texts, prompt=prompt), pieces.read(texts, prompt=prompt)
    for word_by_word, whole_text in zip(*read, strict=True):
        assert word_by_word.tolist() == whole_text.tolist()


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_the_bundled_encoder_counts_word_by_word(encoder, text):
    """The same of the bundled model's own tokenizer, through the encoder's door."""
    counter = encoder._pieces._counter
    assert isinstance(counter, WordCounter)
    assert encoder.count_pieces([text]) == [whole(clean(text), counter._counts._tokenizer)]


def test_a_tokenizer_that_looks_across_spaces_is_asked_for_the_whole_text():
    """Where white space is part of a piece, or of a special token, words do not add up, and are not taken to."""
    across = Tokenizer(BPE({"a": 0, " ": 1, "a ": 2, "a a": 3}, [("a", " "), ("a ", "a")]))
    assert whole("a a", across) == 1 and not parts_at_spaces(across)
    assert TextCounter(across).count(["a a", "a", ""] * 700) == [1, 1, 0] * 700
    spaced = bert()
    spaced.add_special_tokens(["end of text"])
    assert whole("end of text", spaced) == 1 and not parts_at_spaces(spaced)
    other = bert()
    other.pre_tokenizer = pre_tokenizers.ByteLevel()
    assert not parts_at_spaces(other)
    other = bert()
    other.normalizer = normalizers.NFKC()
    assert not parts_at_spaces(other)


def test_what_is_remembered_is_bounded(monkeypatch):
    """Neither many words nor long ones fill the memory, and the counts stay right."""
    monkeypatch.setattr(word_pieces, "_MOST_COUNTED", 10)
    monkeypatch.setattr(word_pieces, "_MOST_READ", 10)
    counter = WordCounter(BERT)
    texts = [f"a{n} {'b' * 101}" for n in range(100)]
    assert counter.count(texts) == [whole(text) for text in texts]
    assert len(counter._counts) <= 10
    reader = WordReader(BERT, ([], []), room=512)
    assert [len(ids) for ids in reader.read(texts)] == counter.count(texts)
    assert len(reader._pieces) <= 10
