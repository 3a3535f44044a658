# The compiled inner loops: see plain_loops.py, which gives the same.

from searcher.index.lexical.plain_loops import Codes, Floats, Ints, Longs, Mask, Positions, Scored, Units

def add_scores(
    sums: Floats, base: int, units: Units, codes: Codes, table: Floats, factor: float, /
) -> None: ...
def add_scores_of(
    sums: Floats, wanted: Ints, base: int, units: Units, codes: Codes, table: Floats, factor: float, /
) -> None: ...
def raise_scores(best: Floats, base: int, units: Units, codes: Codes, table: Floats, /) -> None: ...
def among(values: Ints, rising: Ints, found: Mask, /) -> None: ...
def keep_followed(starts: Longs, by: int, positions: Positions, /) -> int: ...
def best_articles(
    rows: Ints | None,
    sums: Floats,
    first_chunk: Longs,
    seq: Longs,
    excess: Floats,
    bonus: Floats | None,
    weight: float,
    steepest: float,
    parts: list[Scored],
    table: Floats,
    articles: Longs,
    chunks: Longs,
    scores: Floats,
    /,
) -> int: ...
