"""What a person sees: marks, wrapping, dates as precise as known, and nothing that a stranger's text can do."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from searcher.cli.console import console_for
from searcher.cli.show_results import explained, header, show_results
from searcher.records import Filters, Query, Word
from tests.cli.answers import hit, results


def shown(answer, *, width=60, color=False, explain=False):
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=color, color_system="standard" if color else None, markup=False
    )
    show_results(console, answer, asked="“words”", explain=explain)
    return out.getvalue()


def test_a_page_of_hits():
    """
    A whole page, to the letter.
    """
    answer = results(
        hit("wire", snippet="Dockers voted.", copies=("reprint", "other"), url="https://herald.example/wire"),
        hit("deal", title="A deal", snippet="the end", body="Long ago: the\nend of it.", start=9, rank=2),
        total=12,
        notes=("Something was ignored.",),
        waiting=1,
    )
    assert shown(answer).splitlines() == [
        "Note: Something was ignored.",
        "1–2 of 12 articles · hybrid · 8 ms · generation 3",
        "",
        " 1. Title",
        "    The Herald · 23 Jul 2025, 14:30 UTC · 0.900",
        "    Dockers voted.",
        "    +2 copies: reprint, other",
        "    wire · https://herald.example/wire",
        "",
        " 2. A deal",
        "    The Herald · 23 Jul 2025, 14:30 UTC · 0.900",
        "    the end…",
        "    deal",
        "",
        "1 revision not indexed yet. Run: searcher update",
    ]


def test_long_text_is_wrapped_and_ids_are_not():
    """
    No line of text is wider than the terminal; an id and a URL stay whole, to be copied.
    """
    url = f"https://herald.example/{'a' * 80}"
    lines = shown(results(hit(title="word " * 30, snippet="word " * 60, url=url)), width=40).splitlines()
    assert f"    a · {url}" in lines
    assert max(len(line) for line in lines if url not in line and "generation" not in line) <= 40
    assert [line[:4] for line in lines[2:]] == [" 1. ", *["    "] * (len(lines) - 3)]


def test_matched_words_are_marked_where_colour_is():
    """
    Marks are styles on a terminal, and leave no trace in plain text.
    """
    answer = results(hit(snippet="Dockers voted to strike.", marks=((0, 7), (17, 23))))
    colored = shown(answer, color=True)
    assert "\x1b[1;4mDockers\x1b[0m voted to \x1b[1;4mstrike\x1b[0m." in colored
    assert "    Dockers voted to strike.\n" in shown(answer)


@pytest.mark.parametrize("name", ["NO_COLOR"])
def test_no_colour_where_none_is_wanted(monkeypatch, name):
    """
    NO_COLOR keeps every escape sequence away, even on a terminal.
    """

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    for value, escapes in (("1", False), ("", True)):
        monkeypatch.setenv(name, value)
        out = Terminal()
        show_results(console_for(out), results(hit()), asked="“x”")
        assert ("\x1b[" in out.getvalue()) is escapes


@given(st.text(st.characters() | st.sampled_from(list("\x1b\x9b\u202e\u2066\r\n\t\x07[]/")), max_size=60))
def test_no_text_of_strangers_is_obeyed(text):
    """
    Escape sequences, bidi controls and markup in titles, outlets, ids and snippets are text or gone.
    """
    answer = results(hit(text, title=text, snippet=text, source=text, url=text, marks=((0, len(text)),)))
    out = shown(answer, width=50)
    assert not any(char in out for char in "\x1b\x9b\u202e\u2066\r\x07\t")


def test_markup_is_text():
    """
    `[bold]` in a title is shown as it was written.
    """
    assert " 1. [bold]x[/bold] :smile:" in shown(results(hit(title="[bold]x[/bold] :smile:"))).splitlines()


def test_explain_sums_up():
    """
    Each leg's line holds rank, raw score, normalised score, weight and part; the last their sum.
    """
    assert explained(hit().explanation) == [
        "lexical  rank 1     raw   12.5000  normalised 1.0000 x 0.50 = 0.5000",
        "dense    filled in  raw    0.6000  normalised 0.8000 x 0.50 = 0.4000",
        "sum 0.9000 · score fusion",
    ]
    assert "sum 0.9000" in shown(results(hit()), explain=True)


def test_nothing_found_says_what_to_try():
    """
    No match: the question, and advice that fits it.
    """
    query = Query(raw="words", text="words", restriction=Word("words"), filters=Filters(languages=("en",)))
    assert shown(results(query=query, mode="lexical"), width=200).splitlines() == [
        "No good match for “words”.",
        "Try fewer filters (outlet, section, language, dates), or plain words without operators and quotes, "
        "or --mode hybrid, or other or fewer words.",
    ]
    assert shown(results()).splitlines()[1] == "Try other or fewer words."


def test_a_leg_that_is_down_is_said_first():
    """
    When one leg did not answer, a warning stands above the hits.
    """
    assert shown(results(hit(), degraded="Only words were searched.")).startswith(
        "Warning: Only words were searched.\n"
    )


def test_headers():
    """
    One article is singular, a full answer has no range, a page past the end says so.
    """
    assert header(results(hit())).startswith("1 article · ")
    assert header(results(hit(), hit(), total=2)).startswith("2 articles · ")
    assert header(results(hit(), total=1234, offset=20)).startswith("21–21 of 1,234 articles · ")
    assert header(results(total=3, offset=20)).startswith("No more: 3 articles in all · ")


def test_nothing_similar_is_not_a_matter_of_words():
    """
    Who asked for similar articles typed no words, and gets no advice about them.
    """
    query = Query(raw="a1", text="A headline")
    assert shown(results(query=query)).splitlines()[-1] == "Nothing in the library is about the same thing."


def test_weak_matches_are_said_to_be_weak():
    """A thin answer is shown with a line that warns of it; a strong one without."""
    thin, strong = (shown(results(hit(), verdict=verdict)) for verdict in ("thin", "strong"))
    assert "Weak matches" in thin and "Weak matches" not in strong
