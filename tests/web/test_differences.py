"""What changed is told in words, loses nothing of either text, and takes no longer than it may."""

import random

from hypothesis import given
from hypothesis import strategies as st

from searcher.web import differences
from searcher.web.differences import Piece, compare_lines, compare_texts

TEXTS = st.text(alphabet="ab \n.é", max_size=80)


def told(pieces):
    """`[-out-]` and `{+in+}`, as a person would write it."""
    signs = {"same": "{}", "out": "[-{}-]", "in": "{{+{}+}}"}
    return "".join(signs[piece.kind].format(piece.text) for piece in pieces)


def sides(paragraphs):
    pieces = [piece for paragraph in paragraphs for piece in paragraph.pieces]
    return tuple(
        "".join(piece.text for piece in pieces if piece.kind in ("same", kind)) for kind in ("out", "in")
    )


@given(TEXTS, TEXTS)
def test_nothing_is_lost(before, after):
    """
    What stayed and what went out is the old text, what stayed and what came in the new one.
    """
    assert sides(compare_texts(before, after)) == (f"{before}\n", f"{after}\n")
    assert all(piece.text for one in compare_texts(before, after) for piece in one.pieces)


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    """
    Equal texts have no changed paragraph.
    """
    assert not [one for one in compare_texts(text, text) if one.changed]


def test_changed_words_are_told():
    """
    Within a paragraph only the words that differ are told as out and in.
    """
    before = "One stays.\nThe strike lasted nine days.\nIt ended on Friday."
    after = "One stays.\nThe strike lasted fourteen days.\nIt ended on Friday."
    one, two, three = compare_texts(before, after)
    assert (one.changed, two.changed, three.changed) == (False, True, False)
    assert told(two.pieces) == "The strike lasted [-nine-]{+fourteen+} days.\n"


def test_new_and_old_paragraphs_are_whole():
    """
    A paragraph that is only on one side is told whole; a headline is compared by words.
    """
    assert [told(one.pieces) for one in compare_texts("A b.", "A b.\nNew here.")] == [
        "A b.\n",
        "{+New here.\n+}",
    ]
    assert [told(one.pieces) for one in compare_texts("A b.\nOld.", "A b.")] == ["A b.\n", "[-Old.\n-]"]
    assert told(compare_lines("Nine in ten dockers", "Most dockers")) == "[-Nine in ten-]{+Most+} dockers"


def test_small_words_do_not_tear_a_change_apart():
    """
    A short word that stayed between two changes is told with them.
    """
    assert compare_lines("red of king", "blue of queen") == (
        Piece("out", "red of king"),
        Piece("in", "blue of queen"),
    )
    assert told(compare_lines("red tower king", "blue tower queen")) == (
        "[-red-]{+blue+} tower [-king-]{+queen+}"
    )


def test_what_is_compared_is_bounded(monkeypatch):
    """
    difflib never gets more pairs, in all, than the bound; a text beyond it is told as out and in, and is still whole.
    """
    given = []

    class Counted(differences.SequenceMatcher):
        def __init__(self, junk, old, new, autojunk):
            given.append(len(old) * len(new))
            super().__init__(junk, old, new, autojunk)

    monkeypatch.setattr(differences, "SequenceMatcher", Counted)
    chance = random.Random(7)
    before, after = (" ".join(chance.choices("abcdefg", k=4_000)) for _ in "ab")
    pair = tuple(text.replace("a", "a\n") for text in (before, after))
    for old, new in ((before, after), pair):
        given.clear()
        assert sides(compare_texts(old, new)) == (f"{old}\n", f"{new}\n")
        assert sum(given) <= differences.MOST_PAIRS
    assert sum(given) > 0
