"""Queries: what each means, what is put right, and that nothing a stranger types raises or takes long."""

import re
import sys
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ranking import conditions, grammar, lexer, syntax
from searcher.ranking.grammar import parse_query, plain_query
from searcher.records import And, Filters, Fuzzy, Not, Or, Phrase, Prefix, Query, Word

NOW = datetime(2025, 7, 23, 12, tzinfo=UTC)
REFERENCE = Path(__file__).parents[2] / "docs" / "query-language.md"


def ask(text: str, filters: Filters = Filters()) -> Query:
    return parse_query(text, now=NOW, filters=filters)


def describe(node, inner=False) -> str:
    """A restriction as docs/query-language.md writes it."""
    match node:
        case None:
            return ""
        case Word(text, field):
            said = text
        case Phrase(words, field, slop):
            said = f'"{" ".join(words)}"' + (f"~{slop}" if slop else "")
        case Prefix(text, field):
            said = f"{text}*"
        case Fuzzy(text, edits, field):
            said = f"{text}~{edits}"
        case Not(child):
            return f"(NOT {describe(child, True)})" if inner else f"NOT {describe(child, True)}"
        case And(nodes) | Or(nodes):
            joined = f" {type(node).__name__.upper()} ".join(describe(child, True) for child in nodes)
            return f"({joined})" if inner else joined
    return f"title:{said}" if field == "title" else said


def describe_filters(filters: Filters) -> str:
    """Filters as docs/query-language.md writes them."""
    said = []
    for name, values in (
        ("source", filters.sources),
        ("section", filters.sections),
        ("language", filters.languages),
        ("not source", filters.not_sources),
        ("not section", filters.not_sections),
        ("not language", filters.not_languages),
    ):
        if values:
            said.append(f"{name} {', '.join(values)}")
    for name, moment in (("since", filters.since), ("until", filters.until)):
        if moment:
            assert moment.utcoffset().total_seconds() == 0
            said.append(f"{name} {moment:%Y-%m-%dT%H:%M}")
    return ", ".join(said)


def reference_rows(columns: int) -> list[tuple[str, ...]]:
    """The examples of the reference: rows whose first cell is a query, of tables with so many columns."""
    rows = []
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == columns:
            rows.append((cells[0].strip("`"), *cells[1:]))
    return rows


@pytest.mark.parametrize(("text", "free", "restriction"), reference_rows(3))
def test_reference_of_words_and_operators_is_true(text, free, restriction):
    """
    Every example of the reference ranks by the words and restricts by the condition that stand beside it.
    """
    query = ask(text)
    assert " ".join(query.free) == free
    assert describe(query.restriction) == restriction


@pytest.mark.parametrize(("text", "filters"), reference_rows(2))
def test_reference_of_filters_is_true(text, filters):
    """
    Every filter of the reference admits what stands beside it, and leaves no words behind.
    """
    query = ask(text)
    assert describe_filters(query.filters) == filters
    assert (query.free, query.restriction, query.text, query.notes) == ((), None, "", ())


def test_reference_has_enough_examples():
    """
    The reference was read at all: more than 60 queries and 20 filters.
    """
    assert len(reference_rows(3)) > 60
    assert len(reference_rows(2)) > 20


def test_reference_names_the_limits():
    """
    The limits of the reference are those of the code.
    """
    text = REFERENCE.read_text(encoding="utf-8")
    for said in (
        f"{lexer.MAX_CHARS} characters",
        f"operators | {grammar.MAX_TERMS};",
        f"free words | {grammar.MAX_FREE_WORDS};",
        f"{lexer.MAX_NESTING} deep",
        f"at least {syntax.MIN_PREFIX} letters",
        f"at most {syntax.MAX_EDITS} letters, in words of {syntax.MIN_FUZZY}",
        f"at most {syntax.MAX_SLOP} words",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("kyiv protest", "kyiv protest"),
        ('congress "tax cuts" -football vot* zelensky~2', "congress tax cuts vot zelensky"),
        ("title:(ceasefire truce) AND gaza since:7d source:bbc", "ceasefire truce gaza"),
        ("NOT (football OR tennis)", ""),
        ("a OR (b AND NOT (c OR d)) e", "a b e"),
        ("C++ — AT&T", "C++ AT&T"),
        ("kyiv kyiv", "kyiv kyiv"),
        ("+kyiv +(lviv odesa) protest", "kyiv lviv odesa protest"),
    ],
)
def test_encoder_reads_plain_words_in_order(text, encoded):
    """
    `text` is what was typed in its order, without operators, filters, signs and negated words.
    """
    assert ask(text).text == encoded


