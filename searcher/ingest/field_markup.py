"""
The text of a field that was copied out of a web page: tags away, paragraphs kept, entities read.

Only for a field of a record. A whole page goes to `html.py`, which finds the article in it. A text is taken for
markup on proof only, a closing tag or a line break of HTML: `STANDARD OIL <SRD> TO FORM UNIT` is a headline.
"""

from __future__ import annotations

import html
import re
from functools import cache

_BLOCKS = str.split(
    "p div br li ul ol tr table blockquote h1 h2 h3 h4 h5 h6 section article header footer figure figcaption "
    "pre hr dd dt aside main"
)
_INLINE = str.split(
    "a b i em strong span img u s small sub sup font cite q code abbr time mark td th tbody thead"
)
_HIDDEN = str.split("script style iframe noscript template")
_NAMES = "|".join(sorted((*_BLOCKS, *_INLINE, *_HIDDEN), key=lambda name: (-len(name), name)))
_PROOF = re.compile(rf"</(?:{_NAMES})\s*>|<br\s*/?>|<img\s", re.IGNORECASE)
# [^<>]*: a tag ends at the next bracket of either kind, so no input makes the search go back.
_PIECE = re.compile(rf"<!--|-->|<(?P<close>/?)(?P<name>{_NAMES})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|quot|apos|nbsp|lt|gt|[lr][sd]quo|[nm]dash|hellip);", re.IGNORECASE
)


def plain_text(text: str) -> str:
    """Give `text` without markup if it clearly is HTML, with its entities read if it has any; else as it is."""
    if _PROOF.search(text):
        return html.unescape(_strip_tags(text)).replace("\xa0", " ").strip()
    if "&" in text and _ENTITY.search(text):
        return _ENTITY.sub(lambda match: html.unescape(match[0]), text).replace("\xa0", " ")
    return text


def _strip_tags(text: str) -> str:
    """One pass from left to right; blocks become line breaks, comments and scripts nothing."""
    lower = text.lower()

    @cache
    def last_end(name: str) -> int:
        """Where the last thing that can end it stands: what never ends hides nothing."""
        return lower.rfind(name if name == "-->" else f"</{name}")

    kept: list[str] = []
    hidden: str | None = None
    end = 0
    for match in _PIECE.finditer(text):
        if hidden is None:
            # In HTML a line break is a blank: what breaks lines is a block.
            kept.append(re.sub(r"\s+", " ", text[end : match.start()]))
        end = match.end()
        closing, name = bool(match["close"]), (match["name"] or match[0]).lower()
        if hidden is not None:
            hidden = None if name == hidden and (closing or name == "-->") else hidden
        elif not closing and (name == "<!--" or name in _HIDDEN):
            hidden = "-->" if name == "<!--" else name
            hidden = hidden if last_end(hidden) > end else None
        elif name in _BLOCKS:
            kept.append("\n")
    if hidden is None:
        kept.append(re.sub(r"\s+", " ", text[end:]))
    lines = ("".join(kept)).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())
