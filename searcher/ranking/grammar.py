"""
What is asked? A line of text becomes a Query: free words, a restriction, and filters.

The language is that of web search engines and of Lucene; docs/query-language.md is its reference, and a test
runs every example there. The way is text -> tokens (`lexer`) -> tree (`syntax`) -> Query (here).

It never raises for any text. What cannot be understood is read as plain words, with a note.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from searcher.ranking.conditions import Conditions
from searcher.ranking.lexer import MAX_CHARS, MAX_NESTING, Notes, is_word, read_tokens, trim
from searcher.ranking.syntax import AllOf, AnyOf, Condition, Group, Leaf, Negated, Required, Tree, read_tree
from searcher.records import And, Filters, Node, Not, Or, Phrase, Query, Word

__all__ = ["MAX_CHARS", "MAX_FREE_WORDS", "MAX_NESTING", "MAX_TERMS", "parse_query", "plain_query"]

# A word in an operator may cost an expansion and an intersection. A free word costs one addition over its
# postings, and long questions need theirs: of MultiHop-RAG's 1,278, 968 have more than 32 words, at most 64.
MAX_TERMS = 32
MAX_FREE_WORDS = 128
_TOO_MANY = f"Only the first {MAX_FREE_WORDS} words are looked up; the others count by meaning."


def parse_query(text: str, *, now: datetime, filters: Filters = Filters()) -> Query:
    """
    Give the query that `text` means, within `filters`.

    Bare words are free; a word beside AND or OR, behind NOT, `-`, `+` or `title:`, a phrase, a prefix and a
    fuzzy word restrict. Side by side, restrictions hold all together; inside an operand (`x AND (a b)`) words
    side by side mean any of them. Parentheses without an operator beside or inside them change nothing.

    `now`: aware; `7d` and `yesterday` count from it. Raises ValueError if a date needs it and it is naive.
    `Query.raw` is `text` cleaned (`searcher.text.clean`) and at most MAX_CHARS long.
    """
    notes = Notes()
    raw = trim(text, notes)
    conditions = Conditions(filters, now=now, notes=notes)
    meaning = _Meaning(conditions, notes)
    restriction = meaning.read(read_tree(read_tokens(raw, notes), notes))
    found = conditions.filters()
    if raw and not meaning.free and restriction is None and found == filters:
        notes.add("The query holds no word to search for.")
    return Query(
        raw=raw,
        text=" ".join(meaning.words),
        free=tuple(meaning.free),
        scored=tuple(dict.fromkeys(meaning.scored)),
        restriction=restriction,
        filters=found,
        notes=notes.all(),
    )


def plain_query(text: str, *, filters: Filters = Filters()) -> Query:
    """
    Give the query in which every word of `text` is free: for text that nobody wrote as a query.

    A pasted post or a judged topic holds quotes and dashes that mean no restriction: of the 1,196 posts of
    CheckThat! 2022, `parse_query` would restrict 260. The limits are those of `parse_query`.
    """
    notes = Notes()
    raw = trim(text, notes)
    words = tuple(word for word in raw.split() if is_word(word))
    if len(words) > MAX_FREE_WORDS:
        notes.add(_TOO_MANY)
    return Query(
        raw=raw, text=" ".join(words), free=words[:MAX_FREE_WORDS], filters=filters, notes=notes.all()
    )


class _Meaning:
    """
    One walk over the tree, in the order of the text.

    Inside a restriction `flipped` says whether the place is negated (an odd number of times), and `sided`
    whether what stands there holds for one side of an operator only, which a filter cannot.
    """

    def __init__(self, conditions: Conditions, notes: Notes) -> None:
        self.words: list[str] = []
        self.free: list[str] = []
        self.scored: list[Leaf] = []
        self._conditions = conditions
        self._notes = notes
        self._room = MAX_TERMS

    def read(self, tree: Tree) -> Node | None:
        """Give the restriction of the whole query; free and scored words and filters gather beside it."""
        return _join(And, self._loosely(tree))

    def _loosely(self, tree: Tree) -> list[Node | None]:
        """What must hold of a tree that no operator touches: its bare words are free."""
        if isinstance(tree, Group):
            return [node for item in tree.items for node in self._loosely(item)]
        if isinstance(tree, Word) and tree.field == "any":
            self._add_free(tree.text)
            return []
        return [self._strictly(tree, flipped=False, sided=False)]

    def _strictly(self, tree: Tree, *, flipped: bool, sided: bool) -> Node | None:
        """What must hold of a tree that an operator touches. None: nothing (a filter, or past a limit)."""
        match tree:
            case Condition():
                self._add_condition(tree, flipped=flipped, sided=sided)
                return None
            case Required(item):
                return self._strictly(item, flipped=flipped, sided=sided)
            case Negated(item):
                return _negate(self._strictly(item, flipped=not flipped, sided=sided))
            case AnyOf(items):
                sided = sided or (not flipped and not _same_condition(items))
                return _join(Or, [self._strictly(item, flipped=flipped, sided=sided) for item in items])
            case AllOf(items):
                return _join(
                    And, [self._strictly(item, flipped=flipped, sided=sided or flipped) for item in items]
                )
            case Group(items):
                return self._group(items, flipped=flipped, sided=sided)
            case _:
                return self._leaf(tree, flipped=flipped)

    def _group(self, items: tuple[Tree, ...], *, flipped: bool, sided: bool) -> Node | None:
        """Any of those side by side, none of those behind `-`. With a `+` among them: as in a whole query."""
        if not flipped and any(isinstance(item, Required) for item in items):
            return _join(And, self._loosely(Group(items)))
        any_of: list[Node | None] = []
        none_of: list[Node | None] = []
        for item in items:
            side = none_of if isinstance(item, Negated) else any_of
            side.append(self._strictly(item, flipped=flipped, sided=sided))
        return _join(And, [_join(Or, any_of), *none_of])

    def _leaf(self, leaf: Leaf, *, flipped: bool) -> Node | None:
        if not flipped:
            self.words.extend(leaf.words if isinstance(leaf, Phrase) else (leaf.text,))
        fitting = self._fit(leaf)
        if fitting and not flipped:
            self.scored.append(fitting)
        return fitting

    def _fit(self, leaf: Leaf) -> Leaf | None:
        """The leaf, as much of it as the limit of terms leaves room for."""
        size = len(leaf.words) if isinstance(leaf, Phrase) else 1
        room, self._room = self._room, max(0, self._room - size)
        if size <= room:
            return leaf
        self._notes.add(f"Only the first {MAX_TERMS} words in quotes and operators restrict the answer.")
        return (
            Phrase(leaf.words[:room], leaf.field, leaf.slop)
            if isinstance(leaf, Phrase) and room > 1
            else None
        )

    def _add_free(self, word: str) -> None:
        self.words.append(word)
        if len(self.free) < MAX_FREE_WORDS:
            self.free.append(word)
        else:
            self._notes.add(_TOO_MANY)

    def _add_condition(self, condition: Condition, *, flipped: bool, sided: bool) -> None:
        if sided:
            name = "lang" if condition.key == "language" else condition.key
            self._notes.add(
                f"Filters hold for the whole query: {name}: was not limited to one side of AND or OR."
            )
        for value in condition.values:
            self._conditions.add(condition.key, value, negated=flipped)


def _same_condition(items: Iterable[Tree]) -> bool:
    """Whether these are names of one kind, of which any will do: `source:bbc OR source:cnn`."""
    keys = {item.key if isinstance(item, Condition) else None for item in items}
    return len(keys) == 1 and not keys & {None, "since", "until"}


def _join(kind: type[And] | type[Or], nodes: Iterable[Node | None]) -> Node | None:
    """The nodes under one And or Or: those of its own kind opened, equal ones once, a single one alone."""
    flat: dict[Node, None] = {}
    for node in nodes:
        if node is not None:
            flat.update(dict.fromkeys(node.nodes if isinstance(node, kind) else (node,)))
    if len(flat) > 1:
        return kind(tuple(flat))
    return next(iter(flat), None)


def _negate(node: Node | None) -> Node | None:
    if isinstance(node, Not):
        return node.node
    return Not(node) if node is not None else None
