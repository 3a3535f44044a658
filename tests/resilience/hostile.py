"""
What have strangers been known to send? Over two hundred inputs of the kinds that broke some program.

A case is a name, the name of a file and its bytes. Most are small on disk and meant to be large in memory, slow to
read, or something else than they look. Feeds, pages, page dumps, texts, JSON, tables, packed files, wrong encodings.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
import zlib
from typing import NamedTuple

STORY = "The bridge at Port Ellery reopened on Monday, two years after its cables were found to be worn."
GOOD_ID = "the-good-one"


class Case(NamedTuple):
    """One hostile input."""

    name: str
    file: str
    data: bytes


def rss(items: str, head: str = "", prolog: str = '<?xml version="1.0"?>') -> bytes:
    text = f'{prolog}<rss version="2.0"><channel><title>Echo</title>{head}{items}</channel></rss>'
    return text.encode("utf-8", "surrogatepass")


def item(body: str = STORY, title: str = "Bridge reopens", more: str = "") -> str:
    return f"<item><title>{title}</title><description>{body}</description>{more}</item>"


def atom(entries: str) -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Echo</title>{entries}</feed>'.encode()


def page(body: str, head: str = "") -> bytes:
    text = f"<!doctype html><html><head><title>Bridge reopens</title>{head}</head><body>{body}</body></html>"
    return text.encode("utf-8", "surrogatepass")


def article(inside: str) -> bytes:
    return page(f"<article><h1>Bridge reopens</h1>{inside}<p>{STORY}</p></article>")


def line(**fields: object) -> bytes:
    return json.dumps({"id": "x", "title": "Bridge", "body": STORY, **fields}).encode()


def numbered(text: str, count: int) -> str:
    """Give the text again and again, with its number in the place of each #."""
    return "".join(text.replace("#", str(number)) for number in range(count))


ENTITIES = "".join(f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{ENTITIES}]>'
BLOWUP = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "' + "a" * 50_000 + '">]>'
READ_FILE = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
READ_URL = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>'
LOAD_DTD = '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://127.0.0.1:9/evil.dtd">'
PARAMETER = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1", '

