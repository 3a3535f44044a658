"""
"Which chunks hold these words?" The BM25 leg: Whoosh's analysis and matching over score-ready postings.

- `analysis`: text to terms, by a Whoosh analyzer;
- `lexicon`, `postings`: the arrays of one segment, written once, memory-mapped;
- `scoring`: BM25F over them; `matching`: which articles meet a restriction;
- `leg`: the leg over a whole generation.
"""
