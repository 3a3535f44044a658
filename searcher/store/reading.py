"""
Which revisions answer? Functions over one connection, inside the caller's transaction.

All work on the index over (article_id, seq): what is current follows from the revisions themselves, nothing
is kept beside them that could disagree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from searcher.errors import StoreDamaged
from searcher.records import Rejection, Revision
from searcher.store.connections import is_damage
from searcher.store.rows import FROM_REVISIONS, REVISION, revision_of

Label = Literal["source", "section", "language"]

# SQLite takes 32,766 variables a statement since 3.32, 999 before.
_MOST_VARIABLES = 900

_MOST_NAMED = 100

# Read one by one in some milliseconds.
_FEW_REVISIONS = 10_000

_LATEST_UP_TO = (
    "NOT EXISTS (SELECT 1 FROM revisions AS later WHERE later.article_id = r.article_id "
    "AND later.seq > r.seq AND later.seq <= :up_to)"
)
_LATEST = (
    "NOT EXISTS (SELECT 1 FROM revisions AS later "
    "WHERE later.article_id = r.article_id AND later.seq > r.seq)"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """
    What a library holds. `articles` are live, `withdrawn` ones are not among them; `revisions` counts all
    states.

    `sources`, `oldest` and `newest` (publication, UTC) are of live articles. `last_seq` is the newest
    revision's.
    """

    articles: int
    withdrawn: int
    revisions: int
    rejected: int
    sources: int
    oldest: datetime | None
    newest: datetime | None
    last_seq: int


def latest_of(connection: sqlite3.Connection, article_id: str) -> Revision | None:
    """Give the newest revision of an article, withdrawn or not."""
    row = connection.execute(
        f"SELECT {REVISION} {FROM_REVISIONS} WHERE r.article_id = ? ORDER BY r.seq DESC LIMIT 1",
        (article_id,),
    ).fetchone()
    return revision_of(row) if row is not None else None


def revisions_of(connection: sqlite3.Connection, article_id: str) -> tuple[Revision, ...]:
    """Give all revisions of an article, oldest first."""
    rows = connection.execute(
        f"SELECT {REVISION} {FROM_REVISIONS} WHERE r.article_id = ? ORDER BY r.seq", (article_id,)
    )
    return tuple(revision_of(row) for row in rows)


def seqs_of(connection: sqlite3.Connection, article_id: str) -> list[int]:
    """Give the numbers of all revisions of an article, oldest first."""
    rows = connection.execute("SELECT seq FROM revisions WHERE article_id = ? ORDER BY seq", (article_id,))
    return [row[0] for row in rows]


def revisions_by_seq(
    connection: sqlite3.Connection, seqs: Sequence[int], *, damaged: list[StoreDamaged] | None = None
) -> dict[int, Revision]:
    """
    Give the revisions with these numbers, in the order asked for; unknown numbers are left out.

    One that is damaged is left out too, and named in `damaged`; without such a list it raises StoreDamaged.
    """
    found: dict[int, Revision] = {}
    for first in range(0, len(seqs), _MOST_VARIABLES):
        for row in _rows(connection, seqs[first : first + _MOST_VARIABLES], damaged):
            try:
                revision = revision_of(row)
            except StoreDamaged as error:
                if damaged is None:
                    raise
                damaged.append(error)
            else:
                found[revision.seq] = revision
    return {seq: found[seq] for seq in seqs if seq in found}


def spellings(connection: sqlite3.Connection, label: Label, seqs: Sequence[int]) -> list[str]:
    """Give what each of these revisions has for its label, as it was written; "" for none."""
    marks = ", ".join("?" * len(seqs))
    rows = connection.execute(f"SELECT seq, {label} FROM revisions WHERE seq IN ({marks})", list(seqs))
    found = dict(rows.fetchall())
    return [found.get(seq) or "" for seq in seqs]


def _rows(
    connection: sqlite3.Connection, seqs: Sequence[int], damaged: list[StoreDamaged] | None
) -> list[Any]:
    """Give the rows of these revisions. Where the file is broken they are read one by one, for the others' sake."""
    marks = ", ".join("?" * len(seqs))
    try:
        return connection.execute(
            f"SELECT {REVISION} {FROM_REVISIONS} WHERE r.seq IN ({marks})", list(seqs)
        ).fetchall()
    except sqlite3.DatabaseError as error:
        if damaged is None or not is_damage(error):
            raise
        if len(seqs) > 1:
            return [row for seq in seqs for row in _rows(connection, [seq], damaged)]
        damaged.append(
            StoreDamaged(
                f"Revision {seqs[0]} cannot be read from articles.db: {error}. "
                "Restore articles.db from a backup."
            )
        )
        return []


