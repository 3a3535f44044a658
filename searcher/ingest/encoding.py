"""
Bytes from strangers, as text: which encoding is it?

UTF-8 unless there is evidence against it: a byte order mark, the zeros of UTF-16, or bytes that are not UTF-8. Then
an old encoding is believed only where its reading is *a language that was written in it*: Russian read as
windows-1251 is Russian, read as KOI8-R it is not. Where none or more than one make sense, the answer is None and the
input is rejected: a wrong guess would be stored as text that nobody can find.

Why not charset-normalizer: on 12 sentences in as many encodings it misread three silently (French as mac_latin2,
Russian as Shift JIS, Polish as windows-1257).
"""

from __future__ import annotations

import codecs
import io
import re
from itertools import pairwise
from typing import NamedTuple

from searcher.ingest.language import classify

_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _Legacy(NamedTuple):
    """An encoding, the languages written in it, and the letters that a text in it has, at least in this share."""

    encoding: str
    languages: str
    letters: str
    share: float


_LEGACY = (
    # Their letters cannot come out of another encoding by chance: they go before the rest.
    (
        _Legacy("cp932", "ja", "\u3040-\u30ff", 0.3),
        _Legacy("euc-jp", "ja", "\u3040-\u30ff", 0.3),
        _Legacy("cp949", "ko", "\uac00-\ud7a3", 0.9),
        _Legacy("windows-1255", "he", "\u0590-\u05ff", 0.97),
    ),
    (_Legacy("cp874", "th", "\u0e00-\u0e3a\u0e40-\u0e4e", 0.97),),
    (
        _Legacy(
            "windows-1252",
            "en fr de es pt it nl da sv no nn nb fi is ca gl eu id ms ga af sw tl",
            "a-zA-Z",
            0.6,
        ),
        _Legacy("windows-1250", "pl cs sk hu ro sl hr bs sq", "a-zA-Z", 0.6),
        _Legacy("windows-1254", "tr az", "a-zA-Z", 0.6),
        _Legacy("windows-1257", "lt lv et", "a-zA-Z", 0.6),
        _Legacy("windows-1251", "ru uk bg mk be sr kk ky mn tt tg", "\u0400-\u04ff", 0.5),
        _Legacy("koi8-r", "ru bg", "\u0400-\u04ff", 0.5),
        _Legacy("koi8-u", "uk", "\u0400-\u04ff", 0.5),
        _Legacy("windows-1253", "el", "\u0370-\u03ff", 0.5),
        _Legacy("windows-1256", "ar fa ur", "\u0600-\u06ff", 0.5),
        _Legacy("gb18030", "zh", "\u4e00-\u9fff", 0.5),
        _Legacy("big5hkscs", "zh", "\u4e00-\u9fff", 0.5),
    ),
)
_PUNCTUATION = frozenset("“”„‘’‚‹›«»–—…•·°§©®™€£¥½¼¾¿¡№、。，！？：；「」『』（）\u00a0\u3000％％～ー")
_BEYOND_ASCII = 0.95  # of what is beyond ASCII, so much is letters and punctuation
_SURE = 0.9
_LEAD = 0.05  # by this much the best reading must lead a reading in another script
_READ_BYTES = 4_000
_BLOCK = 65_536
# Text in the wrong single-byte encoding changes case inside words; real words do so rarely ("McDonald").
_CASE_JUMPS = 0.02


def find_encoding(head: bytes, *, complete: bool) -> str | None:
    """
    Give the name of the encoding of a text that begins with `head`, or None if no encoding makes sense of it.

    `complete`: whether `head` is all there is; otherwise it may end inside a character.
    "utf-8" is also given for text that is mostly UTF-8 with some bytes that are not: those cost their articles only.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if wide := _wide_encoding(head):
        return wide
    valid, invalid = _count_utf8(head, complete)
    if invalid == 0 or valid >= invalid:
        return "iso2022_jp" if b"\x1b$B" in head or b"\x1b$@" in head else "utf-8"
    return _legacy_encoding(head)


def as_utf8(stream: io.BufferedIOBase, encoding: str) -> io.BufferedIOBase:
    """
    Give `stream`, which is in this encoding, as a stream of UTF-8 without a byte order mark.

    What is not UTF-8 in a stream of UTF-8 stays as it is; in other encodings it becomes U+FFFD.
    """
    if encoding == "utf-8":
        return stream
    if encoding == "utf-8-sig":
        stream.read(len(codecs.BOM_UTF8))
        return stream
    return io.BufferedReader(_Recoded(stream, encoding))


class _Recoded(io.RawIOBase):
    """A stream in some encoding, read as UTF-8."""

    def __init__(self, stream: io.BufferedIOBase, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            data = self._stream.read(_BLOCK)
            self._ended = not data
            text = self._decoder.decode(data, final=self._ended)
            self._ready = text.encode("utf-8", "replace")
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 and UTF-32 without a mark: in text with ASCII in it, the zeros stand at every second or fourth byte."""
    if len(head) < 4 or 0 not in head:
        return None
    zeros = [head[place::4].count(0) * 4 / len(head) for place in range(4)]
    often = [share > 0.3 for share in zeros]
    patterns = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return patterns.get((often[0], often[1], often[2], often[3]))


def _count_utf8(head: bytes, complete: bool) -> tuple[int, int]:
    """How many characters beyond ASCII are valid UTF-8 in `head`, and how many bytes are not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    beyond = [char for char in decoder.decode(head, final=complete) if char > "\x7f"]
    invalid = sum("\udc80" <= char <= "\udcff" for char in beyond)
    return len(beyond) - invalid, invalid


def _legacy_encoding(head: bytes) -> str | None:
    """The one encoding whose reading of `head` is a language written in it; None for none, or for several."""
    for group in _LEGACY:
        readings = [reading for legacy in group if (reading := _read_as(head[:_READ_BYTES], legacy))]
        readings.sort(key=lambda reading: (-reading[0], reading[1]))
        if not readings:
            continue
        confidence, encoding, text = readings[0]
        rivals = [r for r in readings[1:] if r[0] > confidence - _LEAD and r[2] != text]
        return None if rivals else encoding
    return None


def _read_as(data: bytes, legacy: _Legacy) -> tuple[float, str, str] | None:
    """How sure it is that `data` is in this encoding, its name and the text; None if it surely is not."""
    try:
        text = codecs.getincrementaldecoder(legacy.encoding)("strict").decode(data)
    except UnicodeDecodeError:
        return None
    if not _looks_written(text, legacy):
        return None
    language, confidence = classify(text)
    return (
        (confidence, legacy.encoding, text)
        if language in legacy.languages.split() and confidence >= _SURE
        else None
    )


def _looks_written(text: str, legacy: _Legacy) -> bool:
    """Whether its letters are those of the encoding's languages, and case does not change inside words."""
    letters = [char for char in text if char.isalpha()]
    own = len(re.findall(f"[{legacy.letters}]", text))
    beyond = [char for char in text if char > "\x7f"]
    written = sum(_is_written(char) for char in beyond)
    jumps = sum(left.islower() and right.isupper() for left, right in pairwise(text))
    return (
        own >= legacy.share * len(letters)
        and written >= _BEYOND_ASCII * len(beyond)
        and jumps <= _CASE_JUMPS * len(text)
    )


def _is_written(char: str) -> bool:
    # Thai writes vowels with marks. Arabic news hardly does: Russian misread as Arabic is full of them.
    return char.isalpha() or char in _PUNCTUATION or "\u0e31" <= char <= "\u0e4e"