FEEDS = {
    "billion laughs": rss(item("&l9;"), prolog=LAUGHS),
    "quadratic blowup": rss(item("&a;" * 5_000), prolog=BLOWUP),
    "entity that reads a file": rss(item("&x;"), prolog=READ_FILE),
    "entity that asks a host": rss(item("&x;"), prolog=READ_URL),
    "DTD from a host": rss(item(), prolog=LOAD_DTD),
    "parameter entity": rss(item(), prolog=PARAMETER),
    "entity of itself": rss(item("&x;"), prolog='<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x "&x;">]>'),
    "xinclude": rss(
        item('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>')
    ),
    "stylesheet": rss(item(), prolog='<?xml-stylesheet href="http://127.0.0.1:9/x.xsl" type="text/xsl"?>'),
    "sixteen thousand attributes": rss("<item " + numbered('a#="x" ', 16_000) + f">{STORY}</item>"),
    "a hundred thousand prefixes": rss("<item " + numbered('xmlns:a#="u#" ', 100_000) + "/>"),
    "deep nesting": rss("<item>" + "<a>" * 100_000 + STORY + "</item>"),
    "deep nesting that is closed": rss("<item>" + "<a>" * 50_000 + "</a>" * 50_000 + "</item>"),
    "thirty thousand of one guid": rss(item(more="<guid>1</guid>") * 30_000),
    "sixty thousand items": rss("<item/>" * 60_000),
    "items never closed": rss("<item><title>x" * 20_000),
    "items in items": rss("<item><title>a</title>" * 300 + "</item>" * 300),
    "end tags only": rss("</item>" * 50_000),
    "categories": rss(item(more="<category>x</category>" * 20_000)),
    "long author": rss(item(more=f"<author>{'a@' * 30_000}</author>")),
    "long author in brackets": rss(item(more=f"<author>{'(' * 30_000}</author>")),
    "encoding declared and declared": b'<?xml version="1.0" '
    + b'encoding="' * 10_000
    + b"?><rss><channel/></rss>",
    "declaration never closed": b'<?xml version="1.0" ' + b" " * 200_000,
    "comment never closed": rss("<!--" + "-" * 200_000),
    "comments": rss("<!-- x -->" * 50_000 + item()),
    "CDATA never closed": rss("<item><description><![CDATA[" + STORY * 1_000),
    "CDATA in CDATA": rss(item("<![CDATA[" * 5_000 + STORY + "]]>" * 5_000)),
    "processing instructions": rss("<?x y?>" * 50_000 + item()),
    "ampersands": rss(item("&" * 200_000)),
    "unknown entities": rss(item("&nosuch;" * 20_000)),
    "numbered characters": rss(item("&#x0;&#xD800;&#xFFFFFF;&#99999999999999999999;" * 1_000 + STORY)),
    "brackets": rss(item("<" * 200_000)),
    "escaped tags": rss(item("&lt;b&gt;" * 50_000 + STORY)),
    "escaped and nested": rss(item("&lt;div&gt;" * 50_000 + STORY)),
    "escaped again and again": rss(item("&amp;" + "amp;" * 50_000 + "lt;script&gt;alert(1)")),
    "script in a title": rss(item(title="&lt;script&gt;alert(1)&lt;/script&gt;Bridge")),
    "link of a script": rss(item(more="<link>javascript:alert(1)</link><guid>../../../etc/passwd</guid>")),
    "link to a file": rss(item(more="<link>file:///etc/passwd</link>")),
    "link of a million letters": rss(item(more=f"<link>http://x.example/{'a' * 1_000_000}</link>")),
    "link without a host": rss(item(more="<link>http://[::1</link><guid>http://:99999/</guid>")),
    "title of a megabyte": rss(item(title="Bridge " * 150_000)),
    "year zero": rss(item(more="<pubDate>Mon, 00 Jan 0000 00:00:00 GMT</pubDate>")),
    "year 9999": rss(item(more="<pubDate>Fri, 31 Dec 9999 23:59:59 -2359</pubDate>")),
    "year ten thousand": rss(item(more="<pubDate>Mon, 01 Jan 10000 00:00:00 GMT</pubDate>")),
    "date of digits": rss(item(more=f"<pubDate>{'9' * 100_000}</pubDate>")),
    "date of colons": rss(item(more=f"<pubDate>{':' * 100_000}</pubDate>")),
    "zone of a day": rss(item(more="<pubDate>Mon, 02 Jun 2025 10:00:00 +9999</pubDate>")),
    "base64 of nothing": atom(
        '<entry><content type="x/y" mode="base64">' + "=" * 100_000 + "</content></entry>"
    ),
    "xml:base": atom('<entry xml:base="' + "a/" * 50_000 + '"><link href="' + "../" * 50_000 + '"/></entry>'),
    "entry in nothing": atom("<entry/>" * 1_000),
    "language of a megabyte": rss(item(), head=f"<language>{'x' * 1_000_000}</language>"),
    "two roots": rss(item()) + rss(item()),
    "rubbish after it": rss(item()) + b"\0" * 1_000 + b"\xff" * 1_000,
    "rubbish before it": b"\n\n  \xef\xbb\xbf\xef\xbb\xbf" + rss(item()),
    "cut in a tag": rss(item() * 3)[:-60],
    "cut in a character": rss(item("Ärger" * 30))[:-80] + b"\xc3",
    "UTF-16 called UTF-8": rss(item()).decode().encode("utf-16"),
    "UTF-8 called UTF-16": rss(item(), prolog='<?xml version="1.0" encoding="utf-16"?>'),
    "UTF-7": rss(item("+ADw-script+AD4-"), prolog='<?xml version="1.0" encoding="utf-7"?>'),
    "an encoding of Python's": rss(item(), prolog='<?xml version="1.0" encoding="unicode_escape"?>'),
    "an encoding that packs": rss(item(), prolog='<?xml version="1.0" encoding="zlib_codec"?>'),
    "control characters": rss(item("".join(map(chr, range(32))) + STORY)),
    "half surrogates": rss(item("\ud800\udfff" + STORY)),
    "JSON feed of depth": JSON_FEED + b'"items": ' + b"[" * 100_000,
    "JSON feed of nulls": JSON_FEED + b'"items": [' + b"null," * 50_000 + b"{}]}",
    "JSON feed of numbers": JSON_FEED + b'"items": [{"id": 1e999, "content_text": NaN}]}',
    "JSON feed of a list": JSON_FEED + b'"items": {"a": [1]}, "title": [], "authors": 7}',
}

