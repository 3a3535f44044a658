"""Output for programs: safe for spreadsheets, ASCII for pipes, the same for the same answer."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.cli.machine import as_csv, as_document, in_format
from searcher.records.plain import plain_moment
from tests.cli.answers import hit, results

HOSTILE = st.text(
    st.characters(codec="utf-8") | st.sampled_from(list('=+-@\t\r\n",;\x1b\u202e')), max_size=30
)


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\x00=1"])
def test_a_cell_is_never_a_formula(title):
    """
    A title that a spreadsheet would run begins with an apostrophe.
    """
    row = list(csv.reader(io.StringIO(as_csv(results(hit(title=title))))))[1]
    assert row[3].startswith("'")


@given(HOSTILE, HOSTILE)
def test_csv_survives_any_text(title, snippet):
    """
    Whatever is in a title or a snippet, a hit is one row of as many cells, none of which is a formula.
    """
    rows = list(csv.reader(io.StringIO(as_csv(results(hit(title=title, snippet=snippet))))))
    assert [len(row) for row in rows] == [9, 9]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in rows[1])
    assert not any(char in cell for cell in rows[1] for char in "\x1b\u202e\n")


@given(HOSTILE, st.sampled_from(["json", "jsonl"]))
def test_json_is_ascii_and_keeps_every_text(title, wanted):
    """
    JSON is ASCII, and reading it gives the text that went in.
    """
    text = in_format(results(hit(title=title)), wanted)
    assert text.isascii()
    read = json.loads(text)
    assert (read["hits"][0] if wanted == "json" else read)["title"] == title


def test_moments_end_in_z():
    """
    A moment of any zone is written in UTC with Z.
    """
    east = timezone(timedelta(hours=2))
    assert plain_moment(datetime(2025, 7, 23, 14, 30, tzinfo=east)) == "2025-07-23T12:30:00Z"
    assert plain_moment(datetime(2025, 7, 23, tzinfo=UTC)) == "2025-07-23T00:00:00Z"


def test_ids_are_one_a_line():
    """
    Ids come one a line, in rank order.
    """
    assert in_format(results(hit("b"), hit("a")), "ids") == "b\na"
    assert in_format(results(), "ids") == ""
    assert as_document({"ä": 1}) == '{\n  "\\u00e4": 1\n}'
