"""
Which pieces does this JSON array have? Cut out one after the other, so that a file of any size is read piece by
piece, and a piece that is broken, or far too long, costs itself only.

Only quotes, brackets and commas are looked at; whether a piece is JSON is for its reader to say. No recursion: depth
is a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_STRUCTURE = re.compile(r'["\[\]{},]')
_IN_STRING = re.compile(r'\\.|"', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_OPENS_LIST = re.compile(r"\s*:\s*\[\s*(?=[{\]])")
_HAS_TEXT = re.compile(r'\s*:\s*["\[]')


def split_elements(blocks: Iterable[str], max_chars: int) -> Iterator[str | None]:
    """
    Give the elements of a JSON array, as text. `blocks`: the text right after its `[`, in any portions.

    Ends with the array's `]`, or with the text. An element of over `max_chars` is passed over: None in its place.
    """
    cutter = _Cutter(max_chars)
    for block in blocks:
        yield from cutter.feed(block)
        if cutter.ended:
            return
    yield from cutter.finish()


class _Cutter:
    """Where in the array we are: how deep, whether inside a string, and what of this element was seen so far."""

    def __init__(self, max_chars: int) -> None:
        self.ended = False
        self._max_chars = max_chars
        self._parts: list[str] = []
        self._chars = 0
        self._depth = 0
        self._in_string = False
        self._carried = ""

    def feed(self, block: str) -> Iterator[str | None]:
        block = self._carried + block
        # A backslash at the end belongs to what comes next.
        self._carried = block[-1:] if (len(block) - len(block.rstrip("\\"))) % 2 else ""
        block = block[: len(block) - len(self._carried)]
        start = position = 0
        while match := (_IN_STRING if self._in_string else _STRUCTURE).search(block, position):
            position = match.end()
            mark = match[0]
            if mark == '"':
                self._in_string = not self._in_string
            elif mark in ("[", "{"):
                self._depth += 1
            elif mark in ("]", "}") and self._depth:
                self._depth -= 1
            elif mark in (",", "]") and not self._depth:
                self._add(block[start : match.start()])
                start = position
                yield from self._take()
                if mark == "]":
                    self.ended = True
                    return
        self._add(block[start:])

    def finish(self) -> Iterator[str | None]:
        """What is left when the text ends before the array does."""
        self._add(self._carried)
        yield from self._take()

    def _add(self, part: str) -> None:
        self._chars += len(part)
        if self._chars > self._max_chars:
            self._parts.clear()
        else:
            self._parts.append(part)

    def _take(self) -> Iterator[str | None]:
        text = "".join(self._parts).strip()
        if self._chars > self._max_chars:
            yield None
        elif text:
            yield text
        self._parts, self._chars = [], 0


def find_list(text: str, is_list: Callable[[str], bool], is_text: Callable[[str], bool]) -> int | None:
    """
    Give where the elements of an object's list begin: just after the `[` of the first key that `is_list` names and
    that holds objects, in the object or one below it.

    None if there is no such list, or if the object has a text of its own: a key that `is_text` names.
    """
    depth, found = 0, None
    for match in _TOKEN.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        elif depth == 1 and is_text(mark[1:-1]) and _HAS_TEXT.match(text, match.end()):
            opening = _OPENS_LIST.match(text, match.end())
            if opening is None:
                return None
            found = opening.end() if found is None and is_list(mark[1:-1]) else found
        elif depth <= 2 and found is None and is_list(mark[1:-1]):
            opening = _OPENS_LIST.match(text, match.end())
            found = opening.end() if opening else None
    return found