def article_at_url(connection: sqlite3.Connection, url: str) -> str | None:
    """Give the id of the article that is at `url` now: a live one before a withdrawn one, then the oldest."""
    row = connection.execute(
        f"SELECT r.article_id FROM revisions AS r WHERE r.url = ? AND {_LATEST} ORDER BY r.withdrawn, "
        "(SELECT min(first.seq) FROM revisions AS first WHERE first.article_id = r.article_id) LIMIT 1",
        (url,),
    ).fetchone()
    return row[0] if row is not None else None


def last_seq(connection: sqlite3.Connection) -> int:
    """Give the number of the newest revision, 0 if there is none; of one that was lost to damage, too."""
    newest = "SELECT max(seq) FROM revisions"
    given = "SELECT max(seq) FROM sqlite_sequence WHERE name = 'revisions' AND typeof(seq) = 'integer'"
    row = connection.execute(f"SELECT coalesce(({newest}), 0), coalesce(({given}), 0)").fetchone()
    return int(max(row))


def lost(connection: sqlite3.Connection, *, after: int, up_to: int) -> list[str]:
    """
    Name the revisions in (`after`, `up_to`] that are not there any more: their numbers are given in a row, and nothing
    is ever removed. Very many are named by how many they are.
    """
    up_to = min(up_to, last_seq(connection))
    span = {"after": after, "up_to": up_to}
    within = "FROM revisions NOT INDEXED WHERE seq > :after AND seq <= :up_to"
    count = up_to - after - connection.execute(f"SELECT count(*) {within}", span).fetchone()[0]
    if count <= 0:
        return []
    if count > _MOST_NAMED:
        return [f"{count:,} revisions"]
    there = {seq for (seq,) in connection.execute(f"SELECT seq {within}", span)}
    return [f"Revision {seq}" for seq in range(after + 1, up_to + 1) if seq not in there]


def seqs_of_latest(
    connection: sqlite3.Connection, *, after: int, up_to: int, size: int, withdrawn_too: bool
) -> list[int]:
    """
    Give, in order, at most `size` seqs in (`after`, `up_to`] of revisions that were their articles' newest at
    `up_to`. Raises StoreDamaged (`_rising`).
    """
    only_live = "" if withdrawn_too else "AND r.withdrawn = 0"
    rows = connection.execute(
        f"SELECT r.seq FROM revisions AS r WHERE r.seq > :after AND r.seq <= :up_to {only_live} "
        f"AND {_LATEST_UP_TO} ORDER BY r.seq LIMIT :size",
        {"after": after, "up_to": up_to, "size": size},
    )
    return _rising(rows, after)


def page_of_seqs(connection: sqlite3.Connection, *, after: int, size: int) -> list[int]:
    """Give, in order, at most `size` seqs after `after`, of whatever revisions. Raises StoreDamaged (`_rising`)."""
    rows = connection.execute("SELECT seq FROM revisions WHERE seq > ? ORDER BY seq LIMIT ?", (after, size))
    return _rising(rows, after)


def _rising(rows: Iterable[tuple[int]], after: int) -> list[int]:
    """
    Give these seqs. Raises StoreDamaged where they do not rise from `after` on, as in a page of zeros, which SQLite
    takes for rows: who asks for what comes after the last of them would never come to an end.
    """
    seqs = [seq for (seq,) in rows]
    if any(seq <= before for before, seq in pairwise([after, *seqs])):
        raise StoreDamaged(
            "articles.db gives its revisions in no order: it is damaged. Restore it from a backup."
        )
    return seqs


