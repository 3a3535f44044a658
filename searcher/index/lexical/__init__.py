"""
"Which chunks hold these words?" The BM25 leg: Whoosh's analysis over score-ready postings.

- `analysis`: text to terms, by Whoosh's parts;
- `lexicon`, `codes`, `postings`: the arrays of one segment, written once, memory-mapped;
- `matching`, `spelling`: which articles meet a restriction, and which words a prefix or fuzzy word stands for;
- `leg`: BM25F over a whole generation; `scoring`: what a word adds; `scores`: which articles are the best;
- `likeness`: how much two articles share;
- `codec`, `whoosh_segment`: the same arrays, searched by Whoosh itself.
"""
