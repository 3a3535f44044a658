"""
Which piece of a chunk is shown, and what in it is marked?

The piece with the most different words that were asked for, in whole sentences where they fit, else in whole words.
Every position is one of the stored body, so that what is shown can be found there again; ellipses are the display's
business. Pure functions: which words match is asked of a function that the index room gives.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from searcher.chunking import split_sentences
from searcher.index.lexical.words import long_runs
from searcher.records import Chunk, Snippet

MAX_CHARS = 300

# Where a word of the question stands in a text, `[start, end)`, and the term it is an inflection of.
Match = tuple[int, int, str]
Matches = Callable[[str], Iterable[Match]]

_CONTEXT = 48
"""So many characters around a place decide whether a sentence ends there, and some more."""

_WHITE_SPACE = re.compile(r"\s")

# The first character that is a mark: combining grave accent.
_FIRST_JOINER = "\u0300"


def make_snippet(body: str, chunk: Chunk, *, matches: Matches, max_chars: int = MAX_CHARS) -> Snippet:
    """
    Give the piece of `chunk` with the most different matched words.

    Of equal pieces it is one that begins a sentence, then has the most matches, then is the earliest. At most
    `max_chars` long (ValueError below 1). It begins and ends with a sentence where that leaves it long enough,
    else with a word; a word is cut only if it is longer than `max_chars`. It may reach a quarter of `max_chars`
    past the chunk, to where the sentence begins or ends.

    `kind` is `words`, or `lead` if nothing matched. Line breaks are shown as spaces: but for them, `text` is
    `body[start : start + len(text)]`. Of matches that overlap, the first counts.
    """
    scene = _survey(body, chunk, max_chars)
    found = _apart(matches(body[scene.start : scene.end]), scene)
    if not found:
        return _lead(body, scene)
    start, end = scene.widen(*_best_core(found, scene))
    marks = tuple((max(a, start) - start, min(b, end) - start) for a, b, _ in found if a < end and b > start)
    return Snippet(_shown(body, start, end), marks, "words" if marks else "lead", start)


def meaning_snippet(
    body: str, chunk: Chunk, sentence: tuple[int, int], *, max_chars: int = MAX_CHARS
) -> Snippet:
    """
    Give the piece of `chunk` around `sentence`, `[start, end)` in characters of the body, which is marked.

    What `make_snippet` says of length and borders holds. A sentence longer than `max_chars` is shown from its
    beginning. A blank one gives the chunk's beginning (`lead`).
    """
    first, last = max(0, sentence[0]), min(len(body), sentence[1])
    if not body[first:last].strip():
        return _lead(body, _survey(body, chunk, max_chars))
    first, last = last - len(body[first:last].lstrip()), first + len(body[first:last].rstrip())
    scene = _survey(body, Chunk(min(chunk.start, first), max(chunk.end, last)), max_chars)
    start, end = scene.widen(*scene.core(first, last))
    mark = (max(first, start) - start, min(last, end) - start)
    return Snippet(_shown(body, start, end), (mark,), "meaning", start)


def beginning(body: str, chunk: Chunk, *, max_chars: int = MAX_CHARS) -> Snippet:
    """
    Give the first words of `chunk`, at most `max_chars` characters, without looking for anything in it (`lead`).

    For hits that there is no time to choose a snippet for. Line breaks are shown as spaces.
    """
    text = body[chunk.start : chunk.end]
    start = chunk.start + len(text) - len(text.lstrip())
    end = chunk.start + len(text.rstrip())
    if end - start > max_chars:
        # One more than may be shown: a word that ends right there is whole.
        space = max(body.rfind(mark, start, start + max_chars + 1) for mark in " \n")
        end = space if space > start else start + max_chars
    return Snippet(_shown(body, start, end).rstrip(), (), "lead", start)


@dataclass(frozen=True, slots=True)
class _Scene:
    """
    The stretch `[start, end)` of the body that may be shown, and where it may be cut.

    Between words, which are found in `text` when they are asked for: the stretch, in which every white space is a blank
    (none is at its ends). And at `starts` and `ends`, ascending: between sentences, and within words that are too long.
    `sentence_starts`, `sentence_ends`: where a piece had better begin and end.
    """

    max_chars: int
    start: int
    end: int
    text: str = ""
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    sentence_starts: Sequence[int] = ()
    sentence_ends: Sequence[int] = ()

    def core(self, first: int, last: int) -> tuple[int, int]:
        """The least piece in whole words around `[first, last)`, or its beginning if that is too long."""
        start = self._start_up_to(first)
        end = self._end_from(last)
        limit = start + self.max_chars
        if end <= limit:
            return start, end
        fitting = self._end_up_to(limit, default=limit)
        return start, fitting if fitting > start else limit

    def widen(self, start: int, end: int) -> tuple[int, int]:
        """Widen a piece as far as it may go: to whole sentences, or else by whole words."""
        sentence = _at_most(self.sentence_starts, start, default=self.start)
        if end - sentence <= self.max_chars:
            start = sentence
        else:
            room = self.max_chars - (end - start)
            start = min(start, self._start_from(start - room // 2, default=start))
        end = self._widen_right(start, end)
        if start == sentence:
            start = min(start, _at_least(self.sentence_starts, end - self.max_chars, default=start))
        return start, end

    def _widen_right(self, start: int, end: int) -> int:
        limit = min(start + self.max_chars, self.end)
        sentence = _at_most(self.sentence_ends, limit, default=0)
        if sentence >= end and (sentence == self.end or sentence - start >= self.max_chars // 2):
            return sentence
        return max(end, self._end_up_to(limit, default=end))

    # Nowhere is looked farther than `max_chars`: a longer word may be cut, and `starts` and `ends` say where.

    def _start_up_to(self, place: int) -> int:
        """The last place where a piece may begin that is not past `place`."""
        at = place - self.start
        while self.text[at] == " ":
            at -= 1
        word = self.start + self.text.rfind(" ", max(0, at - self.max_chars), at) + 1
        return max(word, _at_most(self.starts, place, default=word))

    def _end_from(self, place: int) -> int:
        """The first place where a piece may end that is not before `place`."""
        at = place - 1 - self.start
        while self.text[at] == " ":
            at += 1
        blank = self.text.find(" ", at, at + self.max_chars + 1)
        word = self.start + blank if blank >= 0 else self.end
        return min(word, _at_least(self.ends, place, default=word))

    def _start_from(self, place: int, *, default: int) -> int:
        """The first place where a piece may begin that is not before `place`, if it is near."""
        at = place - self.start
        if at <= 0:
            return self.start
        blank = self.text.find(" ", at - 1, at + self.max_chars)
        if blank < 0:
            return _at_least(self.starts, place, default=default)
        while self.text[blank] == " ":
            blank += 1
        word = self.start + blank
        return min(word, _at_least(self.starts, place, default=word))

    def _end_up_to(self, place: int, *, default: int) -> int:
        """The last place where a piece may end that is not past `place`, if it is near."""
        at = place - self.start
        if at >= len(self.text):
            return self.end
        blank = self.text.rfind(" ", max(0, at - self.max_chars), at + 1)
        if blank < 0:
            return _at_most(self.ends, place, default=default)
        while self.text[blank - 1] == " ":
            blank -= 1
        word = self.start + blank
        return max(word, _at_most(self.ends, place, default=word))


def _survey(body: str, chunk: Chunk, max_chars: int) -> _Scene:
    """Find where the chunk may be cut. Looking `max_chars` around it is enough: a longer word may be cut anyway."""
    if max_chars < 1:
        raise ValueError(f"a snippet of {max_chars} characters shows nothing")
    low, high = max(0, min(chunk.start, len(body))), min(chunk.end, len(body))
    far_low, far_high = max(0, low - max_chars), min(len(body), high + max_chars)
    text = body[low:high]
    start, end = low + len(text) - len(text.lstrip()), low + len(text.rstrip())
    if start >= end:
        return _Scene(max_chars, low, low)
    margin = max_chars // 4
    near = margin + _CONTEXT
    sentence_starts, sentence_ends = _sentence_borders(
        body, max(far_low, low - near), min(far_high, high + near)
    )
    starts, ends = sentence_starts, sentence_ends
    if long := long_runs(body, far_low, far_high, max_chars):
        pieces = [piece for run in long for piece in _pieces(body, run)]
        starts = sorted({*starts, *(first for first, _ in pieces)})
        ends = sorted({*ends, *(last for _, last in pieces)})
    if start == low:  # Perhaps within a word.
        word = low + 1 - len(body[far_low : low + 1].rsplit(None, 1)[-1])
        start = max(word, _at_most(starts, low, default=word))
    if end == high:
        word = high - 1 + len(body[high - 1 : far_high].split(None, 1)[0])
        end = min(word, _at_least(ends, high, default=word))
    sentence_start = _at_most(sentence_starts, start, default=start)
    sentence_end = _at_least(sentence_ends, end, default=end)
    start = sentence_start if start - sentence_start <= margin else start
    end = sentence_end if sentence_end - end <= margin else end
    borders = [_within(places, start, end) for places in (starts, ends, sentence_starts, sentence_ends)]
    return _Scene(max_chars, start, end, _blanked(body[start:end]), *borders)


def _blanked(text: str) -> str:
    """The text with every white space as a blank."""
    text = text.replace("\n", " ")
    # Nothing else that is white space can be printed.
    return text if text.isprintable() else _WHITE_SPACE.sub(" ", text)


def _sentence_borders(body: str, low: int, high: int) -> tuple[list[int], list[int]]:
    """Where the sentences of `body[low:high]` begin and end, without those that this very cut made."""
    starts, ends = [], []
    text = body[low:high]
    for first, last in split_sentences(text):
        # Only the first may begin with white space.
        start = low + (first or len(text) - len(text.lstrip()))
        end = low + first + len(text[first:last].rstrip())
        if start < end and (first or not low) and not _joins(body, start):
            starts.append(start)
        if start < end and (last < len(text) or high == len(body)) and not _joins(body, end):
            ends.append(end)
    return starts, ends


def _pieces(body: str, run: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """What may stand alone of a run of characters without space that is too long: its letters."""
    start, end = run
    for at in range(start + 1, end):
        if not _joins(body, at):
            yield start, at
            start = at
    yield start, end


def _joins(text: str, at: int) -> bool:
    """Whether the character at `at` forms one sign with the one before. Source: UAX #29, simplified."""
    if not 0 < at < len(text):
        return False
    before, char = text[at - 1], text[at]
    if before in "\u200c\u200d":
        return True
    return char >= _FIRST_JOINER and (
        unicodedata.category(char)[0] == "M"
        or char in "\u200c\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # Skin tones.
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= char <= "\U0001f1ff")  # Flags.
        or "\u1160" <= char <= "\u11ff"  # Vowels and finals of a Hangul syllable.
        or "\udc00" <= char <= "\udfff"
    )


