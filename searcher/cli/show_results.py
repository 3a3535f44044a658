"""
What does a page of hits look like on a terminal? The header, the hits, and what the person should know besides.

Title first, outlet and date under it, then the text that answers with its words marked, then what to type to go on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from searcher.cli.console import facts, print_wrapped, safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from searcher.records import Explanation, Hit, LegScore, Results, Snippet

_INDENT = "    "
_COPIES_NAMED = 3
_THIN = "Weak matches: these may have little to do with the question."
_SPACES = re.compile(r"\s+")
_ENDS = tuple(".!?:\"'”’»。！？")
_MARK_STYLES = {"words": "bold underline", "meaning": "bold", "lead": ""}


def show_results(console: Console, results: Results, *, asked: str, explain: bool = False) -> None:
    """Print an answer. `asked`: the question in words, for the person who asked it."""
    for note in results.notes:
        console.print(safe(f"Note: {note}", "yellow"))
    if results.degraded:
        console.print(safe(f"Warning: {results.degraded}", "bold red"))
    if results.verdict == "none":
        _show_nothing(console, results, asked)
    else:
        console.print(safe(header(results), "dim"))
        if results.verdict == "thin":
            console.print(safe(_THIN, "yellow"))
        for hit in results:
            console.print()
            _show_hit(console, hit, explain=explain)
    if results.waiting:
        console.print()
        console.print(
            safe(f"{_count(results.waiting, 'revision')} not indexed yet. Run: searcher update", "yellow")
        )


def header(results: Results) -> str:
    """Give the line above the hits: `12 articles · hybrid · 8 ms · generation 3`."""
    first, last = results.offset + 1, results.offset + len(results)
    if not len(results):
        what = f"No more: {_count(results.total, 'article')} in all"
    elif len(results) == results.total:
        what = _count(results.total, "article")
    else:
        what = f"{first:,}–{last:,} of {_count(results.total, 'article')}"
    return f"{what} · {results.mode} · {results.took_ms:.0f} ms · generation {results.generation}"


def _show_hit(console: Console, hit: Hit, *, explain: bool) -> None:
    from rich.text import Text

    article = hit.article
    print_wrapped(
        console, safe(article.title or "(no title)", "bold"), indent=_INDENT, first=f"{hit.rank:>2}. "
    )
    print_wrapped(
        console, Text.assemble(safe(facts(article)), safe(f" · {hit.score:.3f}", "dim")), indent=_INDENT
    )
    print_wrapped(console, _snippet(hit.snippet, article.body), indent=_INDENT)
    if hit.copies:
        print_wrapped(console, safe(_copies(hit.copies), "dim"), indent=_INDENT)
    where = " · ".join(one for one in (hit.article_id, article.url) if one)
    # Never wrapped: an id or a URL cut in two cannot be copied.
    console.print(safe(f"{_INDENT}{where}", "dim"), soft_wrap=True)
    if explain:
        for line in explained(hit.explanation):
            print_wrapped(console, safe(line, "cyan"), indent=_INDENT)


def explained(explanation: Explanation) -> list[str]:
    """Give the lines that say how a score came about: each leg's part, then their sum."""
    lines = [_leg_line(leg) for leg in explanation.legs]
    return [*lines, f"sum {explanation.score:.4f} · {explanation.formula}"]


def _leg_line(leg: LegScore) -> str:
    rank = f"rank {leg.rank}" if leg.rank is not None else "filled in"
    return (
        f"{leg.leg:<7}  {rank:<9}  raw {leg.score:>9.4f}  normalised {leg.normalised:.4f}"
        f" x {leg.weight:.2f} = {leg.part:.4f}"
    )


def _snippet(snippet: Snippet, body: str) -> Text:
    """The text with its marks, and `…` where it begins or ends within a sentence."""
    from rich.text import Text

    before, after = body[: snippet.start].rstrip(), body[snippet.start + len(snippet.text) :].strip()
    style = _MARK_STYLES[snippet.kind]
    text = Text("…" if before and not before.endswith(_ENDS) else "")
    at = 0
    for start, end in snippet.marks:
        text.append_text(safe(_flat(snippet.text[at:start])))
        text.append_text(safe(_flat(snippet.text[start:end]), style))
        at = end
    text.append_text(safe(_flat(snippet.text[at:]).rstrip()))
    return text.append("…" if after and not snippet.text.rstrip().endswith(_ENDS) else "")


def _flat(text: str) -> str:
    """Paragraphs run on in a snippet: any white space is one space."""
    return _SPACES.sub(" ", text)


def _copies(copies: tuple[str, ...]) -> str:
    named = ", ".join(copies[:_COPIES_NAMED])
    more = ", …" if len(copies) > _COPIES_NAMED else ""
    return f"+{len(copies)} {'copy' if len(copies) == 1 else 'copies'}: {named}{more}"


def _show_nothing(console: Console, results: Results, asked: str) -> None:
    console.print(safe(f"No good match for {asked}.", "bold"))
    console.print(safe(_advice(results), ""))


def _advice(results: Results) -> str:
    advice = []
    if not results.query.filters.empty:
        advice.append("fewer filters (outlet, section, language, dates)")
    if results.query.restriction is not None:
        advice.append("plain words without operators and quotes")
    if results.mode != "hybrid":
        advice.append("--mode hybrid")
    if results.query.free or results.query.restriction is not None:
        advice.append("other or fewer words")
    return f"Try {', or '.join(advice)}." if advice else "Nothing in the library is about the same thing."


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
