"""
How do the words and signs of a query hang together?

A parser by recursive descent over tokens that are well-formed already (`lexer`). What binds tighter comes
first:

    signs    - + NOT        one word, quote or parenthesis
    and      a AND b
    or       a OR b
    group    a b c          words side by side
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from searcher.ranking.lexer import Notes, Token, is_word, short
from searcher.records import Fuzzy, Phrase, Prefix, Word
from searcher.records.queries import Field

MAX_SLOP = 50
MAX_EDITS = 2
MIN_PREFIX = 2
MIN_FUZZY = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Side by side, with no operator between them."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Joined by AND; a single one is an operand all the same (`title:(a b)`, `"word"`), never a free word."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Joined by OR."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """Behind NOT or `-`."""

    item: Tree


@dataclass(frozen=True, slots=True)
class Required:
    """Behind `+`."""

    item: Tree


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter: `source:bbc`, `since:7d`, `section:(world OR politics)`."""

    key: str
    values: tuple[str, ...]


Leaf = Word | Phrase | Prefix | Fuzzy
Tree = Leaf | Group | AllOf | AnyOf | Negated | Required | Condition


def read_tree(tokens: Sequence[Token], notes: Notes) -> Group:
    """Give the tree of well-formed `tokens` (as `read_tokens` gives them)."""
    return _Parser(tokens, notes).group("any")


class _Parser:
    """One walk over the tokens. It recurses as deep as the parentheses nest, which the lexer has bounded."""

    def __init__(self, tokens: Sequence[Token], notes: Notes) -> None:
        self._tokens = tokens
        self._notes = notes
        self._at = 0

    def group(self, field: Field) -> Group:
        items = []
        while self._at < len(self._tokens) and self._tokens[self._at].kind != ")":
            items.append(self._any_of(field))
        return Group(tuple(items))

    def _any_of(self, field: Field) -> Tree:
        items = [self._all_of(field)]
        while self._take("OR"):
            items.append(self._all_of(field))
        return AnyOf(tuple(items)) if len(items) > 1 else items[0]

    def _all_of(self, field: Field) -> Tree:
        items = [self._signed(field)]
        while self._take("AND"):
            items.append(self._signed(field))
        return AllOf(tuple(items)) if len(items) > 1 else items[0]

    def _signed(self, field: Field) -> Tree:
        signs = []
        while self._tokens[self._at].kind in ("NOT", "-", "+"):
            signs.append(self._next().kind)
        item = self._operand(field)
        if (len(signs) - signs.count("+")) % 2:
            return Negated(item)
        return Required(item) if signs else item

    def _operand(self, field: Field) -> Tree:
        token = self._next()
        if token.kind == "field" and token.text != "title":
            return Condition(token.text, self._values())
        if token.kind == "field":
            return AllOf((self._operand("title"),))
        if token.kind == "(":
            inside = self.group(field)
            self._next()
            return inside
        return (
            _word(token, field, self._notes) if token.kind == "word" else _phrase(token, field, self._notes)
        )

    def _values(self) -> tuple[str, ...]:
        """The value of a filter, or those between parentheses, of which OR divides one from the next."""
        token = self._next()
        if token.kind != "(":
            return (token.text if token.kind == "phrase" else token.text.rstrip(",;"),)
        names: list[list[str]] = [[]]
        depth = 1
        while depth:
            token = self._next()
            depth += (token.kind == "(") - (token.kind == ")")
            if token.kind == "OR":
                names.append([])
            elif token.kind in ("word", "phrase"):
                names[-1].append(token.text)
        return tuple(" ".join(name) for name in names if name)

    def _take(self, kind: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at].kind == kind
        self._at += found
        return found

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token


def _phrase(token: Token, field: Field, notes: Notes) -> Tree:
    words = tuple(word for word in token.text.split() if is_word(word))
    slop = token.slop or 0
    if len(words) == 1:
        if slop:
            notes.add(f"A distance needs two words or more: ~{short(str(slop))[1:-1]} was ignored.")
        return AllOf((Word(words[0], field),))
    if slop > MAX_SLOP:
        notes.add(f"A distance is at most {MAX_SLOP} words.")
    return Phrase(words, field, min(slop, MAX_SLOP))


def _word(token: Token, field: Field, notes: Notes) -> Tree:
    """A word with its sign (`vot*`, `word~`), or the plain word where the sign cannot be used."""
    text = token.text
    bare = text.rstrip(",.;:!?")
    if bare.endswith("*") and bare.count("*") == 1:
        return _prefix(bare[:-1], field, notes)
    if "*" in text:
        notes.add(f"A * is understood only at the end of a word: {short(text)} was taken as a plain word.")
        return Word(text.strip("*"), field)
    head, sign, edits = bare.partition("~")
    if sign and is_word(head) and _is_number(edits):
        return _fuzzy(head, edits, field, notes)
    return Word(text, field)


def _prefix(text: str, field: Field, notes: Notes) -> Tree:
    core = _core(text)
    if core is None:
        notes.add(f"A * must follow one unbroken word: {short(text + '*')} was taken as {short(text)}.")
    elif _length(core) < MIN_PREFIX:
        notes.add(
            f"A * needs {MIN_PREFIX} letters before it: {short(text + '*')} was taken as {short(text)}."
        )
    else:
        return Prefix(core, field)
    return Word(text, field)


def _fuzzy(text: str, number: str, field: Field, notes: Notes) -> Tree:
    typed = short(f"{text}~{number}")
    core = _core(text)
    value = min(float(number or 1), MAX_EDITS + 1)
    edits = 1 if 0 < value < 1 else int(value)  # Below 1 it is a similarity, as Lucene once had it.
    if core is None:
        notes.add(f"A ~ must follow one unbroken word: {typed} was taken as {short(text)}.")
    elif _length(core) < MIN_FUZZY:
        notes.add(f"A ~ needs {MIN_FUZZY} letters before it: {typed} was taken as {short(text)}.")
    elif edits:
        if edits > MAX_EDITS:
            notes.add(f"At most {MAX_EDITS} letters may differ: {typed} was taken as ~{MAX_EDITS}.")
        return Fuzzy(core, min(edits, MAX_EDITS), field)
    return Word(text, field)


def _is_number(text: str) -> bool:
    whole, _, part = text.partition(".")
    return all(digits.isascii() and digits.isdigit() for digits in (whole, part) if digits) and text != "."


def _core(text: str) -> str | None:
    """The one unbroken word in `text`, without a `#` or the like before it; None if there are more."""
    first = next((at for at, char in enumerate(text) if char.isalnum()), len(text))
    core = text[first:]
    return core if core and all(char in "._'’" or is_word(char) for char in core) else None


def _length(text: str) -> int:
    return sum(char.isalnum() for char in text)
