"""
Which articles do the filters of a query admit?

Filters hold for the whole query, wherever in it they stand. What the query says joins what was given beside
it (the options of a command): names add up within one kind, and of two dates the narrower counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from searcher.ranking.lexer import Notes, short
from searcher.ranking.when import parse_when
from searcher.records import Filters
from searcher.text import fold

# English names of languages in ISO 639-1, those that news is published in most. Codes work for all others.
_LANGUAGES = {
    "albanian": "sq", "arabic": "ar", "armenian": "hy", "bengali": "bn", "bulgarian": "bg", "catalan": "ca",
    "chinese": "zh", "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en",
    "estonian": "et", "farsi": "fa", "finnish": "fi", "french": "fr", "georgian": "ka", "german": "de",
    "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "icelandic": "is", "indonesian": "id",
    "irish": "ga", "italian": "it", "japanese": "ja", "korean": "ko", "latvian": "lv", "lithuanian": "lt",
    "malay": "ms", "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt", "romanian": "ro",
    "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl", "spanish": "es", "swahili": "sw",
    "swedish": "sv", "tamil": "ta", "thai": "th", "turkish": "tr", "ukrainian": "uk", "urdu": "ur",
    "vietnamese": "vi", "welsh": "cy",
}  # fmt: skip
_CODE = re.compile(r"([a-z]{2})(?:[-_][a-z0-9-_]*)?", re.ASCII)


class Conditions:
    """Gathers the filters of one query."""

    def __init__(self, given: Filters, *, now: datetime, notes: Notes) -> None:
        self._given = given
        self._now = now
        self._notes = notes
        self._names: dict[tuple[str, bool], list[str]] = {}
        self._since = given.since
        self._until = given.until

    def add(self, key: str, value: str, *, negated: bool) -> None:
        """Add `key:value` (or its opposite); a value that cannot be understood is ignored with a note."""
        value = " ".join(value.split())
        if key in ("since", "until"):
            self._add_date(key, value, negated=negated)
        elif key != "language":
            self._names.setdefault((key, negated), []).append(value)
        elif code := language_code(value):
            self._names.setdefault((key, negated), []).append(code)
        else:
            self._notes.add(
                f"{short(value)} is not a language and was ignored; lang: takes codes such as en."
            )

    def filters(self) -> Filters:
        """Give all that was gathered, with a note if no article can ever meet it."""
        if self._since and self._until and self._since >= self._until:
            self._notes.add("No date is that late and that early: since: must lie before until:.")
        given = self._given
        return Filters(
            sources=self._join(given.sources, ("source", False), fold),
            sections=self._join(given.sections, ("section", False), fold),
            languages=self._join(given.languages, ("language", False), str.lower),
            not_sources=self._join(given.not_sources, ("source", True), fold),
            not_sections=self._join(given.not_sections, ("section", True), fold),
            not_languages=self._join(given.not_languages, ("language", True), str.lower),
            since=self._since,
            until=self._until,
            exclude_ids=given.exclude_ids,
        )

    def _add_date(self, key: str, value: str, *, negated: bool) -> None:
        span = parse_when(value, now=self._now)
        if span is None:
            self._notes.add(
                f"{short(value)} is not a date and was ignored; {key}: takes 2024-05-31, 2024-05, 7d or today."
            )
            return
        # Not since May is until April; not until May is since June.
        if (key == "since") != negated:
            bound = span.start if key == "since" else span.end
            self._since = max(bound, self._since or bound)
        else:
            bound = span.end if key == "until" else span.start
            self._until = min(bound, self._until or bound)

    def _join(
        self, given: Iterable[str], slot: tuple[str, bool], same: Callable[[str], str]
    ) -> tuple[str, ...]:
        """The names given and those of the query; of equal names the first."""
        names: dict[str, str] = {}
        for name in (*given, *self._names.get(slot, ())):
            names.setdefault(same(name), name)
        return tuple(names.values())


def language_code(value: str) -> str | None:
    """Give the ISO 639-1 code of `en`, `en-GB` or `English`; None for anything else."""
    value = value.lower()
    if code := _CODE.fullmatch(value):
        return code[1]
    return _LANGUAGES.get(value)
