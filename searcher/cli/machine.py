"""
Answers for programs: JSON, JSON Lines, CSV, ids.

JSON is ASCII with keys in a fixed order; moments are ISO 8601 in UTC with `Z`. CSV cells that a spreadsheet would
run as a formula begin with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from searcher.records.plain import plain_date, plain_explanation, plain_moment, plain_number
from searcher.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from searcher.cli.options import Format
    from searcher.records import (
        Backup,
        Examination,
        Hit,
        Receipt,
        Rejection,
        Results,
        Status,
        UpdateReport,
    )

CSV_COLUMNS = ("rank", "score", "id", "title", "source", "published", "url", "snippet", "copies")

# Source: OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection.
# Tab and carriage return, which OWASP names too, cannot begin a cell of one line.
_FORMULA = ("=", "+", "-", "@")


def as_document(value: Any) -> str:
    """Give one JSON document, indented."""
    return json.dumps(value, indent=2, ensure_ascii=True)


def as_line(value: Any) -> str:
    """Give one JSON value on one line."""
    return json.dumps(value, ensure_ascii=True)


def in_format(results: Results, wanted: Format) -> str:
    """Give results in one of the formats for programs, without the last newline."""
    if wanted == "jsonl":
        return "\n".join(as_line(hit_as_json(hit)) for hit in results)
    if wanted == "csv":
        return as_csv(results)
    if wanted == "ids":
        return "\n".join(one_line(hit.article_id) for hit in results)
    return as_document(results_as_json(results))


def results_as_json(results: Results) -> dict[str, Any]:
    """Give an answer: the question as it was asked, what is to be known about it, and its hits."""
    return {
        "query": results.query.raw,
        "mode": results.mode,
        "total": results.total,
        "offset": results.offset,
        "generation": results.generation,
        "took_ms": round(results.took_ms, 3),
        "verdict": results.verdict,
        "notes": list(results.notes),
        "degraded": results.degraded,
        "waiting": results.waiting,
        "hits": [hit_as_json(hit) for hit in results],
    }


def hit_as_json(hit: Hit) -> dict[str, Any]:
    """Give one hit. `marks` are `[start, end)` in characters of `snippet`; `copies` are ids."""
    article = hit.article
    return {
        "rank": hit.rank,
        "score": plain_number(hit.score),
        "id": article.article_id,
        "title": article.title,
        "source": article.source,
        **plain_date(article),
        "url": article.url,
        "snippet": hit.snippet.text,
        "marks": [list(mark) for mark in hit.snippet.marks],
        "kind": hit.snippet.kind,
        "copies": list(hit.copies),
        "explanation": plain_explanation(hit.explanation),
    }


def as_csv(results: Results) -> str:
    """Give the hits as CSV with a line of column names; `copies` is how many were folded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for hit in results:
        article = hit.article
        texts = (
            article.article_id,
            article.title,
            article.source,
            plain_date(article)["published"],
            article.url,
            hit.snippet.text,
        )
        writer.writerow(
            [hit.rank, plain_number(hit.score), *(_cell(text) for text in texts), len(hit.copies)]
        )
    return out.getvalue().removesuffix("\n")


def receipt_as_json(receipt: Receipt) -> dict[str, Any]:
    """Give what became of a batch."""
    return {
        "added": receipt.added,
        "changed": receipt.changed,
        "unchanged": receipt.unchanged,
        "rejected": receipt.rejected,
        "rejections": [{"where": one.where, "reason": one.reason} for one in receipt.rejections],
    }


def rejects_as_json(rejects: Iterable[tuple[datetime, Rejection]]) -> list[dict[str, Any]]:
    """Give rejected inputs, newest first."""
    return [
        {"rejected_at": plain_moment(at), "where": one.where, "reason": one.reason} for at, one in rejects
    ]


def report_as_json(report: UpdateReport) -> dict[str, Any]:
    """Give what an update or rebuild did."""
    return {**asdict(report), "took_s": round(report.took_s, 3)}


def examination_as_json(examination: Examination) -> dict[str, Any]:
    """Give what the doctor found and did."""
    return {
        "home": str(examination.home),
        "broken": examination.broken,
        "needs_a_person": examination.needs_a_person,
        "repairs": list(examination.repairs),
        "findings": [asdict(one) for one in examination.findings],
    }


def backup_as_json(backup: Backup) -> dict[str, Any]:
    """Give what a backup holds."""
    return {
        **asdict(backup),
        "path": str(backup.path),
        "made_at": plain_moment(backup.made_at),
        "kept": str(backup.kept) if backup.kept else None,
    }


def status_as_json(status: Status) -> dict[str, Any]:
    """Give the state of a library; sizes are bytes."""
    dates = {
        name: plain_moment(at) if at else None
        for name, at in (("oldest", status.oldest), ("newest", status.newest))
    }
    return {**asdict(status), "home": str(status.home), **dates}


def _cell(text: str | None) -> str:
    """One line, without control characters, and never a formula."""
    cell = one_line(text or "")
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