def test_scored_are_the_restricting_words_that_are_not_negated():
    """
    Words, phrases, prefixes and fuzzy words of the restriction score, each once, unless they are negated.
    """
    query = ask('a "b c" title:d AND ev* AND NOT (f OR "g h") OR wxyz~ AND ev*')
    assert query.free == ("a",)
    assert query.scored == (Phrase(("b", "c")), Word("d", "title"), Prefix("ev"), Fuzzy("wxyz"))


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('"tax cuts', "An unclosed quote was closed at the end."),
        ("a)", "')' without '(' was ignored."),
        ("(a OR b", "An unclosed '(' was closed at the end."),
        ("a () b", "Parentheses without a word in them were ignored."),
        ('a "" b', "Quotes without a word in them were ignored."),
        ("a AND", "AND without a word after it was ignored."),
        ("NOT", "NOT without a word after it was ignored."),
        ("OR a", "OR without a word before it was ignored."),
        ("(" * 30 + "a" + ")" * 30, "Parentheses more than 20 deep were ignored."),
        ("v* a", "A * needs 2 letters before it: 'v*' was taken as 'v'."),
        ("*vote", "A * is understood only at the end of a word: '*vote' was taken as a plain word."),
        ("a/bc* x", "A * must follow one unbroken word: 'a/bc*' was taken as 'a/bc'."),
        ("war~ x", "A ~ needs 4 letters before it: 'war~' was taken as 'war'."),
        ("word~7", "At most 2 letters may differ: 'word~7' was taken as ~2."),
        ('"a b"~70', "A distance is at most 50 words."),
        ('"a b"~', 'A ~ behind quotes needs a number, as in "a b"~5, and was ignored.'),
        ('"a"~5', "A distance needs two words or more: ~5 was ignored."),
        ("a^2", "Words cannot be weighted: '^2' was ignored."),
        ("title: a", "'title:' without a value was ignored; write title:VALUE without a space."),
        ("a since:never", "'never' is not a date and was ignored; since: takes 2024-05-31, 2024-05, 7d or today."),
        ("a lang:elvish", "'elvish' is not a language and was ignored; lang: takes codes such as en."),
        ("since:2025 until:2024", "No date is that late and that early: since: must lie before until:."),
        (
            "a OR source:b",
            "Filters hold for the whole query: source: was not limited to one side of AND or OR.",
        ),
        (
            "-(a AND lang:en)",
            "Filters hold for the whole query: lang: was not limited to one side of AND or OR.",
        ),
        ("?!", "The query holds no word to search for."),
        ("a " * 600, "Only the first 512 characters were read."),
        ("a " * 200, "Only the first 128 words are looked up; the others count by meaning."),
        (" OR ".join("abcdefghijklmnopqrstuvwxyz1234567"),
         "Only the first 32 words in quotes and operators restrict the answer."),
    ],
)  # fmt: skip
def test_what_was_ignored_is_told(text, note):
    """
    Each thing that was ignored or put right is told in one sentence.
    """
    assert note in ask(text).notes


@pytest.mark.parametrize("text", ["kyiv protest", 'a AND "b c" -d', "title:a source:b since:7d", "", "   "])
def test_nothing_is_told_of_a_query_that_is_understood(text):
    """
    A query in order, or none at all, has no notes.
    """
    assert ask(text).notes == ()


def test_empty_query():
    """
    Nothing typed, and nothing but signs, are empty queries; a filter alone is not.
    """
    assert ask("").empty
    assert ask(' (( "" - AND ').empty
    assert not ask("source:bbc").empty
    assert not ask("-football").empty


