"""
Which of these fields is the headline? Names of the fields that articles have in other people's JSON and CSV, and one
record of them as a draft.

Names are compared without case, blanks, `-` and `_`. Where several fields could be the one, the order below decides,
then the first that is not blank; what the user says (`--field title=headline`) goes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from searcher.errors import SettingsError
from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.field_markup import plain_text
from searcher.records import Origin, Rejection

Record = Mapping[str, Any]

# What a field is called in the wild, most telling first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id", "article_id", "doc_id", "docno", "guid", "uuid"),
    "title": ("title", "headline", "name", "heading", "web_title"),
    "body": (
        *(
            "body",
            "text",
            "content",
            "article_body",
            "article",
            "maintext",
            "main_text",
            "full_text",
            "body_text",
        ),
        *("content_text", "content_html", "article_text", "plain_text", "story"),
        *("lead_paragraph", "abstract", "summary", "description"),
    ),
    "url": ("url", "link", "permalink", "canonical_url", "web_url", "source_url", "article_url", "uri"),
    "source": (
        *("source", "outlet", "publisher", "publication", "site", "source_name", "site_name", "news_source"),
        *("newspaper", "source_domain", "domain"),
    ),
    "authors": ("authors", "author", "byline", "creator", "author_name", "by"),
    "section": ("section", "category", "topic", "section_name", "news_desk", "desk"),
    "language": ("language", "lang", "lang_code", "language_code"),
    "published": (
        *(
            "published",
            "date",
            "published_at",
            "pub_date",
            "date_published",
            "publish_date",
            "publication_date",
        ),
        *(
            "published_date",
            "publish_time",
            "web_publication_date",
            "datetime",
            "created_at",
            "timestamp",
            "time",
        ),
    ),
}
LISTS = frozenset(
    str.split("articles items results docs documents stories news entries hits data posts records rows feed")
)
_INNER = ("name", "text", "value", "main", "label", "title", "$date", "$oid", "#text")


def check_fields(fields: Mapping[str, str]) -> None:
    """Raise SettingsError if the user maps a field to one that articles do not have."""
    for theirs, ours in fields.items():
        if field_of(ours) is None:
            known = ", ".join(NAMES)
            raise SettingsError(f"No field '{ours}' to map '{theirs}' to. Known: {known}.")


def field_of(name: str) -> str | None:
    """Give our name of a field by any of its common names, or None."""
    return _known().get(_normal(name))


def is_list_name(name: str) -> bool:
    """Whether a key of this name, holding a list of objects, holds the articles."""
    return _normal(name) in LISTS


def is_body_name(name: str, options: IngestOptions) -> bool:
    """Whether a key of this name holds an article's text."""
    return field_of(options.fields.get(name, name)) == "body"


def draft_from_record(record: Record, origin: Origin, options: IngestOptions) -> Draft | Rejection:
    """Give the article that a record of named values holds, or a Rejection that says which fields it has instead."""
    record = _flat(record)
    options.found.update(n for n in options.fields if n in record or _at(record, n) is not None)
    ours = _by_our_names(record, options.fields)
    body = next((text for value in ours["body"] if (text := _long_text(value)).strip()), "")
    if not body:
        return Rejection(str(origin), _no_body(record, ours["body"], options))
    return Draft(
        origin=origin,
        body=body,
        title=plain_text(_first(ours["title"]) or ""),
        article_id=_first(ours["id"]),
        url=_first(ours["url"]),
        source=_first(ours["source"]),
        authors=next((names for value in ours["authors"] if (names := tuple(_texts(value)))), ()),
        section=_first(ours["section"]),
        language=_first(ours["language"]),
        published=_first(ours["published"]),
    )


def names_there(names: Iterable[str], options: IngestOptions) -> str:
    """Say which fields there are, where none is the body, and which one that should have been it is not there."""
    there = list(names)
    said = ", ".join(f"'{name[:40]}'" for name in there[:12]) or "none"
    missing = (
        name for name, ours in options.fields.items() if field_of(ours) == "body" and name not in there
    )
    return said + "".join(f", but no '{name[:40]}'" for name in missing)


def _no_body(record: Record, bodies: list[Any], options: IngestOptions) -> str:
    if bodies:
        return "it has no body: the text is empty"
    return (
        f"no field of it is the body (it has {names_there(record, options)}): name it with --field body=NAME"
    )


@cache
def _known() -> dict[str, str]:
    return {_normal(name): field for field, names in NAMES.items() for name in (field, *names)}


@cache
def _rank() -> dict[str, int]:
    return {_normal(name): place for names in NAMES.values() for place, name in enumerate(names)}


@lru_cache(maxsize=1_024)
def _normal(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _flat(record: Record) -> Record:
    """A search engine's hit, or an answer, holds the article one level down."""
    for name in ("_source", "fields", "article", "data"):
        if isinstance(inner := record.get(name), Mapping):
            return {**{key: value for key, value in record.items() if key != name}, **inner}
    return record


def _by_our_names(record: Record, mapped: Mapping[str, str]) -> dict[str, list[Any]]:
    """The values of each of our fields, the likeliest first."""
    ranked: dict[str, list[tuple[int, Any]]] = {field: [] for field in NAMES}
    for name, ours in mapped.items():
        if (field := field_of(ours)) and (value := _at(record, name)) is not None:
            ranked[field].append((-1, value))
    for name, value in record.items():
        field = field_of(name)
        if field and value is not None and name not in mapped:
            ranked[field].append((_rank()[_normal(name)], value))
    return {field: [v for _, v in sorted(pairs, key=lambda pair: pair[0])] for field, pairs in ranked.items()}


def _at(record: Record, path: str) -> Any:
    """The value of a field, or with dots in its name, of a field of a field."""
    value: Any = record
    if path in record:
        return record[path]
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _first(values: Iterable[Any]) -> str | None:
    return next((text for value in values for text in _texts(value)), None)


def _texts(value: Any) -> Iterable[str]:
    """The texts of a value that is one, a number, an object with a name, or a list of these; never a blank one."""
    values = value if isinstance(value, list | tuple) else [value]
    for item in values:
        if isinstance(item, Mapping):
            item = next((item[key] for key in _INNER if item.get(key)), None)
        if isinstance(item, bool) or not isinstance(item, str | int | float):
            continue
        if text := str(item).strip():
            yield text


def _long_text(value: Any) -> str:
    """A body: a text, or a list of paragraphs."""
    return plain_text("\n".join(_texts(value)) if not isinstance(value, str) else value)
