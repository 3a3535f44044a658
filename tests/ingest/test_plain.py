import pytest

from tests.ingest.cases import drafts


def one(text):
    (draft,) = drafts(text)
    return draft.title, draft.body.strip()


def test_a_short_first_line_is_the_headline():
    """A short line with text after it, next to it or apart from it, is the headline."""
    assert one("Talks resume\n\nThe talks resumed.\nThey ended.") == (
        "Talks resume",
        "The talks resumed.\nThey ended.",
    )
    assert one("Talks resume\nThe talks resumed.") == ("Talks resume", "The talks resumed.")


@pytest.mark.parametrize(
    "text",
    [
        "Only one line.",
        "This is a paragraph of text that somebody has wrapped at seventy-two\ncolumns, as mail programs do.",
        "x" * 300 + "\nMore text.",
        "First of all,\nThe text goes on.",
    ],
)
def test_a_first_line_that_is_text_is_body(text):
    """A lone line, a wrapped paragraph and a long line are text: nothing of them is taken for a headline."""
    assert one(text) == ("", text)


def test_lines_at_the_top_may_name_the_facts():
    """`Title:`, `Date:` and their kin are read, and are no part of the body."""
    (draft,) = drafts(
        "Title: Talks resume\nDate: 2025-07-23\nSource: Courier\nURL: https://e.org/1\nBy: x\n\nWords: go.\n"
    )
    assert (draft.title, draft.published, draft.source, draft.url) == (
        *("Talks resume", "2025-07-23", "Courier", "https://e.org/1"),
    )
    assert draft.body.strip() == "By: x\n\nWords: go."


def test_a_word_and_a_colon_is_no_header():
    """A headline with a colon is a headline."""
    assert one("Update: talks resume\n\nThe talks resumed.") == ("Update: talks resume", "The talks resumed.")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending(ending):
    """Unix, Windows and old Macs end their lines differently; the article is the same, and knows its line."""
    (draft,) = drafts(ending.join(["", "Talks resume", "", "The talks resumed.", "They ended."]))
    assert (draft.title, draft.body.strip(), str(draft.origin)) == (
        *("Talks resume", "The talks resumed.\nThey ended.", "news: line 2"),
    )
