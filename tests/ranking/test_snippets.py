"""Snippets: the piece that is shown, where it is cut, and what is marked."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.chunking import split_sentences
from searcher.ranking.snippets import beginning, make_snippet, meaning_snippet
from searcher.records import Chunk

BODY = (
    "Thousands of people gathered in Kyiv on Tuesday. They protested against a law that weakens two agencies. "
    '"This is a step back," said Olena, a student.\n\nPresident Zelensky signed the law late in the evening, '
    "despite calls from the U.S. and European partners. Critics say that it puts the agencies under the control of "
    "the prosecutor general, who is appointed by the president."
)
WHOLE = Chunk(0, len(BODY))


def finder(*terms: str):
    """Matches as an analyzer gives them: whole words, compared without case."""

    def matches(text):
        words = ((found.start(), found.end(), found[0].lower()) for found in re.finditer(r"\w+", text))
        return [word for word in words if word[2] in terms]

    return matches


def marked(snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.marks]


def test_shows_the_sentence_with_most_different_words():
    """
    Two different words in one sentence are worth more than one word twice elsewhere.
    """
    body = "The law is the law, and the law holds. Nothing else was said. The agencies lost to a law."
    snippet = make_snippet(body, Chunk(0, len(body)), matches=finder("law", "agencies"), max_chars=40)
    assert snippet.text == "The agencies lost to a law."
    assert (snippet.start, snippet.kind, marked(snippet)) == (62, "words", ["agencies", "law"])


def test_begins_with_the_sentence_of_the_match():
    """
    The snippet begins and ends with whole sentences where they fit.
    """
    snippet = make_snippet(BODY, WHOLE, matches=finder("law", "agencies"), max_chars=80)
    assert snippet.text == "They protested against a law that weakens two agencies."
    assert marked(snippet) == ["law", "agencies"]


def test_more_matches_then_the_earliest():
    """
    Among pieces with as many different words the one with more matches wins, and among those the earliest.
    """
    body = "A tax. B was here now. C tax tax. D was here now. E tax tax."
    snippet = make_snippet(body, Chunk(0, len(body)), matches=finder("tax"), max_chars=12)
    assert (snippet.text, snippet.start) == ("C tax tax.", 23)


def test_long_sentences_are_cut_between_words():
    """
    Of a sentence that does not fit, whole words around the match are shown.
    """
    snippet = make_snippet(BODY, WHOLE, matches=finder("prosecutor"), max_chars=50)
    assert snippet.text == "the control of the prosecutor general, who is"
    assert marked(snippet) == ["prosecutor"]


def test_line_breaks_become_spaces_in_place():
    """
    A line break is shown as a space, and `start` and marks stay true.
    """
    snippet = make_snippet(BODY, WHOLE, matches=finder("olena", "zelensky"), max_chars=150)
    assert "student.  President Zelensky" in snippet.text
    assert BODY[snippet.start : snippet.start + len(snippet.text)].replace("\n", " ") == snippet.text
    assert marked(snippet) == ["Olena", "Zelensky"]


def test_lead_when_nothing_matches():
    """
    Without a match the chunk's beginning is shown, unmarked.
    """
    begin = BODY.index("President")
    snippet = make_snippet(BODY, Chunk(begin, len(BODY)), matches=finder("nothing"), max_chars=120)
    assert snippet.text == BODY[begin : BODY.index(" Critics")]
    assert (snippet.kind, snippet.marks, snippet.start) == ("lead", (), begin)


def test_reaches_to_the_sentence_border_past_the_chunk():
    """
    A chunk cut within a sentence is shown from where the sentence begins, when that is near.
    """
    begin = BODY.index("against")
    snippet = make_snippet(BODY, Chunk(begin, begin + 20), matches=finder("law"), max_chars=200)
    assert snippet.text == "They protested against a law that weakens two agencies."


def test_words_outside_the_chunk_are_not_sought():
    """
    Matches far from the chunk do not draw the snippet there.
    """
    end = BODY.index(" They")
    snippet = make_snippet(BODY, Chunk(0, end), matches=finder("critics", "kyiv"))
    assert marked(snippet) == ["Kyiv"]
    assert snippet.text == BODY[:end]


def test_chinese_sentences_are_whole():
    """
    Sentences without spaces between them are borders too.
    """
    body = "今天基辅举行了抗议活动。总统签署了一项新的法律。批评者对此表示担忧。"
    snippet = make_snippet(body, Chunk(0, len(body)), matches=lambda text: [(21, 23, "法律")], max_chars=14)
    assert snippet.text == "总统签署了一项新的法律。"
    assert marked(snippet) == ["法律"]


def test_endless_word_is_cut_between_letters():
    """
    A word longer than the limit is cut, but never between a letter and its accents.
    """
    body = "e\u0301" * 400
    snippet = make_snippet(body, Chunk(0, 800), matches=lambda text: [], max_chars=101)
    assert snippet.text == "e\u0301" * 50
    flags = "🇺🇦x" * 100
    snippet = make_snippet(flags, Chunk(0, len(flags)), matches=lambda text: [(1, 2, "x")], max_chars=10)
    assert snippet.text == "🇺🇦x🇺🇦x🇺🇦x"


def test_one_sign_longer_than_the_limit():
    """
    A letter under a thousand accents is still cut at the limit.
    """
    body = "e" + "\u0301" * 1000
    assert (
        len(make_snippet(body, Chunk(0, 1001), matches=lambda text: [(0, 1, "e")], max_chars=100).text) == 100
    )


def test_overlapping_matches_count_once():
    """
    Of matches that overlap the first is marked; marks never overlap.
    """
    body = "New York City votes."
    snippet = make_snippet(
        body, Chunk(0, 20), matches=lambda text: [(4, 13, "york city"), (0, 8, "new york")]
    )
    assert marked(snippet) == ["New York"]


@pytest.mark.parametrize(
    ("body", "chunk"), [("", Chunk(0, 0)), (" \n\n ", Chunk(0, 4)), ("abc", Chunk(9, 12))]
)
def test_nothing_to_show(body, chunk):
    """
    A chunk without a word, or past the body, is an empty lead.
    """
    snippet = make_snippet(body, chunk, matches=finder("abc"))
    assert (snippet.text, snippet.kind, snippet.marks) == ("", "lead", ())


def test_a_limit_below_one_is_refused():
    """
    A snippet of no characters is a mistake of the caller.
    """
    with pytest.raises(ValueError, match="0 characters"):
        make_snippet(BODY, WHOLE, matches=finder("law"), max_chars=0)


def test_meaning_marks_the_sentence():
    """
    The sentence nearest in meaning is marked whole, between its neighbours where they fit.
    """
    begin, end = BODY.index("They"), BODY.index(' "This')
    snippet = meaning_snippet(BODY, WHOLE, (begin, end + 1), max_chars=160)
    assert marked(snippet) == ["They protested against a law that weakens two agencies."]
    assert snippet.kind == "meaning"
    assert snippet.text == BODY[: BODY.index("\n\nPresident")]


def test_long_sentence_is_shown_from_its_beginning():
    """
    Of a nearest sentence that does not fit, its first words are shown and marked.
    """
    begin = BODY.index("Critics")
    snippet = meaning_snippet(BODY, WHOLE, (begin, len(BODY)), max_chars=50)
    assert snippet.text == "Critics say that it puts the agencies under the"
    assert snippet.marks == ((0, len(snippet.text)),)
    assert snippet.start == begin


def test_blank_sentence_gives_the_lead():
    """
    Where no sentence is given the chunk's beginning is shown.
    """
    begin = BODY.index("\n\n")
    assert meaning_snippet(BODY, WHOLE, (begin, begin + 2)).kind == "lead"


# Any text, cut anywhere.

WORDS = st.sampled_from(
    ["tax", "cut", "vote", "law.", "a", "The", "U.S.", "end!", "é́é", "🇺🇦", "x" * 50, "投票。", "\n", "'tis"]
)
BODIES = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", " ", "\n", ""])), max_size=60).map(
    lambda words: "".join(word + gap for word, gap in words)
)
TERMS = ("tax", "cut", "vote", "law")


@st.composite
def scenes(draw):
    body = draw(BODIES | st.text(max_size=200))
    start, end = sorted((draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))))
    return body, Chunk(start, end), draw(st.integers(1, 120))


def word_borders(body: str, max_chars: int) -> set[int]:
    """Where a text may be cut: beside white space, between sentences, in words that are too long."""
    borders = {0, len(body)}
    for found in re.finditer(r"\S+", body):
        borders.update(found.span())
        if len(found[0]) > max_chars:
            borders.update(range(*found.span()))
    for first, last in split_sentences(body):
        borders.update((first, last))
    return borders


def check_shape(body, snippet, max_chars) -> tuple[int, int]:
    start, end = snippet.start, snippet.start + len(snippet.text)
    assert snippet.text == body[start:end].replace("\n", " ")
    assert len(snippet.text) <= max_chars
    assert snippet.text == snippet.text.strip()
    last = 0
    for first, past in snippet.marks:
        assert last <= first < past <= len(snippet.text)
        last = past
    return start, end


@given(scenes())
def test_any_snippet_is_a_piece_of_the_body(scene):
    """
    Any snippet is a piece of the body within its limit, marks exactly the matched words in it, and cuts no word
    and no sign that fits.
    """
    body, chunk, max_chars = scene
    snippet = make_snippet(body, chunk, matches=finder(*TERMS), max_chars=max_chars)
    start, end = check_shape(body, snippet, max_chars)
    assert {start, end} <= word_borders(body, max_chars) or not snippet.text
    assert all(word.lower() in TERMS or max_chars < 4 for word in marked(snippet))
    if snippet.text:
        assert chunk.start - max_chars <= start
        assert end <= chunk.end + max_chars
    assert (snippet.kind == "words") == bool(snippet.marks)
    if snippet.text and end < len(body) and unicodedata.combining(body[end]):
        assert len(snippet.text) == max_chars
    inside = [(a, b) for a, b, _ in finder(*TERMS)(body[start:end]) if (a, b) in snippet.marks]
    assert len(inside) == len(snippet.marks) or max_chars < 4


@given(
    st.lists(st.sampled_from(["tax", "tax", "tax", "cut", "vote", "law", "x" * 9]), max_size=50).map(
        " ".join
    ),
    st.tuples(st.integers(0, 20), st.integers(150, 250)),
    st.integers(6, 30),
)
def test_no_other_piece_has_more_different_words(body, span, max_chars):
    """
    No piece of the chunk in whole words, within the limit, has more different matched words than the snippet.
    """
    chunk = Chunk(*span)
    snippet = make_snippet(body, chunk, matches=finder(*TERMS), max_chars=max_chars)
    shown = {word.lower() for word in marked(snippet)}
    runs = [found.span() for found in re.finditer(r"\S+", body)]
    runs = [(a, b) for a, b in runs if chunk.start <= a and b <= chunk.end]
    for index, (first, _) in enumerate(runs):
        for _, last in runs[index:]:
            if last - first <= max_chars:
                assert len({term for _, _, term in finder(*TERMS)(body[first:last])}) <= len(shown)


@given(scenes(), st.data())
def test_any_sentence_is_marked(scene, data):
    """
    Any sentence of the chunk is marked in its snippet: whole where it fits, else from its beginning.
    """
    body, chunk, max_chars = scene
    spans = [(a, b) for a, b in split_sentences(body) if body[a:b].strip()]
    if not spans:
        return
    first, last = data.draw(st.sampled_from(spans))
    snippet = meaning_snippet(body, chunk, (first, last), max_chars=max_chars)
    start, _ = check_shape(body, snippet, max_chars)
    sentence = body[first:last].strip().replace("\n", " ")
    (mark,) = marked(snippet)
    assert snippet.kind == "meaning"
    assert mark == sentence if len(sentence) <= max_chars else sentence.startswith(mark)
    assert body.index(body[first:last].strip(), first) == start + snippet.marks[0][0]


def test_work_grows_with_the_chunk_only():
    """
    A body of a million characters costs no more than its chunk: the words of the whole are never looked at.
    """
    body = "The law holds here. " * 50_000
    seen = []

    def matches(text):
        seen.append(len(text))
        return finder("law")(text)

    snippet = make_snippet(body, Chunk(500_000, 500_600), matches=matches)
    assert max(seen) <= 600 + 2 * 75
    assert snippet.text.startswith("The law holds here.")
    assert len(snippet.text) == 299


def test_no_white_space_but_the_blank_can_be_printed():
    """What tells whether a text has other white space says so of every character."""
    spaces = [char for char in map(chr, range(sys.maxunicode + 1)) if char.isspace()]
    assert [char for char in spaces if char.isprintable()] == [" "]


def test_white_space_of_any_kind_parts_words():
    """
    Words are cut apart at whatever is white space; it is shown as it is.
    """
    body = "A tax\xa0cut\u3000is\u2003law now\tand then"
    snippet = make_snippet(body, Chunk(0, len(body)), matches=finder("law"), max_chars=12)
    assert (snippet.text, marked(snippet)) == ("is\u2003law now", ["law"])


def test_the_beginning_is_the_first_words_of_a_chunk():
    """
    As many whole words as fit; a word that ends where the room ends is whole; one that is too long alone is cut.
    """
    body = "Before. \n Harbour strike\nended today. After."
    chunk = Chunk(7, 30)
    assert beginning(body, chunk).text == "Harbour strike ended"
    assert beginning(body, chunk, max_chars=14).text == "Harbour strike"
    assert beginning(body, chunk, max_chars=13).text == "Harbour"
    assert beginning(body, chunk, max_chars=4).text == "Harb"
    assert beginning(" \n ", Chunk(0, 3)).text == ""


@given(st.text(" \nab."), st.integers(0, 20), st.integers(0, 60), st.integers(1, 30))
def test_the_beginning_is_a_piece_of_its_chunk(body, start, length, max_chars):
    """
    Not longer than it may be, without space around it, and empty only if the chunk is blank.
    """
    start = min(start, len(body))
    chunk = Chunk(start, min(start + length, len(body)))
    snippet = beginning(body, chunk, max_chars=max_chars)
    text = body[chunk.start : chunk.end].replace("\n", " ")
    assert len(snippet.text) <= max_chars and snippet.text == snippet.text.strip()
    assert text.lstrip().startswith(snippet.text) and bool(snippet.text) == bool(text.strip())
    assert body[snippet.start :].replace("\n", " ").startswith(snippet.text)
