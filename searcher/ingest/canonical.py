"""
What is this article, in the one form that everything else relies on? A draft, cleaned and checked; or why not.

One normal form of text, one id, one URL, one language, one moment or none. The same draft and options give the same
article, on any machine.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from typing import Literal

from searcher.ingest.dates import is_plausible, parse_moment
from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.language import detect_language, language_code
from searcher.ingest.urls import canonical_url
from searcher.records import Article, Moment, Rejection
from searcher.text import clean, fold, one_line

MAX_ID = 512
MAX_TITLE = 1_000
DERIVED_TITLE = 120
MAX_NAME = 200
MAX_AUTHORS = 50
_UNPRINTABLE_SHARE = 0.1


def canonicalise(draft: Draft, options: IngestOptions) -> Article | Rejection:
    """
    Give the article of a draft, or a Rejection that names its place: no body, over the size cap, or not text.

    Titles end at 1,000 characters, names of outlets, sections and authors at 200. A missing title is the beginning
    of the body. A date that is impossible is none; what was written is kept in `published_raw`.
    """
    body = clean_body(draft.body)
    if problem := _problem(draft.body, body, options):
        return Rejection(str(draft.origin), problem)
    title = _shortened(one_line(draft.title), MAX_TITLE) or derive_title(body)
    url = canonical_url(draft.url) if draft.url else None
    source = _name(draft.source) or _name(options.source)
    article_id, id_origin = _identify(draft.article_id, url, source, title, body)
    raw = one_line(draft.published)[:MAX_NAME] if draft.published else None
    return Article(
        article_id=article_id,
        title=title,
        body=body,
        origin=draft.origin,
        id_origin=id_origin,
        url=url,
        source=source,
        authors=split_authors(draft.authors),
        section=_name(draft.section),
        language=(language_code(draft.language) if draft.language else None)
        or detect_language(f"{title}\n{body}"),
        published=_published(draft, raw, options),
        published_raw=raw or None,
        fetched=options.now,
    )


def canonicalise_record(article: Article, options: IngestOptions) -> Article | Rejection:
    """
    Give an article that a program made in canonical form, or a Rejection that names its origin.

    It is treated as a draft with these facts would be; only its names of authors are not taken apart, and a moment
    without a time zone is no moment. A canonical article stays as it is, but for a language or date that it lacks.
    """
    for moment in (article.published.at if article.published else None, article.fetched):
        if moment is not None and moment.tzinfo is None:
            return Rejection(
                str(article.origin), f"its date {moment} names no time zone: give an aware datetime"
            )
    draft = Draft(
        origin=article.origin,
        body=article.body,
        title=article.title,
        article_id=article.article_id,
        url=article.url,
        source=article.source,
        section=article.section,
        language=article.language,
        published=article.published_raw,
        moment=article.published,
    )
    made = canonicalise(draft, options)
    if isinstance(made, Rejection):
        return made
    return replace(
        made,
        id_origin=article.id_origin if made.id_origin == "given" else made.id_origin,
        authors=tuple(name for author in article.authors if (name := _name(author))),
        fetched=article.fetched,
    )


def clean_body(text: str) -> str:
    """Give `text` cleaned, its paragraphs apart by one blank line at most, without spaces at the ends of lines."""
    lines = clean(text).replace("\xa0", " ").split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(map(str.rstrip, lines))).strip()


_BLANK_LINES = re.compile(r"\n{3,}")


def _problem(raw: str, body: str, options: IngestOptions) -> str:
    if not any(map(str.isalnum, body)):
        return "it has no body: there are no words in it" if body else "it has no body"
    if len(body) > options.max_body_chars:
        return f"its body has {len(body):,} characters, more than the {options.max_body_chars:,} allowed"
    looked_at = raw[:_LOOKED_AT]
    if len(_UNPRINTABLE.findall(looked_at)) > _UNPRINTABLE_SHARE * len(looked_at):
        return "it is not text: much of it cannot be printed"
    return ""


_LOOKED_AT = 20_000
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufffd]")


def derive_title(body: str) -> str:
    """Give a title for a text without one: its first sentence, or as many of its words as fit 120 characters."""
    text = one_line(body[: 20 * DERIVED_TITLE])
    sentence = _SENTENCE.match(text)
    return _shortened(sentence[0] if sentence else text, DERIVED_TITLE)


_SENTENCE = re.compile(r"\S[^.!?。！？]{2,}[。！？]|\S.{9,}?[.!?][\"'”’»)]*(?=\s|$)")


def _shortened(text: str, max_chars: int) -> str:
    if len(text) <= max_chars:
        return text
    words = text[: max_chars - 1].rpartition(" ")[0]
    return (words if len(words) > max_chars // 2 else text[: max_chars - 1]).rstrip(" ,;:-–—") + "…"


def _name(text: str | None) -> str | None:
    return one_line(text)[:MAX_NAME].strip() or None if text else None


def _identify(
    given: str | None, url: str | None, source: str | None, title: str, body: str
) -> tuple[str, Literal["given", "url", "content"]]:
    article_id = one_line(given) if given else ""
    if 0 < len(article_id) <= MAX_ID:
        return article_id, "given"
    if url:
        return f"u-{_digest(url)}", "url"
    return f"c-{_digest(chr(31).join(map(fold, (source or '', title, body))))}", "content"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def split_authors(names: tuple[str, ...]) -> tuple[str, ...]:
    """Give the people named in bylines, each once, in order: "By Jane Doe and John Roe" names two."""
    people: dict[str, str] = {}
    for byline in names[:MAX_AUTHORS]:
        line = _BY.sub("", one_line(byline[:2_000]))
        for part in _AND.split(line):
            if (person := part.strip(" ,;|-–—")[:MAX_NAME]) and not _ADDRESS.fullmatch(person):
                people.setdefault(fold(person), person)
    return tuple(people.values())[:MAX_AUTHORS]


_BY = re.compile(r"^(?:written |posted |reported )?by:?\s+", re.I)
# A comma parts names, but not "Jane Doe, Jr.", and not "Doe, Jane" alone.
_AND = re.compile(
    r"\s*(?:;|\||\s(?:and|und|et|y|&)\s|,\s+(?:and\s+)?(?!(?:Jr|Sr|MD|PhD|Ph\.D|I{2,3})\b))\s*", re.I
)
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")


def _published(draft: Draft, raw: str | None, options: IngestOptions) -> Moment | None:
    if draft.moment is not None:
        return draft.moment if is_plausible(draft.moment.at, options.now) else None
    if not raw:
        return None
    return parse_moment(raw, now=options.now, as_of=_as_of(options), origin=draft.published_from)


def _as_of(options: IngestOptions) -> datetime:
    return options.as_of or options.now
