"""The facts of articles and chunks as columns, against plain lists."""

import random
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import numpy as np
import pytest

from searcher.errors import IndexDamaged
from searcher.index.arrays import Arrays, write_arrays
from searcher.index.table import NO_DATE, SegmentTable, Table, TableWriter
from searcher.records import Article, Chunk, Filters, Moment, Origin, Precision
from searcher.text import fold

DAY = datetime(2024, 5, 4, 12, tzinfo=UTC)


def article(number, *, source=None, section=None, language=None, day=None):
    published = None if day is None else Moment(DAY + timedelta(days=day), Precision.DAY, "field")
    return Article(
        f"a{number}",
        "Title",
        "Body",
        Origin("test"),
        source=source,
        section=section,
        language=language,
        published=published,
    )


def invent(count, seed=1):
    """Articles with facts of all kinds, each with 1 to 5 chunks."""
    drawn = random.Random(seed)
    made = []
    for number in range(count):
        one = article(
            number,
            source=drawn.choice([None, "Le Monde", "LE MONDE", "Reuters", "Süddeutsche"]),
            section=drawn.choice([None, "World", "Sport"]),
            language=drawn.choice([None, "en", "fr", "de"]),
            day=drawn.choice([None, *range(-400, 400, 7)]),
        )
        spans = np.cumsum([0, *(drawn.randint(1, 500) for _ in range(drawn.randint(1, 5)))]).tolist()
        made.append((one, [Chunk(a, b) for a, b in pairwise(spans)]))
    return made


