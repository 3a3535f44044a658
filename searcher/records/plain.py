"""How are moments, scores and explanations said to programs? As plain values, alike at the terminal and on the web."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from searcher.records.answers import Explanation


def plain_moment(at: datetime) -> str:
    """Give a moment as `2025-07-23T14:30:00Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain_number(value: float) -> float:
    """Six digits: more differ between machines."""
    return round(float(value), 6)


def plain_explanation(explanation: Explanation) -> dict[str, Any]:
    """Give the formula, the score, and what each leg adds to it."""
    return {
        "formula": explanation.formula,
        "score": plain_number(explanation.score),
        "legs": [
            {
                "leg": leg.leg,
                "rank": leg.rank,
                "score": plain_number(leg.score),
                "normalised": plain_number(leg.normalised),
                "weight": plain_number(leg.weight),
                "part": plain_number(leg.part),
            }
            for leg in explanation.legs
        ],
    }