def test_unicode_spaces_and_full_width_signs_are_understood():
    """
    Words are parted by any white space, and full-width signs are signs, as a Japanese keyboard writes them.
    """
    assert ask("tax\u3000cuts\u00a0now\u2003here").free == ("tax", "cuts", "now", "here")
    query = ask("（東京　OR　大阪）　title：選挙　－株　＂二 語＂～3")
    assert describe(query.restriction) == '(東京 OR 大阪) AND title:選挙 AND (NOT 株) AND "二 語"~3'


def test_unsafe_characters_do_not_come_through():
    """
    NULs, bidi controls, escapes and lone surrogates are gone from all that is handed on.
    """
    query = ask('a\x00b\u202ec \ud800 \x1b[31mred "x\udfff y\x00"')
    assert query.free == ("abc", "[31mred")
    assert query.restriction == Phrase(("x\ufffd", "y"))
    assert not re.search("[\x00\x1b\u202e\ud800-\udfff]", query.raw + query.text)


def test_given_filters_join_those_of_the_text():
    """
    Names add up, equal ones once in their first spelling; of dates the narrower counts; exclusions stay.
    """
    given_filters = Filters(
        sources=("Le Monde",),
        languages=("fr",),
        since=datetime(2025, 1, 1, tzinfo=UTC),
        until=datetime(2025, 6, 1, tzinfo=UTC),
        exclude_ids=("x",),
    )
    query = ask('source:"le monde" source:BBC lang:FR since:2024 until:2025-03 -section:sport', given_filters)
    assert query.filters == Filters(
        sources=("Le Monde", "BBC"),
        languages=("fr",),
        not_sections=("sport",),
        since=datetime(2025, 1, 1, tzinfo=UTC),
        until=datetime(2025, 4, 1, tzinfo=UTC),
        exclude_ids=("x",),
    )


def test_negated_dates_mean_the_other_side():
    """
    Not since May is until the end of April; not until May is since June.
    """
    assert ask("-since:2024-05").filters == Filters(until=datetime(2024, 5, 1, tzinfo=UTC))
    assert ask("NOT until:2024-05").filters == Filters(since=datetime(2024, 6, 1, tzinfo=UTC))


def test_every_language_name_has_a_code():
    """
    Names of languages give two-letter codes, and each code stands for itself.
    """
    for code in conditions._LANGUAGES.values():
        assert ask(f"lang:{code}").filters.languages == (code,)


def test_query_is_cut_between_words():
    """
    A long query keeps its first whole words within 512 characters; one long word is cut.
    """
    assert ask("word " * 1000).raw == " ".join(["word"] * 102)
    assert ask("x" * 5000).free == ("x" * 512,)
    assert len(ask("é " * 3000).raw) <= 512


def test_words_past_the_limits_are_still_encoded():
    """
    Free words past 128 and operands past 32 rank and restrict no more, but the encoder reads them.
    """
    query = ask("a " * 250)
    assert (len(query.free), query.text.count("a")) == (128, 250)
    query = ask(" AND ".join(f"w{i}" for i in range(40)))
    assert query.restriction == And(tuple(Word(f"w{i}") for i in range(32)))
    assert query.text.split()[-1] == "w39"
    quoted = ask('x AND "' + " ".join(f"w{i}" for i in range(40)) + '"')
    assert quoted.restriction.nodes[1] == Phrase(tuple(f"w{i}" for i in range(31)))


@pytest.mark.parametrize(
    ("text", "restriction"),
    [
        ("NOT (NOT a)", Word("a")),
        ("-(-(-a))", Not(Word("a"))),
        ("a AND (b AND (c AND a))", And((Word("a"), Word("b"), Word("c")))),
        ("(a OR b) OR (b OR c)", Or((Word("a"), Word("b"), Word("c")))),
        ("(a OR b) AND c", And((Or((Word("a"), Word("b"))), Word("c")))),
        ("a AND a", Word("a")),
    ],
)
def test_restrictions_are_in_their_plainest_form(text, restriction):
    """
    Double negations cancel, conditions of one kind are one level, and what is said twice stands once.
    """
    assert ask(text).restriction == restriction