def make(directory, made, *, segments=1, live=None, keys=None):
    tables = []
    borders = [len(made) * i // max(segments, 1) for i in range(segments + 1)]
    for place in range(segments):
        where = directory / str(place)
        where.mkdir(parents=True)
        writer = TableWriter()
        for number in range(borders[place], borders[place + 1]):
            one, chunks = made[number]
            writer.add_article(10 + number, one, keys[number] if keys else number, chunks)
        write_arrays(where / "arrays", writer.arrays())
        tables.append(SegmentTable.open(Arrays(where / "arrays")))
    return Table(tables, live)


@pytest.mark.parametrize("segments", [1, 4])
def test_columns_come_back_in_one_numbering(tmp_path, segments):
    """
    Sequence numbers, dates and chunk spans of all segments are those that were written, numbered straight through.
    """
    made = invent(50)
    table = make(tmp_path, made, segments=segments)
    assert len(table) == 50
    assert table.seq.tolist() == list(range(10, 60))
    assert table.published.tolist() == [
        int(one.published.at.timestamp()) if one.published else NO_DATE for one, _ in made
    ]
    flat = [(number, chunk) for number, (_, chunks) in enumerate(made) for chunk in chunks]
    assert [table.chunk(place) for place in range(len(flat))] == [chunk for _, chunk in flat]
    assert table.chunk_article.tolist() == [number for number, _ in flat]
    for number, (_, chunks) in enumerate(made):
        assert [table.chunk(place) for place in table.chunks_of(number)] == chunks


def admits(one, filters):
    """What `Filters` promises, said plainly."""

    def said(value, wanted, unwanted):
        folded = fold(value or "")
        return (not wanted or folded in map(fold, wanted)) and folded not in map(fold, unwanted)

    at = one.published.at if one.published else None
    return (
        said(one.source, filters.sources, filters.not_sources)
        and said(one.section, filters.sections, filters.not_sections)
        and said(one.language, filters.languages, filters.not_languages)
        and (filters.since is None or (at is not None and at >= filters.since))
        and (filters.until is None or (at is not None and at < filters.until))
    )


FILTERS = [
    Filters(),
    Filters(sources=("le monde",)),
    Filters(sources=("Reuters", "SUDDEUTSCHE")),
    Filters(not_sources=("Le Monde",), languages=("fr",)),
    Filters(sections=("SPORT",), not_languages=("en", "de")),
    Filters(sources=("nobody",)),
    Filters(since=DAY),
    Filters(until=DAY),
    Filters(since=DAY - timedelta(days=50), until=DAY + timedelta(days=48)),
    Filters(since=DAY.astimezone(timezone(timedelta(hours=9))), not_sections=("World",)),
    Filters(since=DAY, until=DAY),
    Filters(until=datetime(9999, 1, 1, tzinfo=UTC)),
    Filters(since=datetime(1, 1, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize("segments", [1, 4])
@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: str(FILTERS.index(filters)))
def test_filters_admit_what_they_promise(tmp_path, filters, segments):
    """
    Outlet, section and language without case and accents, dates from inclusive to exclusive, none without a date.
    """
    made = invent(80)
    live = np.array([number % 7 != 0 for number in range(80)])
    table = make(tmp_path, made, segments=segments, live=live)
    wanted = [bool(live[n]) and admits(one, filters) for n, (one, _) in enumerate(made)]
    assert table.admitted(filters).mask.tolist() == wanted


def test_revisions_left_out_are_left_out(tmp_path):
    """
    `without` takes away the articles of these revisions; unknown ones do not matter; the live mask stays as it was.
    """
    live = np.ones(20, dtype=bool)
    table = make(tmp_path, invent(20), segments=2, live=live)
    admitted = table.admitted(Filters(), without=[10, 29, 5, 10**12]).mask
    assert np.flatnonzero(~admitted).tolist() == [0, 19]
    assert live.all()
    assert table.rows_of([]).tolist() == []
    assert table.rows_of([12, 11]).tolist() == [1, 2]


def test_live_counts(tmp_path):
    """
    Articles and chunks that can be found are counted by the mask.
    """
    made = invent(20)
    live = np.array([number % 3 == 0 for number in range(20)])
    table = make(tmp_path, made, segments=2, live=live)
    assert table.live_articles == 7
    assert table.live_chunks == sum(len(chunks) for n, (_, chunks) in enumerate(made) if live[n])
    whole = make(tmp_path / "whole", made)
    assert (whole.live_articles, whole.live_chunks) == (20, len(whole.chunk_article))


def test_best_chunks_are_the_earliest_of_the_highest(tmp_path):
    """
    An article's best score is its highest chunk's, and of equal chunks the first is taken.
    """
    made = invent(60)
    table = make(tmp_path, made, segments=3)
    drawn = random.Random(2)
    scores = np.array([drawn.choice([0, 0.5, 1, 2]) for _ in table.chunk_article], dtype=np.float32)
    best = [max(scores[c] for c in table.chunks_of(n)) for n in range(60)]
    assert table.best_of_chunks(scores).tolist() == best
    articles = np.array([59, 0, 7])
    wanted = [next(c for c in table.chunks_of(n) if scores[c] == best[n]) for n in articles]
    assert table.best_chunks(scores.take, articles).tolist() == wanted


def test_copies_are_counted_once(tmp_path):
    """
    Articles with the same text share a group, across segments, and count once.
    """
    table = make(tmp_path, invent(6), segments=2, keys=[7, 8, 7, 2**64 - 1, 8, 7])
    groups = table.copy_group.tolist()
    assert groups[0] == groups[2] == groups[5] != groups[1] == groups[4] != groups[3]
    assert table.count_groups(np.ones(6, dtype=bool)) == 3
    assert table.count_groups(np.array([True, False, True, False, False, False])) == 1
    assert table.count_groups(np.zeros(6, dtype=bool)) == 0


def test_no_articles(tmp_path):
    """
    A generation without segments, and a segment without articles, have empty columns.
    """
    for table in (Table([], None), make(tmp_path, [])):
        assert len(table) == table.live_articles == table.live_chunks == 0
        assert table.admitted(FILTERS[1]).mask.tolist() == []
        assert table.best_of_chunks(np.zeros(0, dtype=np.float32)).tolist() == []
        assert table.count_groups(np.zeros(0, dtype=bool)) == 0


def test_damaged_labels_are_named(tmp_path):
    """
    Labels that are missing, no JSON, no mapping, or lack a label are a damaged index.
    """
    path = tmp_path / "arrays"
    for data in (b"{", b"\xff", b"[]", b'{"source": []}', None):
        arrays = TableWriter().arrays()
        del arrays["table.labels"]
        if data is not None:
            arrays["table.labels"] = np.frombuffer(data, dtype=np.uint8)
        write_arrays(path, arrays)
        with pytest.raises(IndexDamaged, match=r"labels.*searcher rebuild"):
            SegmentTable.open(Arrays(path))


@pytest.mark.parametrize("segments", [1, 3])
def test_outlets_and_days_can_be_asked_for(tmp_path, segments):
    """
    Every outlet by its folded name, and the articles of one or several days, whatever the segments; undated articles
    are of no day.
    """
    made = invent(60)
    table = make(tmp_path, made, segments=segments)
    assert table.outlets == {"le monde", "reuters", "suddeutsche"}
    for name in ("Le Monde", "SUDDEUTSCHE", "nobody"):
        expected = [fold(one.source or "") == fold(name) for one, _ in made]
        assert table.from_outlet(name).tolist() == expected
    dates = [one.published.at.date() if one.published else None for one, _ in made]
    known = sorted({day for day in dates if day})
    assert table.years == range(known[0].year, known[-1].year + 1)
    for days in ([known[0]], known[3:6], [date(1999, 1, 1)], []):
        assert table.published_on(days).tolist() == [day in days for day in dates]


def test_no_dates_no_years(tmp_path):
    """Without a dated article there are no years, and no day has one."""
    table = make(tmp_path, [(article(0), [Chunk(0, 4)])])
    assert list(table.years) == [] and table.published_on([DAY.date()]).tolist() == [False]
