"""Chunks become articles and copies are folded, in an order that only scores and seqs decide."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.ranking.articles import best_rows, fold_copies


def rows_of(articles, scores, seq):
    """Call `best_rows` with lists."""
    rows = best_rows(np.array(articles, np.int64), np.array(scores, np.float64), np.array(seq, np.int64))
    return rows.tolist()


def test_each_article_is_given_once_by_its_best_chunk():
    """Article 7 has chunks of .2 and .9, article 3 one of .5: row 2, then row 1."""
    assert rows_of([7, 3, 7], [0.2, 0.5, 0.9], [70, 30, 70]) == [2, 1]


def test_within_an_article_the_first_of_equals_stands():
    """Two chunks of one article with one score: the one that comes first."""
    assert rows_of([4, 4, 4], [0.1, 0.5, 0.5], [1, 1, 1]) == [1]


def test_between_articles_the_lower_seq_of_equals_comes_first():
    """Numbers of articles depend on how segments were joined; their seqs do not."""
    assert rows_of([0, 1, 2], [0.5, 0.5, 0.5], [30, 10, 20]) == [1, 2, 0]


def test_no_candidates_give_no_rows():
    """Nothing in, nothing out."""
    assert rows_of([], [], []) == []


SCORES = st.integers(0, 4).map(lambda n: n / 4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), SCORES), max_size=40))
def test_best_rows_is_what_brute_force_gives(pairs):
    """For all inputs: the best row of each article, ordered by score, then seq, with many ties."""
    seq_of = {article: 100 - article for article in range(7)}
    best = {}
    for row, (article, score) in enumerate(pairs):
        if article not in best or score > pairs[best[article]][1]:
            best[article] = row
    expected = sorted(best.values(), key=lambda row: (-pairs[row][1], seq_of[pairs[row][0]]))
    articles, scores = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    assert rows_of(articles, scores, [seq_of[article] for article in articles]) == expected


def folded(keys):
    """Call `fold_copies` with a list."""
    heads, group = fold_copies(np.array(keys, np.int64))
    return heads.tolist(), group.tolist()


def test_copies_are_folded_under_the_first_of_them():
    """Keys b a b c a b: b with two copies, a with one, c alone, in the order of the first of each."""
    assert folded([22, 11, 22, 33, 11, 22]) == ([0, 1, 3], [0, 1, 0, 2, 1, 0])


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), max_size=30))
def test_folding_loses_nothing_and_keeps_the_order(keys):
    """Each row's head is the first row with its key; heads rise."""
    heads, group = folded(keys)
    assert heads == sorted(set(heads)) == sorted(keys.index(key) for key in set(keys))
    assert [heads[place] for place in group] == [keys.index(key) for key in keys]


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), max_size=30), st.integers(0, 30))
def test_folding_a_longer_list_changes_no_earlier_head(keys, cut):
    """What comes later adds copies and groups at the end: a page already shown keeps its heads."""
    shorter = folded(keys[:cut])[0]
    assert folded(keys)[0][: len(shorter)] == shorter
