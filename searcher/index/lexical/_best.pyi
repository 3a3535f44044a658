# Compiled: see plain_loops.py, which gives the same.

from searcher.index.lexical.plain_loops import Floats, Ints, Longs, ScoredPart

def best_articles(
    rows: Ints | None,
    sums: Floats | None,
    first_chunk: Longs,
    seq: Longs,
    excess: Floats,
    excess_of_blocks: Floats,
    norm_ratio: Floats,
    bonus: Floats | None,
    weight: float,
    article_parts: list[ScoredPart],
    article_table: Floats,
    chunk_parts: list[ScoredPart],
    chunk_table: Floats,
    articles: Longs,
    chunks: Longs,
    scores: Floats,
    /,
) -> int: ...
