"""
What does this page say of itself? Headline, outlet, authors, date, section, language, address: in its own words.

Read from what publishers write for machines: JSON-LD (schema.org), Open Graph and other meta elements, `<time>`.
Here, and not by trafilatura's metadata, because that guesses dates from prose and cuts times down to the day.
Nothing is guessed: a fact that the page does not state is None. Never reads the article's text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from searcher.ingest.html_text import Element, line_of, resolved, text_of, without_outlet
from searcher.text import fold

# schema.org's Article and the types under it that news sites use.
_ARTICLE_TYPES = re.compile(r"(?:\w*Article|BlogPosting|LiveBlogPosting|Report|Review)$")
_DATE_METAS = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "article:published",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_date",
    "published_at",
    "pubdate",
    "citation_publication_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "dcterms.date",
    "date",
)
_AUTHOR_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_SECTION_METAS = ("article:section", "parsely-section", "section", "cxenseparse:recs:category")
_SITE_METAS = ("og:site_name", "application-name", "publisher", "dc.publisher", "twitter:app:name:iphone")
_HAS_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20|21)\d\d")
_NOT_A_NAME = re.compile(r"://|@|^\W*\d+\W*$|\{\{|^[a-z]+(?:-[a-z]+)+$")
_NODES_READ = 2_000


@dataclass(frozen=True, slots=True)
class PageFacts:
    """
    What a page says of itself. `is_article`: it calls itself an article. `article_text`: the text in its JSON-LD.

    `published` is the date as written; `published_from` is `json-ld`, `meta` or `time`.
    """

    title: str = ""
    source: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_from: str = "meta"
    section: str | None = None
    language: str | None = None
    url: str | None = None
    is_article: bool = False
    article_text: str = ""


def read_facts(tree: Element, *, fetched_from: str | None) -> PageFacts:
    """
    Give the facts that this page states. `tree`: from `parse_markup`, scripts still in it.

    `fetched_from`: the page's address if it came from the web: relative addresses count from there.
    """
    nodes = _ld_nodes(tree)
    metas = _metas(tree)
    url = _url(tree, metas, fetched_from)
    article = _article_node(nodes, url)
    source = _source(article, nodes, metas)
    published, published_from = _published(tree, article, nodes, metas)
    return PageFacts(
        title=_title(tree, article, metas, source),
        source=source,
        authors=_authors(article, nodes, metas, source),
        published=published,
        published_from=published_from,
        section=_first_text(article.get("articleSection")) or _first_meta(metas, _SECTION_METAS),
        language=_language(tree, article, metas),
        url=url,
        is_article=bool(article) or metas.get("og:type", "").lower() == "article",
        article_text=text_of(body) if isinstance(body := article.get("articleBody"), str) else "",
    )


# ---- JSON-LD ----------------------------------------------------------------------------------------------------


def _ld_nodes(tree: Element) -> list[dict[str, Any]]:
    """Give the page's JSON-LD objects, outermost first; scripts that are not JSON are passed over."""
    nodes: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        try:
            value = json.loads(_bare_json(script.text or ""), strict=False)
        except (ValueError, RecursionError):
            continue
        nodes.extend(_flattened(value))
    return nodes[:_NODES_READ]


def _bare_json(text: str) -> str:
    """Give the script without the comment or CDATA wrapping that old templates put around it."""
    text = text.strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removeprefix("<![CDATA[").strip()
    return text.removesuffix("//]]>").removesuffix("]]>").strip().rstrip(";")


def _flattened(value: Any) -> Iterator[dict[str, Any]]:
    """Yield `value` and the objects that stand for the page in it; lists of other articles are not entered."""
    waiting = [value]
    for _ in range(_NODES_READ):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node[:_NODES_READ]))
        elif isinstance(node, dict):
            yield node
            waiting.extend(node[key] for key in ("mainEntityOfPage", "mainEntity", "@graph") if key in node)


def _article_node(nodes: list[dict[str, Any]], url: str | None) -> dict[str, Any]:
    """Give the object that describes the page's article: the one with the page's address, else the first."""
    articles = [node for node in nodes if any(_ARTICLE_TYPES.match(kind) for kind in _types(node))]
    named = [
        node
        for node in articles
        if url and url in (_ref(node.get(k)) for k in ("url", "mainEntityOfPage", "@id"))
    ]
    return next(iter(named or articles), {})


def _types(node: Mapping[str, Any]) -> list[str]:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in listed if isinstance(kind, str)]


