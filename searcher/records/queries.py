"""
What is asked, parsed: free words, a tree of restrictions, and filters.

Free words are scored by both legs and restrict nothing. `restriction` is a condition that an *article* meets or
not; it holds for both legs. Words inside it that are not negated are scored too (they are in `scored`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Field = Literal["any", "title"]


@dataclass(frozen=True, slots=True)
class Word:
    """The article has this word (any inflection of it) in its text, or its title only."""

    text: str
    field: Field = "any"


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words in this order; with `slop` > 0, within that many words of each other, in any order."""

    words: tuple[str, ...]
    field: Field = "any"
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that begins like this: `vot*`."""

    text: str
    field: Field = "any"


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word at most `edits` (1 or 2) insertions, deletions, substitutions or swaps away: `word~`."""

    text: str
    edits: int = 1
    field: Field = "any"


@dataclass(frozen=True, slots=True)
class And:
    """All of them hold."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    node: Node


Node = Word | Phrase | Prefix | Fuzzy | And | Or | Not


@dataclass(frozen=True, slots=True)
class Filters:
    """
    Conditions on an article's facts. Within one tuple any value will do; all conditions must hold.

    `sources` and `sections` compare without case and accents; `languages` are ISO 639-1 codes.
    `since` is inclusive, `until` exclusive, both aware UTC; an article without a date meets neither.
    `not_*` exclude. `exclude_ids` are article ids left out.
    """

    sources: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    not_sources: tuple[str, ...] = ()
    not_sections: tuple[str, ...] = ()
    not_languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    exclude_ids: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether they admit every article."""
        return self == Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """
    What was asked, parsed.

    `text`: the words as typed, operators removed: what the encoder reads ("" when nothing is left to encode).
    `free`: free words, in order, as typed (not analysed); they score and restrict nothing.
    `scored`: words, phrases, prefixes and fuzzy words of the restriction that are not negated: they score too.
    `restriction`: what an article must meet, or None.
    `notes`: one sentence for each thing that was ignored or corrected.
    """

    raw: str
    text: str
    free: tuple[str, ...] = ()
    scored: tuple[Word | Phrase | Prefix | Fuzzy, ...] = ()
    restriction: Node | None = None
    filters: Filters = Filters()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was asked: no words, no restriction, no filter."""
        return not self.free and self.restriction is None and self.filters.empty