def test_plain_query_has_no_language():
    """
    A plain query takes every word as typed: nothing restricts, filters are those given, the limits hold.
    """
    query = plain_query('NOT "tax cuts" OR -vot* source:bbc — (a)', filters=Filters(languages=("en",)))
    assert query.free == ("NOT", '"tax', 'cuts"', "OR", "-vot*", "source:bbc", "(a)")
    assert query.text == " ".join(query.free)
    assert (query.restriction, query.scored, query.filters) == (None, (), Filters(languages=("en",)))
    assert len(plain_query("a " * 250).free) == 128
    assert plain_query("a " * 250).notes == ask("a " * 250).notes


def test_now_must_carry_its_zone():
    """
    A moment without a time zone is refused where a date is asked for.
    """
    with pytest.raises(ValueError, match="time zone"):
        parse_query("since:7d", now=datetime(2025, 7, 23))  # noqa: DTZ001


# Random conditions, written as queries, against their own truth.

LEAVES = tuple("vwxyz")
TREES = st.recursive(
    st.sampled_from(LEAVES),
    lambda tree: st.one_of(
        st.tuples(st.sampled_from(["AND", "OR"]), st.lists(tree, min_size=2, max_size=3)),
        st.tuples(st.just("NOT"), st.lists(tree, min_size=1, max_size=1)),
    ),
    max_leaves=12,
)
BINDING = {"OR": 0, "AND": 1, "NOT": 2}


def write(tree, draw, binding=-1) -> str:
    """The tree as a query, with no more parentheses than needed, but for some at random."""
    if isinstance(tree, str):
        return f"({tree})" if draw(st.integers(0, 5)) == 0 else tree
    operator, children = tree
    inner = [write(child, draw, BINDING[operator]) for child in children]
    if operator == "NOT":
        sign = draw(st.sampled_from(["NOT ", "-"]))
        said = ("NOT " if inner[0].startswith(("-", "NOT")) else sign) + inner[0]
    else:
        said = f" {operator} ".join(inner)
    needs = binding >= BINDING[operator] and operator != "NOT"
    return f"({said})" if needs or draw(st.integers(0, 5)) == 0 else said


def holds(tree, true: set[str]) -> bool:
    if isinstance(tree, str):
        return tree in true
    operator, children = tree
    values = [holds(child, true) for child in children]
    return not values[0] if operator == "NOT" else all(values) if operator == "AND" else any(values)


def meets(node, true: set[str]) -> bool:
    match node:
        case Word(text):
            return text in true
        case And(nodes):
            return all(meets(child, true) for child in nodes)
        case Or(nodes):
            return any(meets(child, true) for child in nodes)
        case Not(child):
            return not meets(child, true)
    raise AssertionError(node)


@given(TREES.filter(lambda tree: not isinstance(tree, str)), st.data())
def test_any_condition_means_what_it_says(tree, data):
    """
    Any tree of AND, OR and NOT, written as a query, holds for the same articles as the tree itself.
    """
    query = ask(write(tree, data.draw))
    assert query.notes == ()
    for bits in product((False, True), repeat=len(LEAVES)):
        true = {leaf for leaf, bit in zip(LEAVES, bits, strict=True) if bit}
        assert meets(query.restriction, true) == holds(tree, true)


# Whatever is typed.

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)
PIECES = st.sampled_from(
    [
        "AND", "OR", "NOT", "(", ")", '"', "“", "”", "«", "-", "+", "--", "*", "~", "~2", "~99", "^2", ":", "title:",
        "source:", "-lang:", "since:", "until:", "section:(", "7d", "2024-05", "yesterday", "word", "C++", "vot*", "x",
        "O'Brien", "—", "…", "🌍", "\ud800", "\x00", "\u3000", "（", "：", "\u0301", "ſource:", "12:30", "AT&T", "é",
    ]
)  # fmt: skip
SOUP = st.lists(st.tuples(PIECES | ANYTHING, st.sampled_from([" ", "", " ", "\n"])), max_size=60).map(
    lambda pieces: "".join(text + gap for text, gap in pieces)
)


def nodes_of(node, depth=0):
    yield node, depth
    for child in getattr(node, "nodes", ()) or ((node.node,) if isinstance(node, Not) else ()):
        yield from nodes_of(child, depth + 1)


