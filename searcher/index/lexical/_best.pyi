# Compiled: see plain_loops.py, which gives the same.

from searcher.index.lexical.plain_loops import Floats, Ints, Longs, ScoredPart

def best_articles(
    rows: Ints | None,
    sums: Floats,
    first_chunk: Longs,
    seq: Longs,
    excess: Floats,
    excess_of_blocks: Floats,
    bonus: Floats | None,
    weight: float,
    parts: list[ScoredPart],
    of_articles: list[float],
    table: Floats,
    articles: Longs,
    chunks: Longs,
    scores: Floats,
    /,
) -> int: ...
