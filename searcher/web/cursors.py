"""
Where is the next page? A cursor continues an answer from the generation that gave its first page, at the same moment.

So pages never shift under a reader: nothing twice, nothing missed, whatever is added, changed or withdrawn meanwhile.
A cursor is not a secret and gives no rights: what it continues is asked again, and what was withdrawn stays away.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from searcher.errors import SearcherError

PATTERN = "^[A-Za-z0-9_-]{1,200}$"


class CursorUnknown(SearcherError):
    """There is no page of this name."""


class CursorMismatch(SearcherError):
    """The page of this name belongs to another question."""


@dataclass(frozen=True, slots=True)
class Place:
    """
    What an answer depends on besides its question: the generation, the store's seq, and the moment (to the minute).
    """

    generation: int
    as_of: int
    at: datetime


def question_digest(*question: Any) -> str:
    """Give what tells questions apart: 16 hexadecimal digits."""
    return hashlib.sha256(repr(question).encode("utf-8", "replace")).hexdigest()[:16]


def write_cursor(place: Place, offset: int, digest: str) -> str:
    """Give the cursor that continues this question at `offset`."""
    facts = [place.generation, place.as_of, int(place.at.timestamp()), offset, digest]
    return base64.urlsafe_b64encode(json.dumps(facts, separators=(",", ":")).encode()).rstrip(b"=").decode()


def read_cursor(cursor: str, digest: str) -> tuple[Place, int]:
    """Give place and offset. Raises CursorUnknown, CursorMismatch."""
    try:
        facts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        generation, as_of, at, offset, of_question = facts
        numbers = (generation, as_of, at, offset)
        if not all(type(number) is int and 0 <= number < 2**53 for number in numbers):
            raise ValueError("its numbers are none")
        place = Place(generation, as_of, datetime.fromtimestamp(at, UTC))
    except (ValueError, TypeError, OverflowError, OSError, RecursionError, binascii.Error) as error:
        raise CursorUnknown("This cursor was not made here. Take `next` of an answer as it is.") from error
    if of_question != digest:
        raise CursorMismatch(
            "This cursor continues another question. Repeat the parameters of the first page with it."
        )
    return place, offset
