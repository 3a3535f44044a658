"""An answer ends in time: past its deadline hits are shown without choosing, and that is said."""

from dataclasses import replace

import pytest

from searcher.library import deadline
from searcher.library.deadline import ALWAYS
from searcher.settings import SearchSettings
from tests.library.samples import NOW, article, ids, new_library, news, wanted


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Sixty articles, whose answers may take five seconds."""
    settings = replace(wanted(), search=SearchSettings(deadline_s=5.0))
    with new_library(tmp_path_factory.mktemp("deadline"), settings) as opened:
        opened.add(*news(60), article("far", "Harbour strike. "), now=NOW)
        yield opened


class Clock:
    """Stands still until it was read `until` times, and then is `ahead` seconds later."""

    def __init__(self, until, ahead):
        self.left, self.ahead = until, ahead

    def __call__(self):
        self.left -= 1
        return 100.0 if self.left >= 0 else 100.0 + self.ahead


def asked(library, ask):
    return library.search("harbour strike", limit=50) if ask == "search" else library.similar("n3", limit=50)


@pytest.mark.parametrize("ask", ["search", "similar"])
def test_hits_past_the_deadline_are_shown_from_their_beginning(library, monkeypatch, ask):
    """
    The same hits in the same places; those before the deadline with the snippets that they always have, each one after
    it with the beginning of its chunk; how many, and what to do, is said.
    """
    monkeypatch.setattr(deadline, "clock", Clock(until=1_000, ahead=0))
    in_time = asked(library, ask)
    # Once at the beginning, then before each hit past the first ALWAYS: five of those are in time.
    monkeypatch.setattr(deadline, "clock", Clock(until=6, ahead=4.5))
    late = asked(library, ask)
    chosen = ALWAYS + 5
    assert in_time.degraded is None and len(in_time) > chosen + 10
    assert (ids(late), late.total) == (ids(in_time), in_time.total)
    assert [hit.score for hit in late] == [hit.score for hit in in_time]
    assert [hit.snippet for hit in late][:chosen] == [hit.snippet for hit in in_time][:chosen]
    for hit in list(late)[chosen:]:
        begin, text = hit.snippet.start, hit.snippet.text
        assert hit.snippet.kind == "lead" and hit.snippet.marks == () and text
        assert hit.article.body[begin : begin + len(text)] == text
    assert late.degraded == (
        f"{len(late) - chosen} of {len(late)} hits are shown from where their passage begins: "
        "the 5 seconds that an answer may take were up. Ask for fewer at once."
    )


def test_the_deadline_is_that_of_the_settings(library, monkeypatch):
    """A moment before what it leaves for the rest of the page, everything is as ever."""
    monkeypatch.setattr(deadline, "clock", Clock(until=1, ahead=4.499))
    assert asked(library, "search").degraded is None


def test_a_page_for_a_person_has_its_snippets_however_late_it_is(library, monkeypatch):
    """A machine that is slow to start must not cost the first answer its snippets."""
    monkeypatch.setattr(deadline, "clock", Clock(until=1, ahead=3600.0))
    page = library.search("harbour strike", limit=ALWAYS)
    assert len(page) == ALWAYS and page.degraded is None
    assert {hit.snippet.kind for hit in page} == {"words"}


def test_passages_past_those_that_are_read_follow_in_their_order(library):
    """
    However many are wanted, the same hundred are read, and the rest follows with scores that never rise: the first of
    many are the first of few.
    """
    many = library.passages("harbour strike vote", limit=10_000)
    assert len(many) > 110
    assert library.passages("harbour strike vote", limit=100) == many[:100]
    assert library.passages("harbour strike vote", limit=105) == many[:105]
    assert [one.score for one in many] == sorted((one.score for one in many), reverse=True)
