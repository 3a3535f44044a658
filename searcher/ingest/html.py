"""
Which article is on this page? One saved or fetched HTML page to one draft.

trafilatura finds the text (its default settings: measured best of five); the facts come from `pagefacts`.
Caps come first: trafilatura takes time quadratic in the number of elements.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.html_text import Element, decode_markup, parse_markup
from searcher.ingest.pagefacts import PageFacts, is_front_page, read_facts
from searcher.records import Origin, Rejection
from searcher.text import fold

MAX_PAGE_CHARS = 3_000_000
MAX_ELEMENTS = 20_000
_SHORT_TEXT = 100
_NOT_TEXT = ("script", "style", "template", "svg", "iframe")


def read_html(data: bytes | str, origin: Origin, options: IngestOptions) -> list[Draft] | Rejection:
    """
    Give the article of one HTML page as a draft, or why there is none.

    Text has its paragraphs, with an empty line between them. Facts are what the page itself states (JSON-LD, meta
    elements, `<time>`); its date stays as written. The address is the canonical link, else og:url, else where the
    page was fetched. Pages past 3,000,000 characters or 20,000 elements are rejected: they are not one article,
    and would take minutes.
    """
    if len(data) > MAX_PAGE_CHARS * (4 if isinstance(data, bytes) else 1):
        return _reject(origin, f"page is larger than {MAX_PAGE_CHARS:,} characters")
    markup = data if isinstance(data, str) else decode_markup(data)
    if len(markup) > MAX_PAGE_CHARS:
        return _reject(origin, f"page is larger than {MAX_PAGE_CHARS:,} characters")
    tree = parse_markup(markup)
    if tree is None:
        return _reject(origin, "no HTML in this page")
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        return _reject(origin, f"page has more than {MAX_ELEMENTS:,} HTML elements")
    facts = read_facts(tree, fetched_from=_web_address(origin))
    return _draft(tree, facts, origin)


def _draft(tree: Element, facts: PageFacts, origin: Origin) -> list[Draft] | Rejection:
    too_deep = _is_too_deep(tree)
    headlines = [facts.title, *(" ".join(h1.itertext()) for h1 in tree.iter("h1"))]
    body = _without_headline(_body(tree, facts), headlines)
    if not body:
        return _reject(
            origin, "page is nested too deeply to read" if too_deep else "no article text found in this page"
        )
    if not facts.is_article and (len(body) < _SHORT_TEXT or is_front_page(facts.url or "http://page/one")):
        return _reject(origin, "no article text found in this page")
    return [
        Draft(
            origin=origin,
            body=body,
            title=facts.title,
            url=facts.url,
            source=facts.source,
            authors=facts.authors,
            section=facts.section,
            language=facts.language,
            published=facts.published,
            published_from=facts.published_from,
        )
    ]


def _body(tree: Element, facts: PageFacts) -> str:
    """Give the article's text; what JSON-LD holds is taken where the page shows less than half of it."""
    shown = _extracted(tree)
    return facts.article_text if len(facts.article_text) > 2 * len(shown) else shown


def _extracted(tree: Element) -> str:
    """Give the text that trafilatura finds, "" if none. Changes `tree`."""
    import trafilatura

    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    _drop(tree, _NOT_TEXT)
    try:
        text: Any = trafilatura.extract(tree, include_comments=False, include_tables=True)
    except Exception:
        # It guesses its way through a stranger's tree: whatever it trips over, it found no text.
        return ""
    return _paragraphs(text or "")


def _drop(tree: Element, tags: tuple[str, ...]) -> None:
    # Scripts go before trafilatura sees them: two of its patterns are quadratic in a script's length.
    for element in list(tree.iter(*tags)):
        if element.getparent() is not None:
            element.drop_tree()


def _paragraphs(text: str) -> str:
    """Give `text` with an empty line between paragraphs; trafilatura ends each block with one newline."""
    blocks = re.sub(r"\n+", "\n\n", text.strip())
    return re.sub(r"(?<=\n)(- .*|\|.*)\n\n(?=- |\|)", r"\1\n", blocks)


def _without_headline(body: str, headlines: list[str]) -> str:
    """Give `body` without a first paragraph that only repeats a headline of the page."""
    first, _, rest = body.partition("\n\n")
    return rest if rest and fold(first) in map(fold, headlines) else body


def _is_too_deep(tree: Element) -> bool:
    return bool(tree.xpath("boolean(//*[count(ancestor::*) >= 250])"))


def _web_address(origin: Origin) -> str | None:
    return origin.where if origin.where.startswith(("http://", "https://")) else None


def _reject(origin: Origin, reason: str) -> Rejection:
    return Rejection(str(origin), reason)
