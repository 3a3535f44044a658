"""
Which text is in this markup? HTML, whole or in pieces, to plain text with its paragraphs.

Here, and not trafilatura, because a feed's item is already the article: nothing is to be guessed away, only tags,
scripts and styles. Never renders, never fetches.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from searcher.ingest.encoding import find_encoding
from searcher.text import fold

# The tree is lxml's, which has no types of its own.
Element = Any

_BLOCKS = frozenset(
    str.split(
        "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure "
        "footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr li main marquee menu nav ol p pre search section "
        "summary table tbody td tfoot th thead tr ul"
    )
)
_UNSEEN = frozenset(
    str.split(
        "audio button canvas datalist head map math noframes script select style svg template textarea title "
        "video"
    )
)
_INLINE = frozenset(
    str.split(
        "a abbr acronym applet area b base bdi bdo big blink br caption cite code col colgroup command data del dfn "
        "em embed font frame html i iframe img input ins kbd keygen label legend link mark meta meter nobr noscript "
        "object option optgroup output param picture progress q rp rt ruby s samp small source span strike strong "
        "sub sup time track tt u var wbr"
    )
)
# A tag, or a bracket that only looks like one: `STANDARD OIL <SRD> TO FORM UNIT` is a headline.
_KNOWN = "|".join(sorted(_BLOCKS | _UNSEEN | _INLINE))
_AFTER_BRACKET = rf"/?(?:\w{{1,20}}:\w|(?:{_KNOWN})(?=[\s/>]))|!--|!\[CDATA\[|!doctype\s|\?\w"
_TAG = re.compile(rf"<(?:{_AFTER_BRACKET})", re.I)
_STRAY_BRACKET = re.compile(rf"<(?!{_AFTER_BRACKET})", re.I)
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{2,}")
_OUTLET_BREAK = re.compile(r"(?<=\S)\s[-–—|·•:»«~]\s(?=\S)")
# Windows-1252 characters that were numbered as if they were Latin-1: browsers show them so (WHATWG HTML, 13.2.5.80).
_C1 = {n: char for n in range(0x80, 0xA0) if (char := bytes([n]).decode("cp1252", "ignore"))}
_PARAGRAPH, _LINE = "\n\n", "\n"

_XML_FORBIDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD_BYTES, _SAMPLE_BYTES = 4_096, 65_536
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,512}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I
)
_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Labels mean what browsers take them for (WHATWG Encoding, section 4.2), and only encodings of pages are taken:
# Python also knows `punycode` or `unicode_escape` as encodings, and a stranger must not choose those.
_LABELS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "latin1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
}
_LABEL_SERIES = re.compile(r"windows-125\d|iso-8859-(?:[2-8]|1[03-6])|koi8-[ru]|utf-8")


def decode_markup(data: bytes, *, charset: str | None = None) -> str:
    """
    Give the text of a page or feed: by its byte order mark, then as strict UTF-8, then by `charset` (what HTTP
    said), by what its first 4,096 bytes declare, by what its language tells, and last as windows-1252. Bytes that
    fit nowhere become U+FFFD.

    UTF-8 goes before what is declared: text in another encoding is almost never valid UTF-8 by accident, while
    pages with a stale declaration are common.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    head = data[:_HEAD_BYTES]
    if (b"\0" in head or b"\x1b$" in data) and (named := find_encoding(head, complete=False)):
        return data.decode(named, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(head)
    for label in (charset, declared and declared[1].decode("ascii")):
        if label and (named := _encoding_of(label)):
            return data.decode(named, errors="replace")
    return data.decode(find_encoding(data[:_SAMPLE_BYTES], complete=False) or "cp1252", errors="replace")


def _encoding_of(label: str) -> str | None:
    label = label.strip().lower()
    return _LABELS.get(label) or (label if _LABEL_SERIES.fullmatch(label) else None)


def parse_markup(text: str) -> Element | None:
    """
    Give the lxml tree of an HTML page or piece, comments and processing instructions removed; None if it has no
    element. lxml cuts off what is nested deeper than 255 elements.
    """
    from lxml import etree  # type: ignore[import-untyped]
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, default_doctype=False
    )
    try:
        return lxml_html.document_fromstring(_XML_FORBIDS.sub("\ufffd", text).encode(), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def text_of(markup: str) -> str:
    """
    Give the text that a reader of this HTML sees: paragraphs with an empty line between them, `<br>` as a line
    break, no scripts, styles or forms. A text without any tag keeps its own lines, and only its entities are read.
    """
    if not _TAG.search(markup):
        return _tidy(html.unescape(markup))
    tree = parse_markup(f"<div>{_STRAY_BRACKET.sub('&lt;', markup)}</div>")
    return "" if tree is None else _tidy("".join(_pieces(tree)))


def line_of(markup: str) -> str:
    """Give the text of this HTML on one line: for titles and names."""
    return " ".join(text_of(markup).split())


def without_outlet(title: str, source: str | None) -> str:
    """Give `title` without ` - Outlet` at its end, or `Outlet - ` at its beginning, if that is this outlet's name."""
    breaks = list(_OUTLET_BREAK.finditer(title)) if source else []
    if not breaks:
        return title
    outlet = fold(source or "")
    if fold(title[breaks[-1].end() :]) == outlet:
        return title[: breaks[-1].start()]
    if fold(title[: breaks[0].start()]) == outlet:
        return title[breaks[0].end() :]
    return title


def resolved(address: str, base: str | None) -> str:
    """Give `address` as it stands on a page at `base` (ignored if not http or https); "" if it is malformed."""
    try:
        found = urljoin(base if base and base.startswith(("http://", "https://")) else "", address.strip())
        return found if urlsplit(found).port != 0 else ""
    except ValueError:
        return ""


def _pieces(tree: Element) -> Iterator[str]:
    """Yield the text of `tree` in order, white space folded, with breaks where blocks begin and end."""
    from lxml import etree

    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        tag = element.tag.rpartition(":")[2]
        if event == "end":
            yield _break_at(tag)
            yield _folded(element.tail)
        elif tag in _UNSEEN:
            walker.skip_subtree()
        elif tag == "br":
            yield _LINE
        else:
            yield _break_at(tag)
            yield _folded(element.text)


def _break_at(tag: str) -> str:
    if tag in ("td", "th"):
        return " "
    return _PARAGRAPH if tag in _BLOCKS else ""


def _folded(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def _tidy(text: str) -> str:
    """Give `text` with single spaces, no white space around lines, and at most one empty line in a row."""
    lines = (_SPACES.sub(" ", line).strip() for line in re.split("\r\n?|\n", text.translate(_C1)))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