@given(ANYTHING | SOUP)
def test_whatever_is_typed_gives_a_query_in_order(text):
    """
    No text raises; every query keeps its promises: normal form, limits, scored words from the restriction.
    """
    query = ask(text)
    nodes = list(nodes_of(query.restriction)) if query.restriction else []
    size = 0
    for node, depth in nodes:
        match node:
            case And(children) | Or(children):
                assert len(children) == len(set(children)) > 1
                assert not any(type(child) is type(node) for child in children)
            case Not(child):
                assert not isinstance(child, Not)
            case Phrase(words, _, slop):
                assert len(words) > 1
                assert all(lexer.is_word(word) and not re.search(r"\s", word) for word in words)
                assert 0 <= slop <= syntax.MAX_SLOP
                size += len(words)
            case Prefix(start):
                assert sum(char.isalnum() for char in start) >= 2
                assert "*" not in start
            case Fuzzy(word, edits):
                assert sum(char.isalnum() for char in word) >= 4
                assert edits in (1, 2)
            case Word(word):
                assert lexer.is_word(word)
        assert depth <= 4 * lexer.MAX_NESTING
    assert size <= grammar.MAX_TERMS
    leaves = [node for node, _ in nodes if isinstance(node, Word | Phrase | Prefix | Fuzzy)]
    assert len(leaves) <= grammar.MAX_TERMS
    assert set(query.scored) <= set(leaves)
    assert all(lexer.is_word(word) and not re.search(r"\s", word) for word in query.free)
    assert len(query.raw) <= lexer.MAX_CHARS
    assert all(query.notes)
    assert len(query.notes) == len(set(query.notes))
    query.raw.encode()
    query.text.encode()


@given(ANYTHING | SOUP)
def test_what_was_read_means_the_same_again(text):
    """
    `raw`, asked again, gives the same query: what is shown in the search box is what was answered.
    """
    first = ask(text)
    again = ask(first.raw)
    told = tuple(note for note in first.notes if "characters were read" not in note)
    assert (again.raw, again.text, again.free, again.scored) == (
        first.raw,
        first.text,
        first.free,
        first.scored,
    )
    assert (again.restriction, again.filters, again.notes) == (first.restriction, first.filters, told)


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=20))
def test_plain_words_are_free_as_typed(words):
    """
    Words without any sign are the free words, in order, and restrict nothing.
    """
    typed = [word for word in words if word not in ("AND", "OR", "NOT")]
    query = ask(" ".join(typed))
    read = query.raw.split()
    assert list(query.free) == read[: grammar.MAX_FREE_WORDS]
    assert (query.restriction, query.filters) == (None, Filters())
    assert query.text == " ".join(read)


# How much work a query may be, counted in executed lines, not in seconds.


def lines_run(text: str) -> int:
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        ask(text)
    finally:
        sys.settrace(before)
    return count


HOSTILE = [
    "(", ")", "NOT ", "-", '"', '" ', "“a", "a AND ", "a OR ", "OR ", "title:", "source:(", "source:(a OR ", "-(",
    "+-a", "*", "a* ", "~", "word~9 ", '"a b"~9 ', "^1", "x^1", "a\u0301", "\u0301\u0323", "\u202e", ":", "a", " ",
    "\ud800", "since:7d ", "NOT(", "lang:en OR ", "(a ", "a) ", "(-a ", "\n",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_is_bounded_and_linear(piece):
    """
    A megabyte of anything costs no more than 512 characters of it, and twice the text at most about twice the work.
    """
    half, whole = lines_run(piece * (256 // len(piece))), lines_run(piece * (512 // len(piece)))
    assert whole <= 2.5 * half + 200
    assert lines_run(piece * (1_000_000 // len(piece))) <= whole * 1.1 + 200
    assert whole < 60_000


def test_only_a_bounded_piece_is_normalised(monkeypatch):
    """
    Unicode normalisation takes quadratic time on long runs of accents, so only a short piece reaches it.
    """
    sizes = []
    monkeypatch.setattr(lexer, "clean", lambda text: sizes.append(len(text)) or text)
    ask("a" + "\u0301\u0323" * 500_000)
    assert max(sizes) <= 4 * lexer.MAX_CHARS