JSON_LD = '<script type="application/ld+json">'
PAGES = {
    "nested divs": page("<div>" * 19_000 + STORY),
    "nested divs, closed": page("<div>" * 9_000 + STORY + "</div>" * 9_000),
    "nested tables": page("<table><tr><td>" * 5_000 + STORY),
    "nested lists": page("<ul><li>" * 9_000 + STORY),
    "nested quotes": page("<blockquote>" * 19_000 + STORY),
    "nested bold": page("<b>" * 19_000 + STORY),
    "nested links": page("<a href=x>" * 19_000 + STORY),
    "nested forms": page("<form>" * 10_000 + STORY),
    "misnested": page("<b><i></b></i>" * 4_000 + STORY),
    "spans": article("<p>" + "<span>bridge </span>" * 9_000 + "</p>"),
    "paragraphs": article("<p>The council met.</p>" * 15_000),
    "line breaks": article("<p>" + "bridge<br>" * 15_000 + "</p>"),
    "cells": article("<table>" + "<tr><td>bridge</td></tr>" * 6_000 + "</table>"),
    "links": article("<p>" + "<a href=/x>bridge</a> " * 9_000 + "</p>"),
    "more than can be": article("<p>x</p>" * 25_000),
    "three megabytes in a paragraph": article(f"<p>{'The bridge was closed. ' * 120_000}</p>"),
    "one word of a megabyte": article(f"<p>{'a' * 1_000_000}</p>"),
    "spaces": article(f"<p>{' ' * 1_000_000}</p>"),
    "newlines": article("<p>" + "\n" * 1_000_000 + "</p>"),
    "accents": article(f"<p>e{chr(0x301) * 200_000}</p>"),
    "one attribute of a megabyte": article('<p title="' + "a" * 1_000_000 + '">x</p>'),
    "ten thousand attributes": article("<p " + numbered("a#=x ", 10_000) + ">x</p>"),
    "attribute never closed": page('<a href="' + STORY * 3_000),
    "tag never closed": page("<a " * 100_000),
    "brackets": page("<" * 300_000),
    "comment never closed": page("<!--" + STORY * 3_000),
    "conditional comments": page("<!--[if IE]>" * 20_000 + STORY + "<![endif]-->" * 20_000),
    "script never closed": page("<script>" + "x();" * 100_000),
    "script that closes itself": article("<script>document.write('</script>')</script>" * 2_000),
    "style never closed": page("<style>" + "a{}" * 100_000),
    "CDATA": page("<![CDATA[" + STORY * 1_000 + "]]>"),
    "doctypes": b"<!doctype html>" * 50_000 + page(STORY),
    "bodies": page("<html><body>" * 5_000 + STORY),
    "frames": page("<frameset><frame src=x>" * 5_000 + STORY),
    "base": page(
        f"<p>{STORY}</p>",
        head='<base href="' + "/a" * 100_000 + '"><link rel=canonical href="' + "../" * 90_000 + '">',
    ),
    "canonical of a script": page(f"<p>{STORY}</p>", head='<link rel=canonical href="javascript:alert(1)">'),
    "canonical of a file": page(f"<p>{STORY}</p>", head='<link rel=canonical href="file:///etc/passwd">'),
    "refresh": page(f"<p>{STORY}</p>", head='<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">'),
    "metas": page(f"<p>{STORY}</p>", head='<meta name="date" content="2025-01-01">' * 15_000),
    "JSON-LD of depth": page(f"<p>{STORY}</p>", head=JSON_LD + "[" * 100_000 + "</script>"),
    "JSON-LD of width": page(f"<p>{STORY}</p>", head=JSON_LD + "[" + "{}," * 50_000 + "{}]</script>"),
    "JSON-LD that is none": page(f"<p>{STORY}</p>", head=JSON_LD + '{"@type": NaN, </script>'),
    "JSON-LD of a circle": page(
        f"<p>{STORY}</p>",
        head=JSON_LD + '{"@graph": [{"@id": "a", "isPartOf": {"@id": "a"}}], "@type": [[]], '
        '"author": {"name": {"name": {}}}, "datePublished": ["x", 7, {}], "headline": 9}</script>',
    ),
    "a number as long as a page": page(
        f"<p>{STORY}</p>", head=JSON_LD + '{"wordCount": ' + "9" * 100_000 + "}</script>"
    ),
    "time of garbage": article('<time datetime="' + "9" * 100_000 + '">x</time>'),
    "entities": article("&amp" * 100_000 + "&#x110000;&#0;&#xD800;&nosuch;"),
    "entities in entities": article("&amp;lt;script&amp;gt;" * 20_000),
    "control characters": article("".join(map(chr, range(32))) * 100),
    "bidi": article("<p>\u202e\u2066" * 1_000 + STORY),
    "half surrogates": article("<p>\ud800\udfff</p>"),
    "svg": article("<svg>" + "<g>" * 9_000 + "</svg>"),
    "mathml": article("<math>" + "<mrow>" * 9_000 + "</math>"),
    "templates": article("<template>" * 9_000 + STORY),
    "custom elements": article(numbered("<x-#>", 9_000) + STORY),
    "prefixed elements": article(numbered("<a#:b>", 9_000) + STORY),
    "no article": page(""),
    "nothing but a doctype": b"<!doctype html>",
    "zeros": page(STORY).replace(b"bridge", b"bri\0dge") + b"\0" * 10_000,
    "declared as UTF-16": page(f"<p>{STORY}</p>", head="<meta charset=utf-16>"),
    "declared as base64": page(f"<p>{STORY} \xe4</p>", head="<meta charset=base64>")
    .decode()
    .encode("latin-1"),
    "declared twice": page(f"<p>{STORY}</p>", head="<meta charset=big5><meta charset=koi8-r>"),
    "UTF-16 without a mark": page(STORY).decode().encode("utf-16-le"),
    "UTF-32": page(STORY).decode().encode("utf-32"),
    "EBCDIC": page(STORY).decode().encode("cp037"),
}