def _ref(value: Any) -> str | None:
    found = value.get("@id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def _first_text(value: Any) -> str | None:
    """Give the first text in `value` (a text, an object with a name, or a list of those), on one line."""
    return next(iter(_names(value, {})), None)


def _names(value: Any, by_id: Mapping[str, Any], depth: int = 0) -> list[str]:
    """Give the names in `value`; an object that has only an `@id` is looked up in `by_id`."""
    if depth > 3:
        return []
    if isinstance(value, str):
        return [name] if (name := line_of(value)) else []
    if isinstance(value, list):
        return [name for item in value[:50] for name in _names(item, by_id, depth + 1)]
    if isinstance(value, dict):
        named = value.get("name") or by_id.get(str(value.get("@id")), {}).get("name")
        return _names(named, by_id, depth + 1)
    return []


# ---- meta elements ----------------------------------------------------------------------------------------------


def _metas(tree: Element) -> dict[str, str]:
    """Give the page's meta elements by name, lower case; the first of a name counts."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        content = (meta.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _first_meta(metas: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((text for name in names if name in metas and (text := line_of(metas[name]))), None)


# ---- the facts --------------------------------------------------------------------------------------------------


def _url(tree: Element, metas: Mapping[str, str], fetched_from: str | None) -> str | None:
    """
    Give the page's own address: canonical link, else og:url, else where it was fetched.

    A canonical link to the front page is a mistake that many sites make; taking it would make all their articles one.
    """
    links = (
        link.get("href")
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    )
    stated = [_absolute(url, fetched_from) for url in (next(links, None), metas.get("og:url"))]
    usable = [url for url in stated if url]
    return (
        next((url for url in usable if not is_front_page(url)), None)
        or fetched_from
        or next(iter(usable), None)
    )


def is_front_page(url: str) -> bool:
    """Whether this address is that of a whole site."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _absolute(url: str | None, base: str | None) -> str | None:
    found = resolved(url or "", base)
    return found if re.match(r"https?://[^\s/]", found) else None


def _source(article: Mapping[str, Any], nodes: list[dict[str, Any]], metas: Mapping[str, str]) -> str | None:
    """Give the outlet's name; og:site_name is what readers call it, the publisher in JSON-LD is often the company."""
    publisher = next(iter(_names(article.get("publisher"), _by_id(nodes))), None)
    site = _first_meta(metas, _SITE_METAS[:1])
    if site and _is_name(site):
        return site
    return publisher or site or _first_meta(metas, _SITE_METAS[1:])


def _is_name(site: str) -> bool:
    return " " in site or not re.search(r"\.[a-z]{2,}$", site)


def _by_id(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    return {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and node.get("name")}


def _title(tree: Element, article: Mapping[str, Any], metas: Mapping[str, str], source: str | None) -> str:
    """Give the headline, as JSON-LD, og:title, the first h1 or title state it (the best order of eight measured)."""
    stated = [
        _first_text(article.get("headline")) or "",
        line_of(metas.get("og:title", "")),
        *(" ".join(h1.itertext()) for h1 in tree.iter("h1")),
        *(" ".join(title.itertext()) for title in tree.iter("title")),
    ]
    titles = (without_outlet(" ".join(text.split()), source) for text in stated)
    return next((title for title in titles if title), "")


def _authors(
    article: Mapping[str, Any], nodes: list[dict[str, Any]], metas: Mapping[str, str], source: str | None
) -> tuple[str, ...]:
    """Give the bylines; an outlet that only names itself as author is kept when nobody else is named."""
    in_json = _people(_names(article.get("author") or article.get("creator"), _by_id(nodes)))
    in_metas = _people([metas[name] for name in _AUTHOR_METAS if name in metas])
    outlet = fold(source or "")
    for people in (in_json, in_metas):
        if any(fold(person) != outlet for person in people):
            return people
    return in_json or in_metas


def _people(bylines: list[str]) -> tuple[str, ...]:
    """Give the bylines that can name people: no addresses, numbers or templates that were never filled in."""
    lines = (line_of(byline) for byline in bylines)
    return tuple(dict.fromkeys(line for line in lines if line and not _NOT_A_NAME.search(line)))


def _published(
    tree: Element, article: Mapping[str, Any], nodes: list[dict[str, Any]], metas: Mapping[str, str]
) -> tuple[str | None, str]:
    """Give the date as written and what said so; a text without a year in it is not a date."""
    pages = [node for node in nodes if "WebPage" in _types(node)]
    stated = [(node.get("datePublished"), "json-ld") for node in (article, *pages)]
    stated += [(metas.get(name), "meta") for name in _DATE_METAS]
    stated += [(text, "time") for text in _times(tree)]
    for text, said_by in stated:
        if isinstance(text, str) and len(text) <= 64 and _HAS_YEAR.search(text):
            return text.strip(), said_by
    return None, "meta"


def _times(tree: Element) -> Iterator[str]:
    """Yield the `datetime` of `<time>` elements that are marked as the publication, then of the article's first."""
    times = [time for time in tree.iter("time") if time.get("datetime")]
    for time in times:
        if time.get("pubdate") is not None or (time.get("itemprop") or "") == "datePublished":
            yield time.get("datetime")
    for time in times:
        if any(parent.tag in ("article", "main") for parent in time.iterancestors()):
            yield time.get("datetime")
            return


def _language(tree: Element, article: Mapping[str, Any], metas: Mapping[str, str]) -> str | None:
    root = tree.getroottree().getroot()
    said = article.get("inLanguage")
    return (
        (_first_text(said) if isinstance(said, str) else None)
        or (root.get("lang") or root.get("xml:lang") or "").strip()
        or metas.get("content-language")
        or metas.get("og:locale")
        or None
    )
