"""
Which words and signs are in this query, in an order that can be parsed?

Here every malformed query becomes a well-formed one: parentheses balance, every operator has what it needs,
and a note says what was ignored. The parser behind it has therefore no errors to handle. Whoosh's own parser
raises, or runs for seconds, on `(` or `NOT` a thousand times; this one looks at each character a constant
number of times, whatever it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from searcher.text import clean

MAX_CHARS = 512
MAX_NESTING = 20

Kind = Literal["(", ")", "AND", "OR", "NOT", "-", "+", "field", "word", "phrase"]

FIELDS = {
    "title": "title",
    "source": "source",
    "section": "section",
    "lang": "language",
    "language": "language",
    "since": "since",
    "until": "until",
}

_QUOTES = '"“”„‟«»〝〞〟'
_FULL_WIDTH = str.maketrans("＂（）＊＋－：～＾", '"()*+-:~^')
_WORD = re.compile(rf"[^\s(){_QUOTES}]+")
_FIELD = re.compile(rf"({'|'.join(FIELDS)}):", re.IGNORECASE | re.ASCII)
_SIGN = re.compile(r"[-+](?=[^\s)+-])")
_PHRASE = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)([{_QUOTES}]?)(?:(~)([0-9]*))?(\^[0-9.]+)?")
_CLOSE = re.compile(r"\)(\^[0-9.]+)?")
_PREFIXES = ("NOT", "-", "+", "field")
_OPERATORS = (*_PREFIXES, "AND", "OR")


class Notes:
    """Sentences for the person who asked: each one once, in the order of their first mention."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        """Add one sentence, if it was not said already."""
        self._sentences[sentence] = None

    def all(self) -> tuple[str, ...]:
        """Give them all."""
        return tuple(self._sentences)


@dataclass(frozen=True, slots=True)
class Token:
    """
    One word or sign. `text`: the word, the content of the quotes, or the name of the field.

    `slop`: the number after `"..."~`, None where there is none.
    """

    kind: Kind
    text: str = ""
    slop: int | None = None


def trim(text: str, notes: Notes) -> str:
    """Give `text` cleaned, at most MAX_CHARS long, cut between words."""
    # Cut before it is cleaned: a megabyte must not cost more than what is read of it.
    text = text.strip()
    trimmed = clean(text[: MAX_CHARS + 1]).strip()
    if len(text) <= MAX_CHARS and len(trimmed) <= MAX_CHARS:
        return trimmed
    notes.add(f"Only the first {MAX_CHARS} characters were read.")
    if len(trimmed) <= MAX_CHARS:
        return trimmed
    head = trimmed[: MAX_CHARS + 1]
    words = head.rsplit(None, 1)
    return words[0] if len(words) == 2 else head[:MAX_CHARS]


def read_tokens(text: str, notes: Notes) -> list[Token]:
    """
    Give the words and signs of `text`, well-formed, with a note for each thing that was ignored.

    Promised: parentheses balance, are never empty, and nest at most MAX_NESTING deep. AND and OR stand
    between two operands; NOT, signs and fields stand before one.
    """
    return _mend(_scan(text.translate(_FULL_WIDTH), notes), notes)


def is_word(text: str) -> bool:
    """Whether `text` holds more than punctuation: a letter, a digit, a currency sign, an emoji."""
    return any(_is_wordy(char) for char in text)


def short(text: str) -> str:
    """Give `text` as it is quoted in a note."""
    return f"'{text}'" if len(text) <= 40 else f"'{text[:39]}…'"


def _is_wordy(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] not in "PZ" and category not in ("Sm", "Sk", "Cc", "Cf", "Cs") and char != "\ufffd"


def _scan(text: str, notes: Notes) -> Iterator[Token]:
    """Cut `text` into tokens. `glued` is the sign or field that stands right before, without a space."""
    at, glued = 0, ""
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
        elif char == "(":
            yield Token("(")
            at, glued = at + 1, ""
        elif closed := _CLOSE.match(text, at):
            _ignore_weight(closed[1], notes)
            yield Token(")")
            at, glued = closed.end(), ""
        elif quoted := _PHRASE.match(text, at):
            yield _phrase(quoted, notes)
            at, glued = quoted.end(), ""
        elif not glued and _is_sign(text, at):
            yield Token("-" if char == "-" else "+")
            at, glued = at + 1, "sign"
        elif glued != "field" and (field := _FIELD.match(text, at)):
            if _has_value(text, field.end()):
                yield Token("field", FIELDS[field[1].lower()])
                glued = "field"
            else:
                name = field[1].lower()
                notes.add(f"'{name}:' without a value was ignored; write {name}:VALUE without a space.")
                yield Token("phrase")  # Empty: whatever sign stands before it goes with it.
                glued = ""
            at = field.end()
        else:
            word = _WORD.match(text, at)
            assert word is not None, "all other characters were taken above"
            yield from _word(word[0], notes, operand=bool(glued))
            at, glued = word.end(), ""


def _is_sign(text: str, at: int) -> bool:
    """Whether a `-` or `+` begins a word, quote or parenthesis, and is neither a dash nor within a word."""
    if not _SIGN.match(text, at) or (at and not text[at - 1].isspace() and text[at - 1] != "("):
        return False
    word = _WORD.match(text, at + 1)
    return word is None or is_word(word[0])


def _has_value(text: str, at: int) -> bool:
    word = _WORD.match(text, at)
    return is_word(word[0]) if word else at < len(text) and not text[at].isspace() and text[at] != ")"


def _phrase(quoted: re.Match[str], notes: Notes) -> Token:
    content, closed, tilde, slop, weight = quoted.groups()
    if not closed:
        notes.add("An unclosed quote was closed at the end.")
    elif not is_word(content):
        notes.add("Quotes without a word in them were ignored.")
    if tilde and not slop:
        notes.add('A ~ behind quotes needs a number, as in "a b"~5, and was ignored.')
    _ignore_weight(weight, notes)
    return Token("phrase", content if is_word(content) else "", int(slop) if slop else None)


def _word(text: str, notes: Notes, *, operand: bool) -> Iterator[Token]:
    """The word itself, a key word, or nothing for mere punctuation. A glued `operand` is never a key word."""
    head, sign, weight = text.rpartition("^")
    if sign and weight and set(weight) <= set("0123456789.") and any(char.isalpha() for char in head):
        _ignore_weight(sign + weight, notes)
        text = head
    if text in ("AND", "OR", "NOT") and not operand:
        yield Token(text)  # type: ignore[arg-type]
    elif is_word(text):
        yield Token("word", text)


def _ignore_weight(weight: str | None, notes: Notes) -> None:
    if weight:
        notes.add(f"Words cannot be weighted: {short(weight)} was ignored.")


def _mend(tokens: Iterator[Token], notes: Notes) -> list[Token]:
    """Balance the parentheses and take out every operator that lacks an operand: one pass, one stack."""
    kept: list[Token] = []
    depth = too_deep = 0
    for token in tokens:
        if token.kind == "(" and depth == MAX_NESTING:
            too_deep += 1
            notes.add(f"Parentheses more than {MAX_NESTING} deep were ignored.")
        elif token.kind == "(":
            depth += 1
            kept.append(token)
        elif token.kind == ")" and too_deep:
            too_deep -= 1
        elif token.kind == ")" and not depth:
            notes.add("')' without '(' was ignored.")
        elif token.kind == ")":
            depth -= 1
            _close(kept, notes)
        elif token.kind == "phrase" and not token.text:
            _drop_prefixes(kept)
        elif token.kind in ("AND", "OR") and (not kept or kept[-1].kind in ("(", *_OPERATORS)):
            notes.add(f"{token.kind} without a word before it was ignored.")
        else:
            kept.append(token)
    if depth or too_deep:
        notes.add("An unclosed '(' was closed at the end.")
    for _ in range(depth):
        _close(kept, notes)
    _drop_operators(kept, notes)
    return kept


def _close(kept: list[Token], notes: Notes) -> None:
    _drop_operators(kept, notes)
    if kept[-1].kind == "(":
        kept.pop()
        _drop_prefixes(kept)
        notes.add("Parentheses without a word in them were ignored.")
    else:
        kept.append(Token(")"))


def _drop_operators(kept: list[Token], notes: Notes) -> None:
    while kept and kept[-1].kind in _OPERATORS:
        dropped = kept.pop().kind
        if dropped in ("AND", "OR", "NOT"):
            notes.add(f"{dropped} without a word after it was ignored.")


def _drop_prefixes(kept: list[Token]) -> None:
    """Take out the signs and fields before something empty, or they would take the next word."""
    while kept and kept[-1].kind in _PREFIXES:
        kept.pop()