JSONS = {
    "depth": b"[" * 1_000_000,
    "depth in a line": b'{"body": ' * 50_000 + b'"x"' + b"}" * 50_000 + b"\n" + line(),
    "a number of a million digits": b'{"id": ' + b"9" * 1_000_000 + b', "body": "x"}\n' + line(),
    "an exponent": b'{"id": 1e999999999, "body": "' + STORY.encode() + b'"}\n' + line(),
    "NaN": b'{"id": NaN, "body": Infinity, "title": -Infinity}\n' + line(),
    "keys again": b'{"body": "x", "body": "y", "body": {}}\n' + line(),
    "a hundred thousand keys": json.dumps({f"k{n}": n for n in range(100_000)}).encode() + b"\n" + line(),
    "a body of types": b"\n".join(line(body=body) for body in (None, 7, 1.5, True, [], {}, [["x"]], {"text": "x"}, "")),
    "a title of types": b"\n".join(line(title=title) for title in (None, 7, [], {}, ["a", {"b": []}], "x" * 10**6)),
    "ids": b"\n".join(
        line(id=one) for one in ("", " ", "../../etc/passwd", "\0", "a\nb", "x" * 10**6, "\ud800", 7, [], {})
    ),
    "urls": b"\n".join(
        line(url=one) for one in ("javascript:alert(1)", "http://[", "//", "http://" + "a" * 10**6, "file:///x", 7, [])
    ),
    "dates": b"\n".join(
        line(published=one)
        for one in ("0000-00-00", "9999-12-31T23:59:59-23:59", "1e400", 1e400, -1e18, 10**30, "9" * 10**5, [], "P1Y")
    ),
    "half surrogates": b'{"id": "\\ud800", "title": "\\udfff", "body": "\\ud83d bridge"}\n' + line(),
    "escapes": b'{"body": "' + b"\\u0000" * 100_000 + b'"}\n' + line(),
    "not UTF-8": b'{"body": "\xff\xfe\xfd bridge"}\n' + line(),
    "control characters": b'{"body": "a\x01\x1b[31mb\r\nc"}\n' + line(),
    "terminal": line(title="\x1b]0;pwned\x07\x1b[2J\u202egnp.exe", body="\x9b31m" + STORY),
    "a formula": line(title="=HYPERLINK(\"http://evil.example\")", source="@SUM(1)", body=STORY),
    "never closed": b'{"body": "' + STORY.encode() * 10_000,
    "empty lines": b"\n" * 1_000_000 + line(),
    "spaces": b" " * 5_000_000 + line(),
    "commas": b"," * 1_000_000,
    "braces": b"{}\n" * 50_000,
    "one line of twenty-five megabytes": b'{"body": "' + b"a" * 25_000_000 + b'"}\n' + line(),
    "an array of everything": b"[" + b",".join([line()] * 100 + [b"7", b"null", b"[]", b'"x"']) + b"]",
    "an array cut off": b"[" + b",".join([line()] * 100) + b', {"body": "x',
    "line ends": line() + b"\r\r\n\x0b\x0c\xc2\x85\xe2\x80\xa8" + line(),
    "markup in a field": line(body="<p>" + "<b>" * 100_000 + STORY),
    "markup never closed": line(body="</p>" + "<a " * 200_000),
    "comments in a field": line(body="</p>" + "<!--" * 200_000 + STORY),
    "entities in a field": line(body="&amp;" * 200_000 + STORY),
    "accents": line(body="e" + "\u0301" * 500_000 + STORY),
    "one character": line(body="a" * 999_000),
    "a body past the cap": line(body="bridge " * 200_000),
    "marks": line(body="\u0600\u0610" * 100_000 + STORY),
    "a language": line(language="x" * 10**6, authors=["a"] * 100_000, section=[[[[]]]]),
}  # fmt: skip

