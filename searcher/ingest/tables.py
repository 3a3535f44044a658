"""
Which articles are in this table? CSV, TSV and their kin, with a first row that names the columns.

Rows are put together here, quote by quote, and then read by the csv module. The module alone would take all that
follows a forgotten quote for one field: here that costs its own row, and reading goes on with the next line.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.fields import draft_from_record, is_body_name, names_there
from searcher.ingest.places import place_in
from searcher.ingest.streams import Line, read_lines
from searcher.records import Origin, Rejection

_MAX_UNCLOSED = 10  # forgotten quotes in one file; each costs a second look at what follows it


def read_table(
    stream: io.BufferedIOBase, origin: Origin, options: IngestOptions, *, delimiter: str
) -> Iterator[Draft | Rejection]:
    """
    Give one article, or the reason why not, for each row of a table in UTF-8. Places are `line N`, the row's first.
    """
    # A cell longer than any body was opened by a forgotten quote.
    max_row = min(options.max_item_bytes, 4 * options.max_body_chars)
    rows = _rows(read_lines(stream, options.max_item_bytes), delimiter, max_row)
    header: list[str] | None = None
    for row in rows:
        place = place_in(origin, f"line {row.number}")
        cells = _cells(row, delimiter)
        if isinstance(cells, str):
            yield Rejection(str(place), cells)
        elif header is None:
            header = [cell.strip() for cell in cells]
            options.found.update(name for name in header if name in options.fields)
            if problem := _problem_of_header(header, options):
                yield Rejection(str(place), problem)
                return
        elif any(cell.strip() for cell in cells):
            yield _read_row(header, cells, place, options)
    if header is None:
        yield Rejection(str(origin), "no row names its columns")


class _Row(NamedTuple):
    """The lines of one row as text, or what is wrong with them; `number`: of its first line."""

    number: int
    text: str
    problem: str = ""


def _problem_of_header(header: list[str], options: IngestOptions) -> str:
    if any(is_body_name(name, options) for name in header):
        return ""
    return f"no column is the body (there are {names_there(header, options)}): name it with --field body=NAME"


def _read_row(
    header: list[str], cells: list[str], place: Origin, options: IngestOptions
) -> Draft | Rejection:
    if len(cells) > len(header):
        return Rejection(
            str(place), f"it has {len(cells)} cells, the first row names {len(header)}: quote the text"
        )
    record = {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()}
    return draft_from_record(record, place, options)


def _cells(row: _Row, delimiter: str) -> list[str] | str:
    """The cells of a row, or the reason why it cannot be read."""
    if row.problem:
        return row.problem
    # The module's limit is one for the whole process; rows are already bounded.
    csv.field_size_limit(max(csv.field_size_limit(), len(row.text) + 1))
    try:
        found = list(csv.reader(io.StringIO(row.text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        return f"it is not a row of this table: {error}"
    return found[0] if found else []


def _rows(lines: Iterator[Line], delimiter: str, max_chars: int) -> Iterator[_Row]:
    """Put rows together: a row goes on past the end of a line while a quoted cell is open."""
    waiting: deque[Line] = deque()
    unclosed = 0
    while line := _next(waiting, lines):
        taken = [line]
        row, is_open = _decoded(line), False
        parts = [row.text]
        size = len(row.text)
        while (
            not row.problem and (is_open := _ends_inside(row.text, delimiter, is_open)) and size <= max_chars
        ):
            following = _next(waiting, lines)
            if following is None:
                break
            taken.append(following)
            row = _decoded(following)
            parts.append(row.text)
            size += len(row.text)
        if not row.problem and not is_open:
            yield _Row(line.number, "\n".join(parts))
            continue
        # Only the first line is given up: those below it may be rows of their own.
        waiting.extendleft(reversed(taken[1:]))
        alone = row.problem if len(taken) == 1 else ""
        yield _Row(line.number, "", alone or "a quote is opened and never closed")
        unclosed += not alone
        if unclosed > _MAX_UNCLOSED:
            yield _Row(
                line.number + 1, "", f"after {unclosed} quotes that are never closed, the rest is not read"
            )
            return


def _next(waiting: deque[Line], lines: Iterator[Line]) -> Line | None:
    return waiting.popleft() if waiting else next(lines, None)


def _decoded(line: Line) -> _Row:
    if line.data is None:
        return _Row(line.number, "", "it is too long for an article")
    try:
        return _Row(line.number, line.data.decode("utf-8"))
    except UnicodeDecodeError:
        return _Row(line.number, "", "it has bytes that are not UTF-8")


def _ends_inside(part: str, delimiter: str, inside: bool) -> bool:
    """Whether a quoted cell is open at the end of this line. Quotes in the middle of a bare cell are only quotes."""
    place = part.find('"')
    while place != -1:
        if not inside:
            inside = place == 0 or part[place - 1] == delimiter
        elif part.startswith('"', place + 1):
            place += 1
        else:
            inside = False
        place = part.find('"', place + 1)
    return inside
