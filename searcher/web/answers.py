"""
Records as the API gives them (`schemas.py` is the contract), and as bytes.

Imports nothing of the web framework: whichever process finds hits makes the answer of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from searcher.records import Hit, Kept, Overview, Results, Status
from searcher.records.plain import plain_date, plain_explanation, plain_moment, plain_number
from searcher.web.checkup import Checked, worst


def as_json(value: Mapping[str, Any]) -> bytes:
    """Give the bytes of an answer."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def answer_of(results: Results, *, cursor: str | None) -> dict[str, Any]:
    """Give an `Answer`."""
    return {
        "query": results.query.raw,
        "mode": results.mode,
        "total": results.total,
        "generation": results.generation,
        "took_ms": round(results.took_ms, 3),
        "verdict": results.verdict,
        "notes": list(results.notes),
        "degraded": results.degraded,
        "waiting": results.waiting,
        "hits": [hit_of(hit) for hit in results],
        "next": cursor,
    }


def hit_of(hit: Hit) -> dict[str, Any]:
    """Give a `HitModel`."""
    article = hit.article
    return {
        "rank": hit.rank,
        "score": plain_number(hit.score),
        "id": article.article_id,
        "title": article.title,
        "source": article.source,
        "section": article.section,
        "language": article.language,
        "authors": list(article.authors),
        **plain_date(article),
        "url": article.url,
        "snippet": hit.snippet.text,
        "marks": [list(mark) for mark in hit.snippet.marks],
        "kind": hit.snippet.kind,
        "copies": list(hit.copies),
        "explanation": plain_explanation(hit.explanation),
    }


def facets_of(overview: Overview) -> dict[str, Any]:
    """Give a `FacetsModel`."""
    return {
        label: [{"name": facet.name, "count": facet.count} for facet in facets]
        for label, facets in overview.facets.items()
    }


def histogram_of(overview: Overview) -> dict[str, Any]:
    """Give a `Histogram`."""
    return {
        "interval": overview.interval,
        "bars": [{"start": bar.start.isoformat(), "count": bar.count} for bar in overview.bars],
        "undated": overview.undated,
    }


def put_of(kept: Sequence[Kept], *, indexed: bool) -> dict[str, Any]:
    """Give a `PutAnswer`. What was withdrawn and is back counts as changed."""
    outcomes = [one.outcome for one in kept]
    return {
        "added": outcomes.count("added"),
        "changed": outcomes.count("changed") + outcomes.count("restored"),
        "unchanged": outcomes.count("unchanged"),
        "rejected": outcomes.count("rejected"),
        "indexed": indexed,
        "results": [
            {
                "line": int(one.place.rpartition(" ")[2]),
                "outcome": one.outcome,
                "id": one.article_id,
                "reason": one.reason,
            }
            for one in kept
        ],
    }


def status_of(status: Status, *, answering: int | None, checked: Checked | None) -> dict[str, Any]:
    """Give a `StatusModel`. Where the library lies is nobody's business over the network."""
    facts = {name: value for name, value in asdict(status).items() if name != "home"}
    dates = {name: plain_moment(at) if (at := facts[name]) else None for name in ("oldest", "newest")}
    return {**facts, **dates, "answering": answering, "examination": _examination(checked)}


def health_of(checked: Checked | None) -> dict[str, Any]:
    """Give a `Health`."""
    examination = _examination(checked)
    return {
        "status": "ok",
        "library": examination and examination["state"],
        "examined": examination and examination["at"],
    }


def _examination(checked: Checked | None) -> dict[str, Any] | None:
    if checked is None or checked.examination is None or checked.at is None:
        return None
    findings = checked.examination.findings
    return {
        "at": plain_moment(checked.at),
        "state": worst(findings),
        "findings": [
            {"check": one.check, "state": one.state, "said": one.said, "next_step": one.next_step}
            for one in findings
        ],
    }