TEXTS = {
    "nothing": b"",
    "a newline": b"\n",
    "spaces": b" \t\r\n" * 100_000,
    "zeros": b"\0" * 1_000_000,
    "every byte": bytes(range(256)) * 1_000,
    "a million newlines and a word": b"\n" * 1_000_000 + b"bridge",
    "one line of five megabytes": b"bridge " * 700_000,
    "dashes": b"-\n" * 100_000,
    "headers without articles": b"Echo\n2 hours ago\n- Echo\n" * 20_000,
    "headers in headers": b"Echo\n2 hours ago\n- Echo\nEcho\n2 hours ago\n- Echo\nBridge\nOpen\n" * 5_000,
    "almost headers": b"Echo\n2 hours ago\n- Ech\n" * 20_000,
    "times": b"Echo\n99999999999999999999 hours ago\n- Echo\nBridge\n" + STORY.encode(),
    "ago": b"Echo\n" + b"9" * 30 + b" years ago\n- Echo\nBridge\n" + STORY.encode(),
    "markers": b"Comments\nShare\nRead more\nSubscribe\n" * 20_000,
    "hashtags": b"#a #b #c\n" * 50_000,
    "hashtags in a line": b"#a, " * 200_000,
    "bidi": "\u202e\u2066\u2069".encode() * 100_000 + STORY.encode(),
    "accents": ("e" + "\u0301" * 300_000).encode(),
    "headlines": ("Title: " + "x" * 1_000_000 + "\n\n" + STORY).encode(),
    "headers of a letter": b"Date: " * 50_000 + b"\n" + STORY.encode(),
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100,
    "a PDF": b"%PDF-1.7\n" + bytes(range(256)) * 100,
    "a program": b"\x7fELF" + bytes(range(256)) * 100,
    "a database": b"SQLite format 3\0" + bytes(range(256)) * 100,
    "a pickle": b"\x80\x04\x95" + b"cposix\nsystem\n(S'touch /tmp/never'\ntR." * 10,
    "a script": b"#!/bin/sh\ntouch /tmp/never\n",
    "a letter": b"From: a@b.example\r\nSubject: =?utf-8?b?" + b"A" * 100_000 + b"?=\r\n\r\n" + STORY.encode(),
    "Latin-1": ("Ärger über Öl in Lübeck: " + STORY).encode("latin-1"),
    "Shift-JIS": ("橋が再開した。" * 200).encode("shift_jis"),
    "two encodings": "Ärger".encode("latin-1") * 500 + "Ärger".encode() * 500,
}

