"""Where sentences end."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.chunking import sentences as sentences_module
from searcher.chunking import split_sentences
from searcher.chunking.sentences import _ends as compiled_or_not
from searcher.chunking.sentences import plain_ends

# What decides borders, mixed with anything else, half surrogates and unassigned characters included.
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                ".",
                "!",
                "?",
                "…",
                "。",
                "؟",
                "।",
                " ",
                "\n",
                "\t",
                "\u2028",
                '"',
                "”",
                ")",
                "[1]",
                "Mr",
                "U.S",
                "No",
            ]
        ),
        st.sampled_from(
            ["The", "he", "J", "5", "e\u0301", "👩\u200d👩\u200d👧", "🇺🇦", "한", "\u1112\u1161\u11ab", "ไทย"]
        ),
        st.text(max_size=5),
        st.characters(codec=None),
    ),
    max_size=60,
).map("".join)


def sentences(text):
    """Give the sentences as texts, without the white space that ends them."""
    return [text[start:end].strip() for start, end in split_sentences(text)]


@given(TEXTS)
def test_sentences_tile_the_text(text):
    """
    Spans leave no gap and do not overlap, for any text; none but the first begins with white space, and no
    line break is inside one.
    """
    spans = split_sentences(text)
    assert [start for start, _ in spans] == [0, *(end for _, end in spans)][: len(spans)]
    assert (spans[-1][1] if spans else 0) == len(text)
    assert all(start < end for start, end in spans)
    assert not any(text[start].isspace() for start, _ in spans[1:])
    assert not any("\n" in sentence for sentence in sentences(text))


@pytest.mark.parametrize(
    "text",
    [
        "Kyiv voted. | Protests followed! | Why? | Nobody knows… | It is over.",
        'He said: "It is over." | She left.',
        "“Stop.” | “Why?” | (He went on.) | [So he did.] | Nobody saw it.[12] | The end.",
        '"Why?" he asked. | "No!" she said.',
        "The U.S. Senate met Mr. J. K. Rowling, Dr. Brown and Gen. A. Smith on Jan. 5 in St. Louis. | It rained.",
        "He lives in the U.S. | The president does too. | She joined Apple Inc. | They left at 5 a.m. Monday.",
        "Use a vaccine, e.g. Novavax, i.e. Nuvaxovid, vs. none. | Done.",
        "It cost $3.5 billion, or 2.4 percent. | See No. 5 on p. 12, Fig. 3. | The answer is no. | He left.",
        "Visit example.com. | Then write to a.b@example.org today.",
        "Well... maybe not. | But... | Yes!!! | Really?! | Sure.",
        "1. First of all. | 2. Then this. | It was 2020. | A year.",
        "Yahoo! is back. | About approx. five came. | It works.",
        "- Five killed in strikes -\n | The strikes hit\n | Kharkiv.\n\n | Officials said so.",
        "他说：“你好。” | 然后走了。 | 真的？ | 是！",
        "今日は。 | 元気？ | はい．",
        "هل هذا صحيح؟ | نعم، هذا صحيح. | حسنا.",
        "यह सच है। | हाँ। | नहीं।",
        "no border here at all, only clauses; and more",
    ],
)
def test_borders(text):
    """
    A border is where a reader sees one: each `|` is one, and there is no other.
    """
    plain = text.replace(" | ", " ") if "。" not in text else text.replace(" | ", "")
    assert sentences(plain) == [part.strip() for part in text.split(" | ")]


PARTS = st.sampled_from(
    [
        ". ",
        ".",
        ".) ",
        "! ",
        " ",
        "\n",
        "(",
        "“",
        "1",
        "J",
        "Mr",
        "No",
        "Inc",
        "U.S",
        "The",
        "he",
        "Port",
        "ended",
        "Ⓐ",
        "ǅ",
        "中",
    ]
)


@given(st.lists(PARTS, max_size=30).map("".join))
def test_ends_that_are_told_at_once_are_ends(text):
    """
    What is asked first only saves time: without it every sentence ends in the same place.
    """
    ends = list(plain_ends(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentences_module, "_is_plain_end", lambda *_: False)
        assert list(plain_ends(text)) == ends


@given(TEXTS | st.lists(PARTS, max_size=30).map("".join))
def test_ends_that_are_found_compiled_are_the_same(text):
    """
    Of any text, at any width of its characters.
    """
    for wider in (text, text + "\u0100", text + "\U00020000"):
        assert list(compiled_or_not(wider)) == list(plain_ends(wider))


def test_every_character_is_told_alike():
    """
    Each of Unicode's characters as a stop, before one, after one, after its white space, and as a footnote's number.
    """
    for first in range(0, sys.maxunicode + 1, 4_096):
        text = "".join(
            f"It{c} Was{c}. Now.{c} He. {c}b 1.[{c}] A" for c in map(chr, range(first, first + 4_096))
        )
        assert list(compiled_or_not(text)) == list(plain_ends(text)), hex(first)


def test_what_is_no_text_is_refused():
    """
    It is an error, not a crash; so is a table of kinds that is too short. An error of a rule comes out.
    """
    compiled = pytest.importorskip("searcher.chunking._sentences", exc_type=ImportError).ends
    with pytest.raises(TypeError):
        compiled(bytes(1 << 16), frozenset(), bool, b"a.")
    with pytest.raises(ValueError, match="65,536"):
        compiled(b"", frozenset(), bool, "a.")
    kinds = bytearray(1 << 16)
    kinds[ord(".")] = 2
    with pytest.raises(TypeError):
        compiled(bytes(kinds), frozenset(), None, "1. A")
    with pytest.raises(TypeError):
        compiled(bytes(kinds), None, bool, "One. A")


def test_white_space_belongs_to_the_sentence_before_it():
    """
    White space ends a sentence; at the very beginning it belongs to the first.
    """
    assert split_sentences(" \n One.  Two.\n\n Three ") == [(0, 9), (9, 16), (16, 22)]
    assert split_sentences("") == []
    assert split_sentences(" \n ") == [(0, 3)]


@pytest.mark.parametrize(
    "part",
    [".", ". ", "a", "a. ", "\n", " ", '.")', '. "', "[1]", ".[1]", "a.b", "U.S. ", "。", "! a", "\u0301"],
)
def test_any_characters_take_moments(part):
    """
    Time grows with the text and not faster: a quarter of a million characters of anything take about a second
    (quadratic time would be many minutes).
    """
    text = part * (250_000 // len(part))
    begin = time.process_time()
    spans = split_sentences(text)
    assert time.process_time() - begin < 10
    assert spans[-1][1] == len(text)