def superseded(connection: sqlite3.Connection, *, after: int, up_to: int) -> frozenset[int]:
    """Give the seqs that were their articles' newest, and live, at `after`, and no more at `up_to`."""
    rows = connection.execute(
        "SELECT old.seq FROM "
        "(SELECT DISTINCT article_id FROM revisions WHERE seq > :after AND seq <= :up_to) AS touched "
        "JOIN revisions AS old ON old.seq = "
        "(SELECT max(seq) FROM revisions WHERE article_id = touched.article_id AND seq <= :after) "
        "WHERE old.withdrawn = 0",
        {"after": after, "up_to": up_to},
    )
    return frozenset(row[0] for row in rows)


def withdrawn_since(connection: sqlite3.Connection, seq: int, up_to: int) -> frozenset[int]:
    """
    Give the seqs up to `seq` of articles that were withdrawn at `up_to`, and became so after `seq`.

    SQLite does not notice every damage of an index. So, unless there are very many, the revisions themselves are asked
    as well: what either knows to be withdrawn is. Raises StoreDamaged if one withdraws what cannot be found.
    """
    ways = ("INDEXED BY withdrawals", "NOT INDEXED")[: 1 + (up_to - seq <= _FEW_REVISIONS)]
    newer = " UNION ".join(
        f"SELECT seq, article_id FROM revisions {way} WHERE withdrawn = 1 AND seq > :seq AND seq <= :up_to"
        for way in ways
    )
    rows = connection.execute(
        f"WITH newer AS ({newer}) "
        "SELECT old.seq FROM newer AS r "
        "JOIN revisions AS old ON old.article_id = r.article_id AND old.seq <= :seq "
        f"WHERE {_LATEST_UP_TO} "
        "UNION ALL SELECT NULL FROM newer AS r WHERE NOT EXISTS "
        "(SELECT 1 FROM revisions AS old WHERE old.article_id = r.article_id AND old.seq < r.seq)",
        {"seq": seq, "up_to": up_to},
    )
    withdrawn = [old for (old,) in rows]
    if lost := withdrawn.count(None):
        raise StoreDamaged(
            f"{lost:,} withdrawals in articles.db cannot be followed: it is damaged. Restore it from a backup."
        )
    return frozenset(withdrawn)


def waiting(connection: sqlite3.Connection, after: int) -> int:
    """Count the live articles that have a revision after `after`."""
    row = connection.execute(
        f"SELECT count(*) FROM revisions AS r WHERE r.seq > ? AND NOT r.withdrawn AND {_LATEST}", (after,)
    ).fetchone()
    return int(row[0])


def counts(connection: sqlite3.Connection) -> Counts:
    """Count what the library holds."""
    revisions = connection.execute("SELECT count(*) FROM revisions").fetchone()[0]
    articles, withdrawn, sources, oldest, newest = connection.execute(
        "SELECT count(*) FILTER (WHERE NOT r.withdrawn), count(*) FILTER (WHERE r.withdrawn), "
        "count(DISTINCT r.source) FILTER (WHERE NOT r.withdrawn), "
        "min(r.published_at) FILTER (WHERE NOT r.withdrawn), "
        "max(r.published_at) FILTER (WHERE NOT r.withdrawn) "
        "FROM (SELECT max(seq) AS seq FROM revisions GROUP BY article_id) AS latest "
        "JOIN revisions AS r ON r.seq = latest.seq"
    ).fetchone()
    rejected = connection.execute("SELECT count(*) FROM rejections").fetchone()[0]
    return Counts(
        articles=articles,
        withdrawn=withdrawn,
        revisions=revisions,
        rejected=rejected,
        sources=sources,
        oldest=_moment(oldest),
        newest=_moment(newest),
        last_seq=last_seq(connection),
    )


def rejections(connection: sqlite3.Connection, limit: int) -> tuple[tuple[datetime, Rejection], ...]:
    """Give the newest rejections that can be read, newest first, each with the moment it was recorded."""
    rows = connection.execute(
        "SELECT recorded_at, place, reason FROM rejections ORDER BY rejection_no DESC LIMIT ?",
        (max(limit, 0),),
    )
    return tuple(
        (moment, Rejection(place, reason))
        for at, place, reason in rows
        if (moment := _moment(at)) is not None and isinstance(place, str) and isinstance(reason, str)
    )


def _moment(stored: object) -> datetime | None:
    """Give a moment as it is stored; None where there is none, or where it is damaged: then `check` says so."""
    try:
        return datetime.fromisoformat(stored) if isinstance(stored, str) else None
    except ValueError:
        return None
