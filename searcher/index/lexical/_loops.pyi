# The compiled inner loops: see plain_loops.py, which gives the same.

from searcher.index.lexical.plain_loops import Codes, Floats, Ints, Piece, Positions, ScoredPart, Units

def add_scores(sums: Floats, parts: list[ScoredPart], table: Floats, /) -> None: ...
def part(factor: float, pieces: list[Piece], is_merged: bool = False, /) -> ScoredPart: ...
def add_scores_of(sums: Floats, wanted: Ints, parts: list[ScoredPart], table: Floats, /) -> None: ...
def add_terms(
    sums: Floats,
    terms: Ints,
    factors: Floats,
    starts: Positions,
    base: int,
    units: Units,
    codes: Codes,
    table: Floats,
    /,
) -> None: ...
def merge_postings(pieces: list[Piece], end: int, ranks: Codes, by_rank: Codes, /) -> tuple[bytes, bytes]: ...
