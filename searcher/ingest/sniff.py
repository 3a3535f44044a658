"""
What format is this? Decided by the bytes; the file's name is a hint where they leave a choice.

The order matters: what only one format can begin with comes first, and plain text, which can begin with anything,
last. Nothing is parsed here further than it takes to be sure, and only the head is looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from searcher.ingest.draft import IngestOptions
from searcher.ingest.elements import find_list
from searcher.ingest.encoding import find_encoding
from searcher.ingest.fields import field_of, is_body_name, is_list_name
from searcher.ingest.streams import GZIP_MAGIC


class Format(StrEnum):
    """What a stream of bytes can be."""

    EMPTY = "empty"
    BINARY = "binary"
    UNREADABLE = "unreadable"
    GZIP = "gzip"
    JSON_LINES = "JSON Lines"
    JSON = "JSON"
    TABLE = "table"
    HTML = "HTML"
    FEED = "feed"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """
    A format and its encoding. `detail`: what kind of binary it is, or the delimiter of a table.

    Markup has no encoding here: its readers look for the one it declares.
    """

    format: Format
    encoding: str = "utf-8"
    detail: str = ""


_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive, an office document or an e-book"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image or sound"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet table"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
)
_TAR_MAGIC, _TAR_PLACE = b"ustar", 257
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"


def sniff(head: bytes, *, name: str, complete: bool, options: IngestOptions) -> Sniffed:
    """
    Give the format of a stream that begins with `head`.

    `name`: of the file, for its ending; may be "". `complete`: whether `head` is all there is.
    """
    if not head.strip():
        return Sniffed(Format.EMPTY)
    if head.startswith(GZIP_MAGIC):
        return Sniffed(Format.GZIP)
    if kind := _kind_of_binary(head):
        return Sniffed(Format.BINARY, detail=kind)
    ending = name.lower().rpartition(".")[2]
    if markup := _markup_format(_roughly(head), ending):
        return Sniffed(markup)
    encoding = find_encoding(head, complete=complete)
    # JSON is Unicode by its standard: what is not costs its line, and is never read as something older.
    unicode = encoding if encoding and encoding.startswith("utf-") else "utf-8"
    if json_format := _json_format(_text(head, unicode), complete, options):
        return Sniffed(json_format, unicode)
    if delimiter := _delimiter(_text(head, encoding or "utf-8"), ending, options):
        return Sniffed(Format.TABLE, encoding or "utf-8", delimiter)
    return Sniffed(Format.TEXT, encoding) if encoding else Sniffed(Format.UNREADABLE)


def _text(head: bytes, encoding: str) -> str:
    return head.decode(encoding, "replace").lstrip("\ufeff")


def _kind_of_binary(head: bytes) -> str:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[_TAR_PLACE : _TAR_PLACE + len(_TAR_MAGIC)] == _TAR_MAGIC:
        return "a tar archive"
    if 0 in head and find_encoding(head, complete=False) not in (None, "utf-8"):
        return ""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    few = controls <= 4 and controls * 10 <= len(head)
    return "" if few or controls * 100 <= len(head) else "binary data"


def _roughly(head: bytes) -> str:
    """The head as text whose ASCII is right, whatever the encoding."""
    return head.replace(b"\0", b"").decode("latin-1").lstrip("\xef\xbb\xbf\xfe\xff").lstrip()


_PROLOGUE = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s(?!\s*html)[^>\[]*(?:\[.*?\]\s*)?>)", re.S | re.I
)
_HTML_DOCTYPE = re.compile(r"\s*<!DOCTYPE\s+html", re.I)
_ROOT = re.compile(r"\s*<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_FEED_ROOTS = frozenset(str.split("rss feed rdf channel entry item"))
_HTML_ROOTS = frozenset(
    str.split(
        "html head body title meta link base div p article main section header nav span a table ul ol h1 h2 h3 h4 "
        "img br script style form center font b i em strong blockquote pre noscript"
    )
)
_FEED_ENDINGS = frozenset({"rss", "atom", "rdf", "xml"})
_HTML_ENDINGS = frozenset({"html", "htm", "xhtml", "shtml", "mhtml"})
_ANY_FEED = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>]", re.I)
_ANY_HTML = re.compile(r"</(?:p|div|body|html|head|title|span|a)\s*>", re.I)


def _markup_format(text: str, ending: str) -> Format | None:
    """HTML or a feed, by the first element; None for what is no markup."""
    if not text.startswith("<"):
        return Format.HTML if ending in _HTML_ENDINGS and _ANY_HTML.search(text) else None
    is_xml = text.startswith("<?xml")
    while match := _PROLOGUE.match(text):
        text = text[match.end() :]
    if _HTML_DOCTYPE.match(text):
        return Format.HTML
    root = _ROOT.match(text)
    name = root[2].lower() if root else ""
    if name in _FEED_ROOTS:
        return Format.FEED
    if name in _HTML_ROOTS:
        return Format.HTML
    if is_xml or ending in _FEED_ENDINGS or _ANY_FEED.search(text):
        return Format.FEED
    if ending in _HTML_ENDINGS or _ANY_HTML.search(text):
        return Format.HTML
    return None


_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org')


def _json_format(text: str, complete: bool, options: IngestOptions) -> Format | None:
    text = text.lstrip()
    if re.match(r"\[\s*[{\]]", text):
        return Format.JSON
    if not re.match(r'\{\s*["}]', text):
        return None
    first, newline, rest = text.partition("\n")
    if _JSON_FEED.search(text):
        return Format.FEED
    if not newline:
        holds_list = find_list(text, is_list_name, lambda name: is_body_name(name, options)) is not None
        return Format.JSON if complete or holds_list else Format.JSON_LINES
    if _is_object(first):
        return Format.JSON_LINES if rest.strip() or not complete else Format.JSON
    goes_on = first.rstrip().endswith("}") and rest.lstrip().startswith("{")
    return Format.JSON_LINES if goes_on else Format.JSON


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


_DELIMITERS = (",", "\t", ";", "|")
_MAX_NAME = 60


def _delimiter(text: str, ending: str, options: IngestOptions) -> str:
    """What separates the columns, if the first line names columns of which one is the body; else "" (no table)."""
    header = text.partition("\n")[0].strip("\r")
    best = max(_DELIMITERS, key=lambda mark: (header.count(mark), -_DELIMITERS.index(mark)))
    names = [cell.strip().strip('"') for cell in header.split(best)]
    if ending in ("csv", "tsv", "tab"):
        return best if len(names) > 1 else ","
    return best if _names_columns(names, options) else ""


def _names_columns(names: Sequence[str], options: IngestOptions) -> bool:
    known = [name for name in names if field_of(options.fields.get(name, name))]
    has_body = any(is_body_name(name, options) for name in names)
    return len(known) > 1 and has_body and all(len(name) <= _MAX_NAME for name in names)
