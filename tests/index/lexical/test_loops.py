"""The compiled inner loops, against those in numpy; and whatever they are given, they end."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.index.lexical import loops, matching, plain_loops, scores, scoring
from searcher.index.lexical.codes import rank_codes
from searcher.records import And, Filters, Fuzzy, Not, Or, Phrase, Prefix, Word

from .texts import invent, make_leg, plain_measures
from .texts import matching as met

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
def test_scores_are_added_alike(seed, dtype, base, count):
    """
    To the last bit, whatever the type of the units, wherever their segment begins; over all units and over some.
    """
    drawn = np.random.default_rng(seed)
    piece, table = a_piece(drawn, count, 300, dtype, base=base), a_table(drawn)
    wanted = rising(drawn, drawn.integers(0, 300), 400, np.int32)
    start = drawn.random(600, dtype=np.float32)
    later = a_piece(drawn, count, 40, dtype, base=base + 300)
    parts = [(0.37, [piece, later]), (0.5, [later]), (0.5, [])]
    ours, theirs = start.copy(), start.copy()
    loops.add_scores(ours, parts_of(loops, parts), table)
    plain_loops.add_scores(theirs, parts, table)
    assert ours.tobytes() == theirs.tobytes()
    ours, theirs = start[: len(wanted)].copy(), start[: len(wanted)].copy()
    loops.add_scores_of(ours, wanted, parts_of(loops, parts), table)
    plain_loops.add_scores_of(theirs, wanted, parts, table)
    assert ours.tobytes() == theirs.tobytes()


@given(
    seed=seeds,
    dtype=TYPES,
    borders=st.sampled_from([np.uint16, np.uint32]),
    counts=st.lists(st.sampled_from([0, 1, 20, 200]), max_size=6),
)
def test_terms_are_added_alike(seed, dtype, borders, counts):
    """
    To the last bit: terms in any order, some twice, and such as the segment has not got, wherever it begins.
    """
    drawn = np.random.default_rng(seed)
    pieces = [a_piece(drawn, count, 250, dtype) for count in [*counts, 3]]
    units, codes = (np.concatenate([piece[place] for piece in pieces]) for place in (1, 2))
    starts = np.cumsum([0, *(len(piece[1]) for piece in pieces)]).astype(borders)
    terms = drawn.integers(-1, len(pieces), 9).astype(np.int32)
    factors, table = drawn.random(9, dtype=np.float32), a_table(drawn)
    ours = drawn.random(300, dtype=np.float32)
    theirs = ours.copy()
    for one, sums in ((loops, ours), (plain_loops, theirs)):
        one.add_terms(sums, terms, factors, starts, 7, units, codes, table)
    assert ours.tobytes() == theirs.tobytes()


@given(seed=seeds, dtype=TYPES)
def test_terms_of_noise_end_in_sums_or_an_error(seed, dtype):
    """
    Borders, terms and units of any kind: sums or an IndexError, and nothing else.
    """
    drawn = np.random.default_rng(seed)
    units = np.frombuffer(drawn.bytes(40 * np.dtype(dtype).itemsize), dtype=dtype)
    codes = drawn.integers(0, 65_536, 40).astype(np.uint16)
    sums, table = np.zeros(300, dtype=np.float32), np.zeros(65_536, dtype=np.float32)
    for most in (42, 2**32):
        starts = drawn.integers(0, most, 5).astype(np.uint32)
        terms = drawn.integers(-2, 6, 4).astype(np.int32)
        with suppress(IndexError):
            loops.add_terms(sums, terms, np.ones(4, np.float32), starts, 0, units, codes, table)
    with pytest.raises(IndexError):
        loops.add_terms(sums, terms, np.ones(3, np.float32), starts, 0, units, codes, table)
    with pytest.raises(IndexError):
        loops.add_terms(sums, np.full(1, 4, np.int32), np.ones(1, np.float32), starts, 0, units, codes, table)


@given(
    seed=seeds,
    dtype=TYPES,
    counts=st.lists(st.sampled_from([0, 1, 20, 200]), max_size=4),
    bases=st.lists(st.sampled_from([0, 3, 250]), min_size=4, max_size=4),
)
def test_postings_are_merged_as_python_says(seed, dtype, counts, bases):
    """
    Postings of several terms, pieces of the same segment and of others in any order, have each unit once, rising, with
    the code that scores most, of equal ones the greatest: compiled and in numpy. So has their union the same units.
    """
    drawn = np.random.default_rng(seed)
    table = a_table(drawn)
    pieces = [
        a_piece(drawn, *pair, dtype, base=base)
        for pair, base in zip([(count, 250) for count in counts], bases, strict=False)
    ]
    # What neighbours in the alphabet have is one piece.
    pieces = [
        *pieces,
        *((base, np.tile(units, 2), np.tile(codes[::-1], 2)) for base, units, codes in pieces[:1]),
    ]
    wanted = {}
    for base, units, codes in pieces:
        for unit, code in zip(units.tolist(), codes.tolist(), strict=True):
            best = wanted.get(base + unit, code)
            wanted[base + unit] = max(best, code, key=lambda one: (table[one], one))
    for one in (loops, plain_loops):
        units, codes = one.merge_postings(pieces, 500, *rank_codes(table))
        assert np.frombuffer(units, dtype=np.int32).tolist() == sorted(wanted)
        assert np.frombuffer(codes, dtype=np.uint16).tolist() == [wanted[unit] for unit in sorted(wanted)]
        assert one.unite([piece[:2] for piece in pieces]) == units


@given(seed=seeds, dtype=TYPES)
def test_postings_of_noise_leave_nothing_behind(seed, dtype):
    """
    Units that do not rise, or lie outside, and codes of any kind: merged they are the same in numpy, or an IndexError
    in both; and whatever came before, what is merged next has nothing of it.
    """
    drawn = np.random.default_rng(seed)
    ranks = rank_codes(drawn.random(65_536, dtype=np.float32))
    pieces = [
        (base, np.frombuffer(drawn.bytes(40 * np.dtype(dtype).itemsize), dtype=dtype) % dtype(most), codes)
        for base, most, codes in zip(
            [0, 40, 90],
            drawn.choice([60, 120], 3),
            drawn.integers(0, 65_536, (3, 40)).astype(np.uint16),
            strict=True,
        )
    ]
    for end in (150, 1_000):
        try:
            expected = plain_loops.merge_postings(pieces, end, *ranks)
        except IndexError:
            with pytest.raises(IndexError):
                loops.merge_postings(pieces, end, *ranks)
        else:
            assert loops.merge_postings(pieces, end, *ranks) == expected
        every = [(0, np.arange(1_000, dtype=np.int32), np.full(1_000, ranks[1][0]))]
        assert loops.merge_postings(every, 1_000, *ranks)[1] == every[0][2].tobytes()


a_set = st.lists(st.sets(st.integers(0, 40)), max_size=3)


@given(inside=st.lists(a_set, min_size=1, max_size=3), outside=st.lists(a_set, max_size=2), dtype=TYPES)
def test_sets_meet_as_python_says(inside, outside, dtype):
    """
    What is in all of some sets of several pieces and in none of others, and the mask of a set: compiled and in numpy,
    as Python's sets say.
    """

    def pieces(parts):
        return [(41 * place, np.array(sorted(part), dtype=dtype)) for place, part in enumerate(parts)]

    def members(parts):
        return {41 * place + unit for place, part in enumerate(parts) for unit in part}

    wanted = set.intersection(*map(members, inside)).difference(*map(members, outside))
    for one in (loops, plain_loops):
        opened = [one.opened(pieces(parts)) for parts in outside]
        for others in ([*map(pieces, outside)], opened):
            found = one.meet([*map(pieces, inside)], others)
            assert np.frombuffer(found, dtype=np.int32).tolist() == sorted(wanted)
        mask = np.zeros(130, dtype=bool)
        for piece in pieces(inside[0]):
            one.mark(mask, *piece)
        assert set(np.flatnonzero(mask).tolist()) == members(inside[0])


@given(seed=seeds, dtype=TYPES, sizes=st.lists(st.integers(0, 250), min_size=2, max_size=4))
def test_sets_of_all_sizes_meet(seed, dtype, sizes):
    """
    Few units among many, and many among as many, are found alike: inside and outside, compiled and in numpy.
    """
    drawn = np.random.default_rng(seed)
    sets = [
        [(0, rising(drawn, size, 250, dtype)), (255, rising(drawn, size // 9, 250, dtype))] for size in sizes
    ]
    for split in (1, len(sets)):
        assert loops.meet(sets[:split], sets[split:]) == plain_loops.meet(sets[:split], sets[split:])


counts = st.sampled_from([0, 1, 3, 4, 5, 31, 32, 33, 63, 64, 65, 200, 1_000, 6_000])


@settings(max_examples=300, deadline=None)
@given(seed=seeds, sizes=st.lists(counts, min_size=2, max_size=4), equal=st.booleans(), thin=st.booleans())
def test_sets_meet_at_the_borders_of_blocks(seed, sizes, equal, thin):
    """
    Sets of about as many units as are compared at once, and of many more, in segments of different types: up to the
    greatest unit of each type, dense and thin, alike and not; opened before and not.
    """
    drawn = np.random.default_rng(seed)
    segments = [
        (0, np.uint8, 256),
        (300, np.uint16, 2**16),
        (70_000, np.uint32, 2**24),
        (2**25, np.int32, 2**30),
    ]
    sets: list = []
    for size in sizes:
        held = []
        for base, dtype, room in segments:
            span = room if thin else min(room, 2 * size + 9)
            units = np.unique(drawn.integers(room - span, room, size))
            held.append((base, units.astype(dtype)))
        sets.append(sets[0] if equal and sets and drawn.random() < 0.5 else held)
    for split in (1, len(sets)):
        wanted = plain_loops.meet(sets[:split], sets[split:])
        opened = [loops.opened(one) for one in sets]
        for one in (sets, opened, [sets[0], *opened[1:]]):
            assert loops.meet(one[:split], one[split:]) == wanted


def test_a_phrase_that_would_begin_before_its_segment_is_none():
    """The rarest word is the second, and stands where no first one can: those after it are found all the same."""
    begin = np.array([0, 10, 50], dtype=np.uint32)
    first, second = (np.array(one, dtype=np.uint32) for one in ([10, 20, 50, 60], [0, 11, 51]))
    for one in (loops, plain_loops):
        found = one.phrase_articles((([first], 0), ([second], 1)), [(0, begin, None)])
        assert np.frombuffer(found, dtype=np.int32).tolist() == [1, 2]


def test_units_beyond_what_others_can_say_are_not_among_them():
    """Units in a byte each are compared with greater ones, of which the last eight bits are the same."""
    held = [(0, np.arange(64, dtype=np.uint8))]
    greater = [(0, np.array([7, 263, 300], dtype=np.uint16))]
    for one in (loops, plain_loops):
        assert np.frombuffer(one.meet([greater, held], []), dtype=np.int32).tolist() == [7]
        assert np.frombuffer(one.meet([greater], [held]), dtype=np.int32).tolist() == [263, 300]


def test_damaged_positions_do_not_multiply():
    """A place that a damaged file holds again and again is no more than one start of a phrase."""
    first = np.array([7, 7, 7, 900], dtype=np.uint32)
    second = np.full(400, 8, dtype=np.uint32)
    begin = np.array([0], dtype=np.uint32)
    for _ in range(100):
        found = loops.phrase_articles((([first], 0), ([second], 1)), [(0, begin, None)])
        assert np.frombuffer(found, dtype=np.int32).tolist() == [0]


@settings(max_examples=300, deadline=None)
@given(
    seed=seeds,
    sizes=st.lists(counts, min_size=2, max_size=4),
    places=st.permutations([0, 1, 2, 7]),
    first=st.sampled_from([0, 1, 5_000, 2**32 - 40_000]),
    titles=st.booleans(),
)
def test_phrases_are_found_at_the_borders_of_blocks(seed, sizes, places, first, titles):
    """
    Words that stand about as often as is compared at once, and many times more, from the first position there is to the
    last: often together, and hardly ever.
    """
    drawn = np.random.default_rng(seed)
    room = [min(40_000, 3 * max(sizes) + 9), 40_000][drawn.integers(2)]
    together = drawn.integers(0, room - 8, drawn.integers(0, 60))
    own = []
    for size, place in zip(sizes, places, strict=False):
        some = np.concatenate([together + place, drawn.integers(0, room, size)]) if size else together[:0]
        own.append((np.unique(some) + (first if first < 2**31 else 2**32 - room)).astype(np.uint32))
    begin = np.unique(np.concatenate([[0], drawn.integers(0, 2**32, 5), own[0][:: 50 + len(own[0]) // 20]]))
    segments = [
        (base, begin.astype(np.uint32), (begin + 9).astype(np.uint32) if titles else None) for base in (0, 70)
    ]
    words = tuple([([one, one], place) for one, place in zip(own, places, strict=False)])
    assert loops.phrase_articles(words, segments) == plain_loops.phrase_articles(words, segments)


@given(
    stands=st.lists(st.sets(st.integers(0, 120)), min_size=1, max_size=4),
    data=st.data(),
    borders=st.sets(st.integers(1, 100), max_size=8),
    titles=st.booleans(),
    width=st.integers(0, 9),
)
def test_words_stand_together_where_python_says(stands, data, borders, titles, width):
    """
    The articles in which every word stands at its own distance from the first, and those in which all stand within so
    many words: compiled and in numpy, as going through all positions says; in titles only those where that begins
    before the body. The same again in a second segment.
    """
    places = data.draw(
        st.lists(st.integers(0, 5), min_size=len(stands), max_size=len(stands), unique=True).map(sorted)
    )
    begin = [0, *sorted(borders)]
    bodies = [start + 3 for start in begin]

    def articles(positions):
        found = []
        for first in positions:
            article = max(number for number, border in enumerate(begin) if border <= first)
            if (not titles or first < bodies[article]) and article not in found:
                found.append(article)
        return [*found, *(300 + article for article in found)]

    phrases = [
        start + places[0]
        for start in range(-5, 121)
        if all(start + place in one for one, place in zip(stands, places, strict=True))
    ]
    near = [
        start
        for start in sorted(set.union(*stands))
        if all(one & {*range(start, start + width + 1)} for one in stands)
    ]
    arrays = [np.array(one, dtype=np.uint32) for one in (begin, bodies)]
    nowhere = np.zeros(0, dtype=np.uint32)
    own = [np.array(sorted(one), dtype=np.uint32) for one in stands]
    # In the segment between the two, the first word does not stand.
    words = tuple(
        ([one, one if number else nowhere, one], place)
        for number, (one, place) in enumerate(zip(own, places, strict=True))
    )
    segments = [(base, arrays[0], arrays[1] if titles else None) for base in (0, 100, 300)]
    for one in (loops, plain_loops):
        for wanted, found in (
            (phrases, one.phrase_articles(words, segments)),
            (near, one.near_articles(words, segments, width)),
        ):
            assert np.frombuffer(found, dtype=np.int32).tolist() == articles(wanted)


@pytest.mark.parametrize("width", [3, 40, 80, 200])
def test_many_words_stand_together_at_the_beginning_of_a_segment(width):
    """Where a word would have to stand before the first position, it is sought from the beginning."""
    often, seldom = np.arange(0, 130, dtype=np.uint32), np.array([0, 1, 70], dtype=np.uint32)
    begin = np.arange(0, 130, 10, dtype=np.uint32)
    wanted = {
        start // 10 for start in range(130) if any(start <= one <= start + width for one in seldom.tolist())
    }
    for one in (loops, plain_loops):
        found = one.near_articles((([often], 0), ([seldom], 1)), [(0, begin, None)], width)
        assert np.frombuffer(found, dtype=np.int32).tolist() == sorted(wanted)


def a_question(drawn, articles, dtype, *, bonus=False, rows=None, looked_up=False):
    """What `best_articles` is asked, without the room for answers: some parts over two segments."""
    counts = drawn.integers(1, 6, articles)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    chunks, half = int(first[-1]), int(first[articles // 2])
    table, of_chunks, of_articles = a_table(drawn), [], []
    of_article = np.repeat(np.arange(articles), counts)
    for _ in range(drawn.integers(1, 4)):
        pieces = [a_piece(drawn, drawn.integers(0, 40), max(half, 1), dtype)]
        if half:
            pieces.append(a_piece(drawn, drawn.integers(0, 40), chunks - half, dtype, base=half))
        factor = float(drawn.choice([0.5, 1.25]))
        # An article's code is that of its best chunk.
        best, code = np.zeros(articles, dtype=np.float32), np.zeros(articles, dtype=np.uint16)
        for base, units, codes in pieces:
            for article, one in zip(of_article[units.astype(np.int64) + base], codes, strict=True):
                if table[one] > best[article]:
                    best[article], code[article] = table[one], one
        held = np.flatnonzero(best).astype(np.int32)
        of_articles.append((factor * float(drawn.choice([0.8, 1.0])), [(0, held, code[held])]))
        of_chunks.append((factor, pieces))
    wanted = np.arange(articles, dtype=np.int32) if rows is None else rows
    sums = np.zeros(len(wanted), dtype=np.float32)
    plain_loops.add_scores_of(sums, wanted, of_articles, table)
    excess = np.full(articles, 6, dtype=np.float32)
    blocks = np.full(-(-articles // plain_loops.BLOCK), 6, dtype=np.float32)
    ratio = drawn.choice([1, 1.5], articles).astype(
        np.float32
    )  # No chunk has more of a part than its article.
    more = drawn.random(articles, dtype=np.float32) if bonus else None
    seq = drawn.permutation(articles).astype(np.int64)
    sums = None if looked_up and rows is not None else sums
    measures = [first, seq, excess, blocks, ratio, table, table]
    return [rows, sums, measures, more, 0.8, of_articles, of_chunks]


def parts_of(loops, parts):
    return [loops.part(*one) if isinstance(one, tuple) else one for one in parts]


def answer(loops, question, depth):
    rows, sums, measures, bonus, weight, of_articles, of_chunks = question
    measures = loops.measures(*measures) if isinstance(measures, list) else measures
    of_articles, of_chunks = (
        parts_of(loops, one) if isinstance(one, list) else one for one in (of_articles, of_chunks)
    )
    return loops.best_articles(rows, sums, measures, bonus, weight, of_articles, of_chunks, depth)


@settings(max_examples=150, deadline=None)
@given(
    seed=seeds,
    articles=st.sampled_from([1, 15, 16, 17, 400]),
    dtype=TYPES,
    bonus=st.booleans(),
    depth=st.sampled_from([0, 1, 2, 10, 60, 500]),
    some=st.booleans(),
    looked_up=st.booleans(),
)
def test_the_best_articles_are_the_same(seed, articles, dtype, bonus, depth, some, looked_up):
    """
    The same articles, chunks and scores in the same order, to the last bit: of all articles and of some, of few and of
    many blocks, with equal scores and bonuses; sums given or looked up.
    """
    drawn = np.random.default_rng(seed)
    rows = rising(drawn, drawn.integers(0, articles + 1), articles, np.int32) if some else None
    given = {"bonus": bonus, "rows": rows, "looked_up": looked_up}
    question = a_question(drawn, articles, dtype, **given)
    assert answer(loops, question, depth) == answer(plain_loops, question, depth)


def test_nothing_is_left_of_the_question_before():
    """
    Sums of all chunks are kept in one place: after a question that failed in the middle, too, they begin at 0.
    """
    drawn = np.random.default_rng(5)
    question = a_question(drawn, 400, np.uint16)
    wanted = answer(plain_loops, question, 10)
    assert answer(loops, question, 10) == wanted
    factor, pieces = question[6][0]
    base, units, codes = pieces[0]
    broken = [*question]
    broken[6] = [(factor, [(base, np.full(len(units), 9_999, np.uint16), codes)]), *question[6][1:]]
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
    wide=st.lists(st.one_of(st.just(Prefix("s")), st.just(Fuzzy("mnister"))), max_size=1),
    depth=st.sampled_from([3, 50, None]),
)
def test_questions_have_the_same_answers_without_what_is_compiled(leg, restriction, wanted, wide, depth):
    """
    Any restriction admits the same articles, and any words give the same ranking and scores of chunks, to the last bit.
    """

    def answer():
        admitted = met(leg, restriction)
        given = leg.matching(restriction, leg.table.admitted(Filters()))
        question = leg.score([*wide, *(Word(term) for word in wanted for term in leg.analyzer.terms(word))])
        ranking = question.rank(given, depth)
        some = question.of_chunks(np.arange(0, len(leg.table.chunk_article), 5))
        return [one.tobytes() for one in (admitted, ranking.articles, ranking.chunks, ranking.scores, some)]

    with pytest.MonkeyPatch.context() as patched:
        for module in (matching, scores, scoring):
            for name in (
                "add_scores",
                "add_scores_of",
                "best_articles",
                "mark",
                "meet",
                "merge_postings",
                "near_articles",
                "opened",
                "part",
                "phrase_articles",
                "unite",
            ):
                if hasattr(module, name):  # Each imports what it needs.
                    patched.setattr(module, name, getattr(plain_loops, name))
        # Those that are remembered are compiled.
        patched.setattr(leg, "_parts_of_terms", {})
        patched.setitem(leg.__dict__, "_measures", plain_measures(leg))
        for unit in (leg._chunk, leg._article):
            patched.setattr(unit, "_parts", {})
        patched.setattr(leg._vocabulary, "_terms", {})
        expected = answer()
    assert answer() == expected


@settings(max_examples=300, deadline=None)
@given(
    seed=seeds,
    dtype=TYPES,
    harm=st.sampled_from(["units", "codes", "borders", "rows", "sums", "all"]),
    looked_up=st.booleans(),
)
def test_damaged_arrays_end_in_an_answer_or_an_error(seed, dtype, harm, looked_up):
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
    first_chunk = question[2][0]
    first_chunk[:-1] = harmed(
        first_chunk[:-1], "borders"
    )  # The last is the length of other arrays in memory.
    for place in (5, 6):
        question[place] = [
            (
                factor,
                [(base, harmed(units, "units"), harmed(codes, "codes")) for base, units, codes in pieces],
            )
            for factor, pieces in question[place]
        ]
    if looked_up:
        question[1] = None
    with np.errstate(all="ignore"):
        try:
            articles, _, _ = answer(loops, question, 10)
        except IndexError:
            return
    assert all(0 <= article < 60 for article in np.frombuffer(articles, np.int64))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, np.arange(59, dtype=np.int32)),
        (0, np.zeros(60, np.int64)),
        (1, np.zeros(60)),
        (1, np.zeros((60, 1), np.float32)),
        (1, None),
        (2, None),
        (2, ()),
        (3, np.zeros(59, np.float32)),
        (4, None),
        (5, []),
        (5, [None] * 4),
        (5, None),
        (6, [(1.0, [(-1, np.zeros(1, np.uint8), np.zeros(1, np.uint16))])]),
        (6, [(1.0, [(0, np.zeros(2, np.uint8), np.zeros(1, np.uint16))])]),
        (6, [(1.0, [(0, np.zeros(1, np.uint64), np.zeros(1, np.uint16))])]),
        (6, [None]),
        (6, None),
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


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, np.zeros(61, np.int32)),
        (0, np.zeros(60, np.int64)),
        (1, np.zeros(59, np.int64)),
        (2, np.zeros(59, np.float32)),
        (3, np.zeros(3, np.float32)),
        (4, np.zeros(59, np.float32)),
        (5, np.zeros(65_535, np.float32)),
        (6, np.zeros(65_535, np.float32)),
        (6, None),
    ],
)
def test_other_measures_are_refused(place, value):
    """
    As soon as they are made, before any question is asked.
    """
    given = a_question(np.random.default_rng(1), 60, np.uint16)[2]
    assert loops.measures(*given) is not None
    given[place] = value
    with pytest.raises((TypeError, IndexError)):
        loops.measures(*given)


@settings(max_examples=200, deadline=None)
@given(seed=seeds, dtype=TYPES, bases=st.lists(st.integers(0, 2**31 - 1), min_size=3, max_size=3))
def test_sets_and_phrases_of_noise_end_in_an_answer_or_an_error(seed, dtype, bases):
    """
    Units and positions that do not rise, and lie anywhere: an answer within bounds or an IndexError, and nothing else.
    """
    drawn = np.random.default_rng(seed)

    def noise(kind, count):
        return np.frombuffer(drawn.bytes(count * np.dtype(kind).itemsize), dtype=kind)

    mask, table = np.zeros(300, dtype=bool), np.zeros(65_536, dtype=np.float32)
    sets = [
        [(base % most, noise(dtype, count)) for base in bases] for most in (40, 2**31) for count in (20, 200)
    ]
    for inside, outside in ((sets, []), (sets[:1], sets), (sets[1:2], sets[2:])):
        with suppress(IndexError):
            rows = np.frombuffer(loops.meet(inside, outside), dtype=np.int32)
            assert len(rows) <= 600
            outside = [loops.opened(one) for one in outside]
            assert loops.meet([loops.opened(one) for one in inside], outside) == rows.tobytes()
            assert (rows >= 0).all()
    with suppress(IndexError):
        rows = np.frombuffer(loops.unite(sets[0]), dtype=np.int32)
        assert set(rows.tolist()) == {base + unit for base, units in sets[0] for unit in units.tolist()}
    positions = tuple(([noise(np.uint32, count)], place) for count, place in ((40, 1), (90, 0)))
    for bodies in (noise(np.uint32, 12), None):
        segment = (bases[0] % 9, noise(np.uint32, 12), bodies)
        for found in (
            loops.phrase_articles(positions, [segment]),
            loops.near_articles(positions, [segment], 7),
        ):
            rows = np.frombuffer(found, dtype=np.int32)
            assert ((rows >= segment[0]) & (rows < segment[0] + 12)).all()
    for base in (*bases, 0):
        with suppress(IndexError):
            loops.mark(mask, base, noise(dtype, 20))
        for wanted in (noise(np.int32, 40), rising(drawn, 40, 90, np.int32)):
            with suppress(IndexError):
                pieces = [
                    (base, noise(dtype, 30), noise(np.uint16, 30)),
                    (0, noise(dtype, 9), noise(np.uint16, 9)),
                ]
                parts = [(0.5, pieces)]
                loops.add_scores_of(np.zeros(40, np.float32), wanted, parts_of(loops, parts), table)
            with suppress(IndexError):
                loops.add_scores(np.zeros(60, np.float32), parts_of(loops, parts), table)


no_terms = [
    *(np.zeros(1, np.float32), np.zeros(1, np.int32), np.zeros(1, np.float32), np.zeros(2, np.uint32), 0),
    *(np.zeros(1, np.uint8), np.zeros(1, np.uint16), np.zeros(65_536, np.float32)),
]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("opened", (None,)),
        ("opened", ([(0,)],)),
        ("opened", (loops.opened([]),)),
        ("meet", ([[(0, np.zeros(3, np.uint8))], loops.part(0.5, [])], [])),
        ("meet", ([], [])),
        ("meet", ([[(0, np.zeros(3, np.uint8))]], [None])),
        ("meet", ([[(0,)]], [])),
        ("meet", ([[(0, np.zeros(1, np.uint64))]], [])),
        ("meet", ([[(-1, np.zeros(1, np.uint8))]], [])),
        ("phrase_articles", ((), [])),
        ("phrase_articles", ((([], 0),), [(0, *2 * [np.zeros(1, np.uint32)])])),
        (
            "phrase_articles",
            ((([np.zeros(1, np.uint32)], 0),), [(0, np.zeros(1, np.uint32), np.zeros(2, np.uint32))]),
        ),
        ("phrase_articles", ((([], 0),), [None])),
        ("phrase_articles", (([], 0), [])),
        ("near_articles", ((([], 0),), [], -1)),
        ("unite", (None,)),
        ("unite", ([(0,)],)),
        ("unite", ([(0, np.zeros(1, np.uint64))],)),
        ("unite", ([(-1, np.zeros(1, np.uint8))],)),
        ("merge_postings", (None, 9, *2 * [np.zeros(65_536, np.uint16)])),
        ("merge_postings", ([None], 9, *2 * [np.zeros(65_536, np.uint16)])),
        ("merge_postings", ([], -1, *2 * [np.zeros(65_536, np.uint16)])),
        ("merge_postings", ([], 9, *2 * [np.zeros(65_535, np.uint16)])),
        ("merge_postings", ([], 9, *2 * [np.zeros(65_536, np.float32)])),
        (
            "merge_postings",
            ([(0, np.zeros(2, np.uint8), np.zeros(1, np.uint16))], 9, *2 * [np.zeros(65_536, np.uint16)]),
        ),
        ("part", (0.5, None)),
        ("part", ("0.5", [])),
        ("part", (0.5, [(0, np.zeros(1, np.uint8), np.zeros(1, np.uint16)), None])),
        (
            "add_scores_of",
            (np.zeros(1, np.float32), np.zeros(1, np.int32), [(0.5, [])], np.zeros(65_536, np.float32)),
        ),
        ("add_terms", (*no_terms[:7], np.zeros(65_535, np.float32))),
        ("add_terms", (*no_terms[:1], np.zeros(1, np.int64), *no_terms[2:])),
        ("add_terms", (*no_terms[:3], np.zeros(2, np.uint64), *no_terms[4:])),
        ("add_terms", (*no_terms[:4], -1, *no_terms[5:])),
        ("add_terms", (*no_terms[:6], np.zeros(2, np.uint16), *no_terms[7:])),
        ("add_terms", no_terms[:7]),
        ("add_scores", (np.zeros(2, np.float32), [None], np.zeros(65_536, np.float32))),
        ("add_scores", (np.zeros(2, np.float32), None, np.zeros(65_536, np.float32))),
        ("add_scores", (np.zeros(2), [], np.zeros(65_536, np.float32))),
        ("add_scores_of", (np.zeros(2, np.float32), np.zeros(1, np.int32), [], np.zeros(65_536, np.float32))),
        ("add_scores_of", (np.zeros(1, np.float32), np.zeros(1, np.int32), [], np.zeros(6, np.float32))),
        ("add_scores_of", (np.zeros(1, np.float32), np.zeros(1, np.int32), None, np.zeros(6, np.float32))),
    ],
)
def test_other_arguments_are_refused(name, arguments):
    """
    Sets, words and parts that are none, and arrays without room, are an error, not a crash.
    """
    loops.add_terms(*no_terms)
    with pytest.raises((TypeError, IndexError)):
        getattr(loops, name)(*arguments)
