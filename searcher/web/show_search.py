"""What stands on the search page: hits, why each is there, what narrows them, and what to do where there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from searcher.ingest.language import language_name
from searcher.records import Article, Explanation, Hit, LegScore, Results, Snippet
from searcher.text import one_line
from searcher.web.asked import LAST_PAGE, PAGE_SIZE, PARAMS, State
from searcher.web.parts import Card, Link, Piece, Span, card_of, link, pieces_of, said
from searcher.web.show_narrow import Narrow

MOST_COPIES = 20
_ENDS = tuple(".!?:\"'”’»。！？")
_LEGS = {"lexical": ("words", "Its words"), "dense": ("meaning", "Its meaning")}


@dataclass(frozen=True, slots=True)
class WhyRow:
    """What one leg adds to a score. `x`, `width`: its place in a bar 100 long, which is the best score there can be."""

    kind: str
    what: str
    place: str
    reckoning: str
    part: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Why:
    """How a score came about: the parts of the rows sum to `score`, as they are written."""

    rows: tuple[WhyRow, ...]
    score: str
    formula: str


@dataclass(frozen=True, slots=True)
class HitView:
    """One hit. `title`: the card's, with marks; `similar`: where the articles like it are."""

    rank: int
    card: Card
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    copies: tuple[Card, ...]
    why: Why
    similar: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the reader should know besides, and what to do about it."""

    text: str
    advice: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Nothing:
    """What is said where there are no hits, and what to do."""

    title: str
    texts: tuple[str, ...] = ()
    steps: tuple[Link, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """The same answer for a program."""

    title: str
    type: str
    href: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """
    The search page, or that of similar articles, as its template wants it.

    `said` is what a screen reader says of an answer; `kept`: hidden fields that the next question keeps. `meant`: the
    question that was perhaps meant.
    """

    title: str
    heading: str
    detail: str = ""
    took: str = ""
    said: str = ""
    choices: tuple[Link, ...] = ()
    choices_label: str = "Sort by"
    chips: tuple[Link, ...] = ()
    notices: tuple[Notice, ...] = ()
    meant: Link | None = None
    hits: tuple[HitView, ...] = ()
    first: int = 1
    nothing: Nothing | None = None
    earlier: str = ""
    later: str = ""
    place: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    narrow: Narrow | None = None
    feeds: tuple[Feed, ...] = field(default=())


def show_search(
    state: State,
    results: Results,
    *,
    narrow: Narrow | None = None,
    copies: Mapping[str, Article] | None = None,
    headlines: Mapping[str, Sequence[Span]] | None = None,
    notes: Sequence[str] = (),
    meant: str | None = None,
    instant: bool = False,
) -> SearchPage:
    """
    Give the page of an answer. `copies`: the folded articles by id; `headlines`: what to mark in those of hits, by id;
    `notes`: what of the URL was left out; `meant`: what to ask instead.

    `instant`: the answer is one of words only, and the whole one follows.
    """
    heading = said(results.total, "article") if results.hits else "No articles"
    by = "words only, meaning follows" if instant else _by(state, results)
    pages = -(-results.total // PAGE_SIZE)
    place = f"Page {state.page:,} of {pages:,}" if state.page <= pages else ""
    return SearchPage(
        title=f"{one_line(state.q)} · searcher" if state.q else "searcher",
        heading=heading,
        detail=" · ".join(part for part in (place if state.page > 1 else "", by) if part),
        took=f"{results.took_ms:,.0f} ms" if results.hits else "",
        said=f"{heading}{f' for {one_line(state.q)}' if state.q else ''}. {place if pages > 1 else ''}".strip(),
        choices=_sorts(state) if state.q and results.hits else (),
        chips=_chips(state),
        notices=(*_notices(results), *(Notice(note) for note in (*notes, *results.notes))),
        hits=tuple(
            show_hit(hit, copies or {}, q=state.q, marks=(headlines or {}).get(hit.article_id, ()))
            for hit in results
        ),
        first=results.offset + 1,
        meant=Link(meant, replace(state, q=meant, page=1).url()) if meant else None,
        nothing=None if results.hits else _nothing(state, results, pages),
        earlier=replace(state, page=state.page - 1).url() if 1 < state.page <= pages else "",
        later=replace(state, page=state.page + 1).url() if state.page < min(pages, LAST_PAGE) else "",
        place=place,
        kept=(("sort", state.sort),) if state.sort != "relevance" else (),
        narrow=narrow,
    )


def show_similar(
    article: Article,
    results: Results,
    *,
    when: str,
    page: int,
    copies: Mapping[str, Article],
    note: str = "",
) -> SearchPage:
    """
    Give the page of articles like one. `when`: `before` or `after` it, or "" for all; `note`: what was left out.
    """
    name = f"“{one_line(article.title) or article.article_id}”"
    pages = -(-results.total // PAGE_SIZE)
    like: dict[str, str] = {"id": article.article_id, "when": when}
    nothing = None
    if not results.hits and results.total:
        nothing = _too_far(results.total, pages, link("/similar", {**like}))
    elif not results.hits:
        nothing = Nothing(
            f"Nothing {f'published {when} it ' if when else ''}is about the same thing.",
            steps=(Link("Read the article", card_of(article).href), Link("All articles, newest first", "/")),
        )
    whens = (("", "Any time"), ("before", "Before it"), ("after", "After it"))
    return SearchPage(
        title=f"Like {name} · searcher",
        heading=f"{said(results.total, 'article') if results.hits else 'No articles'} like {name}",
        detail=f"page {page:,} of {pages:,}" if 1 < page <= pages else "",
        said=f"{said(results.total, 'article')} like {name}.",
        choices=tuple(
            Link(label, link("/similar", {"id": article.article_id, "when": value}), chosen=value == when)
            for value, label in (whens if article.published else whens[:1])
        ),
        choices_label="Published",
        notices=(*_notices(results), *((Notice(note),) if note else ())),
        hits=tuple(show_hit(hit, copies) for hit in results),
        first=results.offset + 1,
        nothing=nothing,
        earlier=link("/similar", {**like, "page": page - 1}) if 1 < page <= pages else "",
        later=link("/similar", {**like, "page": page + 1}) if page < pages else "",
        place=f"Page {page:,} of {pages:,}" if page <= pages else "",
    )


def show_hit(hit: Hit, copies: Mapping[str, Article], *, q: str = "", marks: Sequence[Span] = ()) -> HitView:
    """Give one hit as the template wants it. `marks`: the words of the headline to mark."""
    card = card_of(hit.article, q=q)
    return HitView(
        rank=hit.rank,
        card=card,
        title=tuple(pieces_of(card.title, marks if hit.article.title else (), "words")),
        snippet=tuple(_snippet(hit.snippet, hit.article.body)),
        copies=tuple(card_of(copies[one], q=q) for one in hit.copies[:MOST_COPIES] if one in copies),
        why=show_why(hit.explanation),
        similar=link("/similar", {"id": hit.article_id}),
    )


def show_why(explanation: Explanation) -> Why:
    """Give the rows of an explanation. The last part is what the rounded others leave of the rounded score."""
    score = round(explanation.score, 3)
    rows: list[WhyRow] = []
    at, left = 0.0, score
    for leg in explanation.legs:
        is_last = leg is explanation.legs[-1]
        part = left if is_last else round(leg.part, 3)
        rows.append(_why_row(leg, part, at))
        at, left = at + leg.part, left - part
    return Why(tuple(rows), f"{score:.3f}", explanation.formula)


def _why_row(leg: LegScore, part: float, at: float) -> WhyRow:
    kind, what = _LEGS[leg.leg]
    return WhyRow(
        kind=kind,
        what=what,
        place=f"no. {leg.rank:,}" if leg.rank is not None else "beyond the best",
        reckoning=f"{leg.normalised:.3f} × {leg.weight:.2f}",
        part=f"{abs(part):.3f}",
        x=f"{100 * min(max(at, 0.0), 1.0):.2f}",
        width=f"{100 * min(max(leg.part, 0.0), 1.0):.2f}",
    )


def _snippet(snippet: Snippet, body: str) -> list[Piece]:
    """The text with its marks, and `…` where it begins or ends within a sentence."""
    pieces = pieces_of(snippet.text, snippet.marks, "meaning" if snippet.kind == "meaning" else "words")
    before, after = body[: snippet.start].rstrip(), body[snippet.start + len(snippet.text) :].strip()
    if before and not before.endswith(_ENDS):
        pieces.insert(0, Piece("…"))
    if after and not snippet.text.rstrip().endswith(_ENDS):
        pieces.append(Piece("…"))
    return pieces


def _by(state: State, results: Results) -> str:
    if not results.hits:
        return ""
    if not state.q or not any(hit.explanation.legs for hit in results):
        return "newest first"
    return "by words" if results.degraded or results.mode == "lexical" else "by words and meaning"


def _sorts(state: State) -> tuple[Link, ...]:
    relevance, date = replace(state, sort="relevance", page=1), replace(state, sort="date", page=1)
    return (
        Link("Best first", relevance.url(), chosen=state.sort == "relevance"),
        Link("Newest first", date.url(), chosen=state.sort == "date"),
    )


def _chips(state: State) -> tuple[Link, ...]:
    """What narrows the search, each with the way to do without it."""
    chips = [
        Link(language_name(value) if name == "language" else value, state.without(name, value).url())
        for name in PARAMS
        for value in state.named(name)
    ]
    if state.since:
        chips.append(Link(f"from {state.since}", replace(state, since="", page=1).url()))
    if state.until:
        chips.append(Link(f"to {state.until}", replace(state, until="", page=1).url()))
    return tuple(chips)


def _notices(results: Results) -> tuple[Notice, ...]:
    notices = []
    if results.degraded:
        notices.append(Notice(results.degraded))
    if results.waiting:
        notices.append(
            Notice(
                f"{said(results.waiting, 'article')} came in or changed since the indexes were built,"
                f" and {'is' if results.waiting == 1 else 'are'} not found yet.",
                "To index what waits:",
                "searcher update",
            )
        )
    return tuple(notices)


def _too_far(total: int, pages: int, first: str) -> Nothing:
    """What is said on a page after the last."""
    there = "There is only 1 page" if pages == 1 else f"There are only {pages:,} pages"
    return Nothing(f"{there}.", (f"{said(total, 'article')} in all.",), (Link("The first page", first),))


def _nothing(state: State, results: Results, pages: int) -> Nothing:
    """Why there are no hits, and what else could be asked."""
    if results.total:
        return _too_far(results.total, pages, replace(state, page=1).url())
    steps = []
    if state.narrowed:
        steps.append(
            Link("Ask the same of all outlets, sections, languages and dates", State(q=state.q).url())
        )
    if results.query.restriction is not None and results.query.text:
        steps.append(Link(f"Ask in plain words: {results.query.text}", State(q=results.query.text).url()))
    steps.append(Link("See all articles, newest first", "/"))
    return Nothing(
        f"No good match for “{one_line(state.q)}”" if state.q else "Nothing matches",
        ("Other or fewer words may find it. What is about the same thing is found without sharing a word.",)
        if state.q
        else (),
        tuple(steps),
    )
