"""Where in its input does this stand? The place of one article, with what is known of all of them."""

from __future__ import annotations

from searcher.records import Origin


def place_in(origin: Origin, place: str) -> Origin:
    """Give the origin of an article at `place` ("line 12") of the input that `origin` names."""
    return Origin(origin.where, f"{place}, {origin.place}" if origin.place else place)