TABLES = {
    "quotes never closed": b'id,title,body\n1,"' + STORY.encode() * 1_000,
    "quotes": b"id,title,body\n" + b'"' * 500_000,
    "a cell of two megabytes": b"id,title,body\n1,x," + b"a" * 2_000_000 + b"\n2,y," + STORY.encode(),
    "a hundred thousand columns": b",".join(b"c%d" % n for n in range(100_000)) + b"\n" + b"," * 100_000,
    "rows of another width": b"id,title,body\n" + b"1\n1,2,3,4,5,6\n" * 20_000,
    "formulas": b"id,title,body\n1,=cmd|' /C calc'!A0,@SUM(1+1) " + STORY.encode(),
    "the same column": b"body,body,body\n" + b"a,b,c\n" * 1_000,
    "zeros": b"id,title,body\n1,\0,\0\0\0\n2,x," + STORY.encode(),
    "tabs and commas": b"id\ttitle,body\tx\n" * 10_000,
    "a mark": b"\xef\xbb\xbf\xef\xbb\xbfid,title,body\n1,x," + STORY.encode(),
}

_ZEROS = gzip.compress(b"\0" * 60_000_000)
_LINES = gzip.compress(line() + b"\n" + b" " * 200_000_000)


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../../etc/x.jsonl", line())
    return made.getvalue()


def _tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        about = tarfile.TarInfo("../../etc/x.jsonl")
        about.size = len(line())
        archive.addfile(about, io.BytesIO(line()))
    return made.getvalue()


PACKED = {
    "zeros": _ZEROS,
    "spaces after a line": _LINES,
    "packed twice": gzip.compress(gzip.compress(line())),
    "packed three times": gzip.compress(gzip.compress(gzip.compress(line()))),
    "a bomb in a bomb": gzip.compress(_ZEROS),
    "a page of one letter": gzip.compress(page("a" * 30_000_000)),
    "a feed of one letter": gzip.compress(rss(item("a" * 30_000_000))),
    "cut off": gzip.compress(line() + b"\n" + bytes(range(256)) * 1_000)[:-400],
    "a wrong sum": gzip.compress(line())[:-8] + b"\0" * 8,
    "members": gzip.compress(line() + b"\n") * 200,
    "empty members": gzip.compress(b"") * 5_000 + gzip.compress(line()),
    "rubbish behind": gzip.compress(line()) + b"\xff" * 1_000,
    "a name of a megabyte": b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"a" * 1_000_000,
    "a header only": b"\x1f\x8b",
    "an extra field": b"\x1f\x8b\x08\x04" + b"\0" * 6 + struct.pack("<H", 65_535) + b"x" * 100,
    "zlib": zlib.compress(line()),
    "a zip": _zip(),
    "a tar": _tar(),
}


def _cases():
    kinds = (
        ("feed", "xml", FEEDS),
        ("page", "html", PAGES),
        ("json", "jsonl", JSONS),
        ("text", "txt", TEXTS),
    )
    for kind, ending, found in (*kinds, ("table", "csv", TABLES), ("packed", "jsonl.gz", PACKED)):
        for name, data in found.items():
            yield Case(f"{kind}: {name}", f"hostile.{ending}", data)


CASES = tuple(_cases())
