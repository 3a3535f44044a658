# Compiled: see plain_loops.py, which gives the same.

from searcher.index.lexical.plain_loops import Floats, Ints, Longs, Measures, ScoredPart

def measures(
    first_chunk: Longs,
    seq: Longs,
    excess: Floats,
    excess_of_blocks: Floats,
    norm_ratio: Floats,
    article_table: Floats,
    chunk_table: Floats,
    /,
) -> Measures: ...
def best_articles(
    rows: Ints | None,
    sums: Floats | None,
    measures: Measures,
    bonus: Floats | None,
    weight: float,
    article_parts: list[ScoredPart],
    chunk_parts: list[ScoredPart],
    depth: int,
    /,
) -> tuple[bytes, bytes, bytes]: ...
