"""Tests of `searcher.text`."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.text import _UNWANTED, clean, fold, for_terminal, one_line

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


@given(ANY_TEXT)
def test_clean_is_idempotent_and_safe(text: str) -> None:
    """
    Cleaning twice is cleaning once, the result is NFC, encodable, and holds no control but tab and newline.
    """
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")
    assert not [c for c in once if unicodedata.category(c) == "Cc" and c not in "\t\n"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("\u202egpj.exe\u202c", "gpj.exe"),
        ("a\x1b[31mred", "a[31mred"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("\ufeffhead", "head"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
    ],
)
def test_clean_by_hand(given: str, wanted: str) -> None:
    """
    Newlines become one kind, accents are composed, bidi and terminal controls go, joiners stay.
    """
    assert clean(given) == wanted


def test_a_run_of_accents_is_cut_at_thirty() -> None:
    """
    Of a hundred thousand accents on one letter thirty stay (composed ones counted), quickly; words are untouched.
    """
    text = "a" + "\u0316\u0301" * 50_000 + " caf\u00e9 " + "\u2014" * 100
    cleaned = clean(text)
    assert len([c for c in cleaned if unicodedata.combining(c)]) <= 30
    assert cleaned.endswith(" caf\u00e9 " + "\u2014" * 100)


def test_fold_compares_names() -> None:
    """
    Case, accents and white space do not tell names apart.
    """
    assert fold("  Le  Mond\u00e9 ") == fold("LE MONDE") == "le monde"


@given(ANY_TEXT)
def test_one_line_is_one_line(text: str) -> None:
    """
    A headline never breaks a line and never begins or ends with a space.
    """
    line = one_line(text)
    assert "\n" not in line
    assert line == line.strip()


@given(ANY_TEXT)
def test_nothing_printed_can_steer_a_terminal(text: str) -> None:
    """
    What is printed holds no escape character and no bidi control.
    """
    printed = for_terminal(text)
    assert not set(printed) & set("\x1b\x07\x9b\u202e\u2066")


@given(ANY_TEXT)
def test_short_cuts_give_what_the_long_way_gives(text: str) -> None:
    """
    Whatever is in a text: clean is newlines, surrogates, controls and NFC; fold is case, NFKD and white space, by their
    definitions, character by character.
    """
    slow = re.sub("\r\n?|[\u2028\u2029\x85\x0b\x0c]", "\n", text)
    slow = re.sub("[\ud800-\udfff]", "\ufffd", slow)
    assert clean(text) == unicodedata.normalize("NFC", _UNWANTED.sub("", slow))
    letters = (c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    assert fold(text) == re.sub(r"\s+", " ", "".join(letters)).strip()
