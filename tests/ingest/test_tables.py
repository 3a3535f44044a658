import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.draft import Draft
from tests.ingest.cases import drafts, options


def bodies(items):
    return [item.body if isinstance(item, Draft) else None for item in items]


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_columns_are_named_by_the_first_row(mark):
    """Any usual delimiter separates; names are known as in JSON; rows know their lines."""
    text = f"Headline{mark}Text{mark}Outlet\nOne{mark}First text.{mark}Courier\nTwo{mark}Second text.{mark}\n"
    first, second = drafts(text)
    assert (first.title, first.body, first.source, str(first.origin)) == (
        "One",
        "First text.",
        "Courier",
        "news: line 2",
    )
    assert (second.title, second.source, str(second.origin)) == ("Two", None, "news: line 3")


def test_quoted_cells_go_on_over_lines():
    """A quoted cell keeps its line breaks, delimiters and doubled quotes."""
    text = 'title,text\nOne,"First, ""quoted""\nand second line"\nTwo,plain 5" nail\n'
    found = drafts(text)
    assert bodies(found) == ['First, "quoted"\nand second line', 'plain 5" nail']
    assert [str(item.origin) for item in found] == ["news: line 2", "news: line 4"]


def test_a_forgotten_quote_costs_its_row_only():
    """A quote that is never closed does not swallow the rows below it."""
    found = drafts('title,text\nOne,"never closed\nTwo,second\nThree,third\n')
    assert bodies(found) == [None, "second", "third"]
    assert found[0].where == "news: line 2" and "never closed" in found[0].reason


def test_many_forgotten_quotes_end_the_reading():
    """A file of nothing but open quotes is given up, with a reason, and not read again and again."""
    found = drafts("title,text\n" + 'x"y,"z\n' * 5_000)
    assert len(found) < 30 and "the rest is not read" in found[-1].reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"One,two,three", "it has 3 cells, the first row names 2"),
        (b"One,", "no field of it is the body"),
        (b"One,caf\xe9", "not UTF-8"),
        (b"One," + b"x" * 3_000, "too long"),
    ],
)
def test_a_bad_row_costs_itself_only(row, reason):
    """The row is named with its reason, and the rows around it come out."""
    data = "title,text\nÄ,ä ö ü ß é\n".encode() + row + b"\nTwo,second\n"
    found = drafts(data, options=options(max_item_bytes=1_000))
    assert bodies(found) == ["ä ö ü ß é", None, "second"]
    assert found[1].where == "news: line 3" and reason in found[1].reason


def test_a_table_without_a_body_says_which_columns_there_are():
    """A .csv whose columns nobody knows is one rejection that names them; naming one reads it."""
    text = "kopf,inhalt\nOne,first\n"
    (found,) = drafts(text, "x.csv")
    assert "'kopf', 'inhalt'" in found.reason and "--field body=NAME" in found.reason
    assert bodies(drafts(text, options=options(fields={"inhalt": "body", "kopf": "title"}))) == ["first"]


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1).filter(
    str.strip
)


@given(st.lists(CELLS, min_size=1))
def test_what_the_csv_module_writes_is_read(cells):
    """Rows written by the standard library are read back, whatever is in their cells."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["id", "text"])
    writer.writerows([["x" + cell, "Words."] for cell in cells])
    found = drafts(file.getvalue(), "x.csv")
    assert [item.article_id for item in found] == [("x" + cell).strip() for cell in cells]
