# The compiled inner loops: see plain_loops.py, which gives the same.

from searcher.index.lexical.plain_loops import Codes, Floats, Held, Ints, Mask, Positions, Units

def add_scores(
    sums: Floats, base: int, units: Units, codes: Codes, table: Floats, factor: float, /
) -> None: ...
def add_scores_of(
    sums: Floats, wanted: Ints, base: int, units: Units, codes: Codes, table: Floats, factor: float, /
) -> None: ...
def raise_scores(best: Floats, base: int, units: Units, codes: Codes, table: Floats, /) -> None: ...
def among(values: Ints, pieces: list[Held], found: Mask, /) -> None: ...
def mark(mask: Mask, base: int, units: Units, /) -> None: ...
def phrase_articles(
    words: list[tuple[Positions, int]],
    article_positions: Positions,
    body_positions: Positions | None,
    rows: Ints,
    /,
) -> int: ...
