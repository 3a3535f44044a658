import json

from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.elements import find_list, split_elements

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def blocks(text, size):
    return [text[place : place + size] for place in range(0, len(text), size)]


@given(st.lists(VALUES), st.integers(1, 9), st.booleans(), st.sampled_from([None, 1]))
def test_elements_are_those_of_the_array(values, size, ascii_only, indent):
    """However the text is portioned, the pieces are the array's elements."""
    text = json.dumps(values, ensure_ascii=ascii_only, indent=indent)[1:]
    assert [json.loads(piece) for piece in split_elements(blocks(text, size), 10_000)] == values


@given(st.integers(1, 50))
def test_a_long_element_costs_itself_only(size):
    """An element past the cap is None in its place, and those after it are whole."""
    text = '{"a": 1}, {"b": "' + 'x]}\\",' * 100 + '"}, {"c": 2}] trailing'
    assert list(split_elements(blocks(text, size), 100)) == ['{"a": 1}', None, '{"c": 2}']


def test_a_broken_element_costs_itself_only():
    """What is no JSON between two commas is passed on for its reader to refuse."""
    assert list(split_elements(['{"a": oops}, {"b": 2}, {"c"'], 100)) == ['{"a": oops}', '{"b": 2}', '{"c"']


def test_depth_is_only_a_number():
    """A hundred thousand brackets need no recursion."""
    deep = "[" * 100_000 + "]" * 100_000
    assert list(split_elements([f"{deep}, 1]"], 1_000_000)) == [deep, "1"]


def is_list(name):
    return name in ("articles", "results")


def is_text(name):
    return name == "body"


def rest(text):
    place = find_list(text, is_list, is_text)
    return None if place is None else text[place:].strip()


def test_finds_the_list_of_articles():
    """The list is found at the top or one level down, whatever stands before it."""
    assert rest('{"status": "articles", "articles": [{"a": 1}]}') == '{"a": 1}]}'
    assert rest('{"response": {"note": "x [", "results" : [ {"a": 1}]}}') == '{"a": 1}]}}'
    assert rest('{"articles": []}') == "]}"


def test_an_article_is_no_list():
    """An object with a text of its own is an article, also when it holds a list of others."""
    assert rest('{"articles": [{"a": 1}], "body": "text"}') is None
    assert rest('{"title": "x", "other": [{"articles": [{"a": 1}]}]}') is None
