"""The compiled inner loops, against those in numpy; and whatever they are given, they end."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.index.lexical import loops, matching, plain_loops, scores, scoring
from searcher.records import And, Fuzzy, Not, Or, Phrase, Prefix, Word

from .texts import invent, make_leg

if not loops.COMPILED:
    pytest.skip("the inner loops are not compiled", allow_module_level=True)

TYPES = st.sampled_from([np.uint8, np.uint16, np.uint32, np.int32])
seeds = st.integers(0, 2**32 - 1)


def rising(drawn, count, below, dtype):
    return np.sort(drawn.choice(below, size=min(count, below), replace=False)).astype(dtype)


def a_piece(drawn, count, units, dtype, *, base=0):
    """Postings of one term: units rise, each once; scores of few codes, so that some are equal."""
    docs = rising(drawn, count, min(units, np.iinfo(dtype).max), dtype)
    return base, docs, drawn.integers(0, 12, len(docs)).astype(np.uint16)


def a_table(drawn):
    table = np.zeros(65_536, dtype=np.float32)
    table[:12] = drawn.choice([0.0, 0.1, 0.3, 0.30000001, 0.7], size=12)
    return table


@given(seed=seeds, dtype=TYPES, base=st.sampled_from([0, 3, 100]), count=st.sampled_from([0, 1, 20, 200]))
def test_scores_are_added_and_raised_alike(seed, dtype, base, count):
    """
    To the last bit, whatever the type of the units, wherever their segment begins; over all units and over some.
    """
    drawn = np.random.default_rng(seed)
    piece, table = a_piece(drawn, count, 300, dtype, base=base), a_table(drawn)
    wanted = rising(drawn, drawn.integers(0, 300), 400, np.int32)
    start = drawn.random(400, dtype=np.float32)
    for name, arguments in (("add_scores", (0.37,)), ("raise_scores", ())):
        ours, theirs = start.copy(), start.copy()
        getattr(loops, name)(ours, *piece, table, *arguments)
        getattr(plain_loops, name)(theirs, *piece, table, *arguments)
        assert ours.tobytes() == theirs.tobytes()
    ours, theirs = start[: len(wanted)].copy(), start[: len(wanted)].copy()
    loops.add_scores_of(ours, wanted, *piece, table, 0.37)
    plain_loops.add_scores_of(theirs, wanted, *piece, table, 0.37)
    assert ours.tobytes() == theirs.tobytes()


@given(
    values=st.sets(st.integers(0, 80)),
    parts=st.lists(st.sets(st.integers(0, 40)), max_size=3),
    dtype=TYPES,
)
def test_sets_meet_as_python_says(values, parts, dtype):
    """
    Which values are in a set of several pieces, and the mask of that set: compiled and in numpy, as Python's sets say.
    """
    pieces = [(41 * place, np.array(sorted(part), dtype=dtype)) for place, part in enumerate(parts)]
    members = {41 * place + unit for place, part in enumerate(parts) for unit in part}
    mine = np.array(sorted(values), dtype=np.int32)
    for one in (loops, plain_loops):
        found, mask = np.ones(len(mine), dtype=bool), np.zeros(130, dtype=bool)
        one.among(mine, pieces, found)
        assert found.tolist() == [value in members for value in sorted(values)]
        for piece in pieces:
            one.mark(mask, *piece)
        assert set(np.flatnonzero(mask).tolist()) == members


@given(
    stands=st.lists(st.sets(st.integers(0, 120)), min_size=1, max_size=4),
    data=st.data(),
    borders=st.sets(st.integers(1, 100), max_size=8),
    titles=st.booleans(),
)
def test_phrases_stand_where_python_says(stands, data, borders, titles):
    """
    The articles in which every word stands at its own distance from the first: compiled and in numpy, as going through
    all positions says; in titles only those whose phrase begins before the body.
    """
    places = data.draw(
        st.lists(st.integers(0, 5), min_size=len(stands), max_size=len(stands), unique=True).map(sorted)
    )
    words = [
        (np.array(sorted(one), dtype=np.uint32), place) for one, place in zip(stands, places, strict=True)
    ]
    begin = [0, *sorted(borders)]
    bodies = [start + 3 for start in begin]
    wanted = []
    for start in range(-5, 121):
        if all(start + place in one for one, place in zip(stands, places, strict=True)):
            first = start + places[0]
            article = max(number for number, border in enumerate(begin) if border <= first)
            if (not titles or first < bodies[article]) and article not in wanted:
                wanted.append(article)
    for one in (loops, plain_loops):
        rows = np.empty(min(map(len, stands)), dtype=np.int32)
        arrays = [np.array(one, dtype=np.uint32) for one in (begin, bodies)]
        count = one.phrase_articles(words, arrays[0], arrays[1] if titles else None, rows)
        assert rows[:count].tolist() == wanted


def a_question(drawn, articles, dtype, *, dense=False, bonus=False, rows=None):
    """What `best_articles` is asked, without the room for answers: some parts over two segments."""
    counts = drawn.integers(1, 6, articles)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    chunks, half = int(first[-1]), int(first[articles // 2])
    table, parts, sums = a_table(drawn), [], np.zeros(articles, dtype=np.float32)
    of_article = np.repeat(np.arange(articles), counts)
    for number in range(drawn.integers(1, 4)):
        pieces = [a_piece(drawn, drawn.integers(0, 40), max(half, 1), dtype)]
        if half:
            pieces.append(a_piece(drawn, drawn.integers(0, 40), chunks - half, dtype, base=half))
        if dense and number == 1:
            best = np.zeros(chunks, dtype=np.float32)
            for piece in pieces:
                plain_loops.raise_scores(best, *piece, table)
            parts.append((0.5, best, pieces))
        else:
            parts.append((float(drawn.choice([0.5, 1.25])), None, pieces))
        factor, best, pieces = parts[-1]
        for base, units, codes in pieces:
            np.maximum.at(sums, of_article[units.astype(np.int64) + base], factor * table[codes])
    if rows is not None:
        sums = sums[rows]
    excess = np.full(articles, 6, dtype=np.float32)
    more = drawn.random(articles, dtype=np.float32) if bonus else None
    seq = drawn.permutation(articles).astype(np.int64)
    return [rows, sums, first, seq, excess, more, 0.8, 1.001, parts, table]


def answer(loops, question, depth):
    room = np.zeros(depth, np.int64), np.zeros(depth, np.int64), np.zeros(depth, np.float32)
    count = loops.best_articles(*question, *room)
    return [one[:count].tobytes() for one in room]


@settings(max_examples=150, deadline=None)
@given(
    seed=seeds,
    articles=st.sampled_from([1, 15, 16, 17, 400]),
    dtype=TYPES,
    dense=st.booleans(),
    bonus=st.booleans(),
    depth=st.sampled_from([0, 1, 2, 10, 60, 500]),
    some=st.booleans(),
)
def test_the_best_articles_are_the_same(seed, articles, dtype, dense, bonus, depth, some):
    """
    The same articles, chunks and scores in the same order, to the last bit: of all articles and of some, of few and of
    many blocks, with equal scores, bonuses, and words that stand for several terms.
    """
    drawn = np.random.default_rng(seed)
    rows = rising(drawn, drawn.integers(0, articles + 1), articles, np.int32) if some else None
    question = a_question(drawn, articles, dtype, dense=dense, bonus=bonus, rows=rows)
    assert answer(loops, question, depth) == answer(plain_loops, question, depth)


def test_nothing_is_left_of_the_question_before():
    """
    Sums of all chunks are kept in one place: after a question that failed in the middle, too, they begin at 0.
    """
    drawn = np.random.default_rng(5)
    question = a_question(drawn, 400, np.uint16)
    wanted = answer(plain_loops, question, 10)
    assert answer(loops, question, 10) == wanted
    factor, _, pieces = question[8][0]
    base, units, codes = pieces[0]
    broken = [*question]
    broken[8] = [(factor, None, [(base, np.full(len(units), 9_999, np.uint16), codes)]), *question[8][1:]]
    with pytest.raises(IndexError):
        answer(loops, broken, 10)
    assert answer(loops, question, 10) == wanted


words = st.sampled_from(["vote", "storm", "river", "court", "minister", "US", "O'Brien", "2024", "nowhere"])
restrictions = st.recursive(
    st.one_of(
        words.map(Word),
        st.builds(Prefix, st.sampled_from(["st", "co", "mi"])),
        st.builds(Fuzzy, words),
        st.builds(
            Phrase, st.lists(words, min_size=2, max_size=3).map(tuple), slop=st.sampled_from([0, 0, 5])
        ),
    ),
    lambda nodes: st.one_of(
        st.lists(nodes, min_size=1, max_size=3).map(tuple).map(And),
        st.lists(nodes, min_size=1, max_size=3).map(tuple).map(Or),
        nodes.map(Not),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def leg(tmp_path_factory):
    """300 articles in three segments, some withdrawn."""
    return make_leg(tmp_path_factory.mktemp("loops"), invent(40, 300), segments=3, dead=range(4, 300, 11))


@settings(max_examples=60, deadline=None)
@given(
    restriction=restrictions,
    wanted=st.lists(words, min_size=1, max_size=4),
    depth=st.sampled_from([3, 50, None]),
)
def test_questions_have_the_same_answers_without_what_is_compiled(leg, restriction, wanted, depth):
    """
    Any restriction admits the same articles, and any words give the same ranking and scores of chunks, to the last bit.
    """

    def answer():
        admitted = leg.matching(restriction)
        question = leg.score([Word(term) for word in wanted for term in leg.analyzer.terms(word)])
        ranking = question.rank(admitted & leg.table.live, depth)
        some = question.of_chunks(np.arange(0, len(leg.table.chunk_article), 5))
        return [one.tobytes() for one in (admitted, ranking.articles, ranking.chunks, ranking.scores, some)]

    with pytest.MonkeyPatch.context() as patched:
        for module in (matching, scores, scoring):
            for name in (
                "add_scores",
                "add_scores_of",
                "among",
                "best_articles",
                "mark",
                "phrase_articles",
                "raise_scores",
            ):
                if hasattr(module, name):  # Each imports what it needs.
                    patched.setattr(module, name, getattr(plain_loops, name))
        expected = answer()
    assert answer() == expected


@settings(max_examples=300, deadline=None)
@given(seed=seeds, dtype=TYPES, harm=st.sampled_from(["units", "codes", "borders", "rows", "sums", "all"]))
def test_damaged_arrays_end_in_an_answer_or_an_error(seed, dtype, harm):
    """
    Numbers that lie outside, that do not rise, or are no numbers: an answer or an IndexError, and nothing else.
    """
    drawn = np.random.default_rng(seed)
    rows = np.arange(60, dtype=np.int32)
    question = a_question(drawn, 60, dtype, rows=rows)
    noise = np.frombuffer(drawn.bytes(4_096), dtype=np.uint8)

    def harmed(array, what):
        if harm not in (what, "all") or not len(array):
            return array
        copy = array.copy()
        places = drawn.integers(0, len(copy), 3)
        copy[places] = noise[: 3 * copy.itemsize].view(copy.dtype)
        return copy

    question[0] = harmed(rows, "rows")
    question[1] = harmed(question[1], "sums")
    question[2][:-1] = harmed(
        question[2][:-1], "borders"
    )  # The last is the length of other arrays in memory.
    question[8] = [
        (
            factor,
            None,
            [(base, harmed(units, "units"), harmed(codes, "codes")) for base, units, codes in pieces],
        )
        for factor, _, pieces in question[8]
    ]
    with np.errstate(all="ignore"):
        try:
            articles, _, _ = answer(loops, question, 10)
        except IndexError:
            return
    assert all(0 <= article < 60 for article in np.frombuffer(articles, np.int64))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (1, np.zeros(60)),
        (1, np.zeros((60, 1), np.float32)),
        (2, np.zeros(61, np.int32)),
        (9, np.zeros(65_535, np.float32)),
        (4, np.zeros(59, np.float32)),
        (8, [(1.0, None, [(-1, np.zeros(1, np.uint8), np.zeros(1, np.uint16))])]),
        (8, [(1.0, None, [(0, np.zeros(2, np.uint8), np.zeros(1, np.uint16))])]),
        (8, [(1.0, None, [(0, np.zeros(1, np.uint64), np.zeros(1, np.uint16))])]),
        (8, [(1.0, np.zeros(3, np.float32), [])]),
        (8, [None]),
        (8, None),
    ],
)
def test_other_arrays_are_refused(place, value):
    """
    Arrays of another type or length, and things that are no arrays, are an error, not a crash.
    """
    question = a_question(np.random.default_rng(1), 60, np.uint16)
    question[place] = value
    with pytest.raises((TypeError, IndexError)):
        answer(loops, question, 10)


@settings(max_examples=200, deadline=None)
@given(seed=seeds, dtype=TYPES, bases=st.lists(st.integers(0, 2**31 - 1), min_size=3, max_size=3))
def test_sets_and_phrases_of_noise_end_in_an_answer_or_an_error(seed, dtype, bases):
    """
    Units and positions that do not rise, and lie anywhere: an answer within bounds or an IndexError, and nothing else.
    """
    drawn = np.random.default_rng(seed)

    def noise(kind, count):
        return np.frombuffer(drawn.bytes(count * np.dtype(kind).itemsize), dtype=kind)

    found, mask = np.zeros(30, dtype=bool), np.zeros(300, dtype=bool)
    loops.among(noise(np.int32, 30), [(base, noise(dtype, 20)) for base in bases], found)
    positions = [(noise(np.uint32, count), place) for count, place in ((9, 0), (30, 1))]
    rows = np.zeros(9, dtype=np.int32)
    count = loops.phrase_articles(positions, noise(np.uint32, 12), noise(np.uint32, 12), rows)
    assert 0 <= count <= 9
    assert ((rows >= 0) & (rows < 12)).all()
    for base in (*bases, 0):
        with suppress(IndexError):
            loops.mark(mask, base, noise(dtype, 20))