def _apart(matches: Iterable[Match], scene: _Scene) -> list[Match]:
    """The matches in positions of the body, ascending; of those that overlap the first."""
    found: list[Match] = []
    for start, end, term in sorted(matches):
        start, end = start + scene.start, end + scene.start
        if (found[-1][1] if found else scene.start) <= start < end <= scene.end:
            found.append((start, end, term))
    return found


def _best_core(found: Sequence[Match], scene: _Scene) -> tuple[int, int]:
    """
    The piece to build on: most different terms, then one that begins a sentence, then most matches, then earliest.

    A best piece need begin only at a match, or at the sentence of a match. Two fingers move over the matches, so
    that time is linear in them.
    """
    pieces = [scene.core(start, end) for start, end, _ in found]
    sentences = {_at_most(scene.sentence_starts, start, default=-1) for start, _ in pieces} - {-1}
    terms: dict[str, int] = {}  # How often each stands between the fingers.
    best, best_worth = pieces[0], (0, False, 0)
    left = right = 0
    for begin in sorted(sentences.union(start for start, _ in pieces)):
        while right < len(found) and pieces[right][1] <= begin + scene.max_chars:
            term = found[right][2]
            terms[term] = terms.get(term, 0) + 1
            right += 1
        while pieces[left][0] < begin:
            term = found[left][2]
            terms[term] -= 1
            if not terms[term]:
                del terms[term]
            left += 1
        worth = (len(terms), begin in sentences, right - left)
        if worth > best_worth:
            best, best_worth = (begin, pieces[right - 1][1]), worth
    return best


def _lead(body: str, scene: _Scene) -> Snippet:
    if not scene.text:
        return Snippet("", (), "lead", scene.start)
    start, end = scene.widen(*scene.core(scene.start, min(scene.start + 1, scene.end)))
    return Snippet(_shown(body, start, end), (), "lead", start)


def _shown(body: str, start: int, end: int) -> str:
    return body[start:end].replace("\n", " ")


def _within(places: Sequence[int], start: int, end: int) -> Sequence[int]:
    return places[bisect_left(places, start) : bisect_right(places, end)]


def _at_most(places: Sequence[int], place: int, *, default: int) -> int:
    """The last of `places` that is not past `place`."""
    index = bisect_right(places, place)
    return places[index - 1] if index else default


def _at_least(places: Sequence[int], place: int, *, default: int) -> int:
    """The first of `places` that is not before `place`."""
    index = bisect_left(places, place)
    return places[index] if index < len(places) else default
