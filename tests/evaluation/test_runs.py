"""Do answers survive the file, and do other tools see the same order?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.errors import SourceUnreadable
from searcher.evaluation import Run, read_run, write_run

names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8).filter(
    lambda name: name == name.strip()
)


def test_the_format_by_hand(tmp_path):
    """
    Topic, Q0, article, rank from 1, a falling score, and the tag.
    """
    assert write_run(tmp_path / "run", Run("mine", {"q2": ("a",), "q1": ("b", "a")})) == 3
    assert (tmp_path / "run").read_text().splitlines() == [
        "q1 Q0 b 1 2 mine",
        "q1 Q0 a 2 1 mine",
        "q2 Q0 a 1 1 mine",
    ]


def test_equal_scores_are_ordered_as_trec_eval_does(tmp_path):
    """
    A run is ordered by score, whatever its ranks say; equal scores by falling article id.
    """
    lines = ["q Q0 a 1 1.5 x", "q Q0 b 2 1.5 x", "q Q0 c 3 9e0 x", "", "q\tQ0\td\t4\t-1\tx"]
    (tmp_path / "run").write_text("\n".join(lines))
    assert read_run(tmp_path / "run") == Run("x", {"q": ("c", "b", "a", "d")})


@settings(max_examples=40, deadline=None)
@given(
    rankings=st.dictionaries(
        names, st.lists(names, unique=True, min_size=1).map(tuple), min_size=1, max_size=4
    )
)
def test_a_run_survives_its_file(tmp_path_factory, rankings):
    """
    What was written is read again, in the same order. Ids are in normal form, as those of a library are.
    """
    from searcher.text import one_line

    rankings = {
        one_line(topic): tuple(dict.fromkeys(one_line(article) for article in articles))
        for topic, articles in rankings.items()
    }
    path = tmp_path_factory.mktemp("runs") / "run"
    write_run(path, Run("tag", rankings))
    assert read_run(path).rankings == rankings


def test_an_id_with_white_space_is_refused(tmp_path):
    """
    The format has no way to write such an id: nothing is written.
    """
    with pytest.raises(SourceUnreadable, match="white space"):
        write_run(tmp_path / "run", Run("x", {"q": ("a b",)}))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "text",
    ["q Q0 a 1 2", "q Q0 a 1 much x", "q Q0 a 1 nan x", "q Q0 a 1 2 x\nq Q0 a 2 1 x", "", "\n\n"],
)
def test_what_is_no_run_is_refused(tmp_path, text):
    """
    Missing columns, scores that are no numbers, repeated articles and empty files are errors that name the file.
    """
    (tmp_path / "some.run").write_text(text)
    with pytest.raises(SourceUnreadable, match=r"some\.run"):
        read_run(tmp_path / "some.run")


def test_unreadable_files_are_refused(tmp_path):
    """
    A file that is not there, and one that is not text.
    """
    with pytest.raises(SourceUnreadable):
        read_run(tmp_path / "absent")
    (tmp_path / "binary").write_bytes(b"\xff\x00\xfe")
    with pytest.raises(SourceUnreadable):
        read_run(tmp_path / "binary")
