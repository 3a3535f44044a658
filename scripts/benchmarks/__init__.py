"""
What the benchmarks of `scripts/bench_*.py` share: what is searched, what is asked, how it is timed, how it is said.

- `corpora`: articles, real where they are at hand, of any number of chunks;
- `questions`: what is asked of them, kind by kind, drawn from the articles themselves;
- `peers`: other engines, and how to install one that is missing;
- `timing`: ours and theirs in turn, in one run; medians, 95th percentiles and ratios;
- `report`: the same for people (a table) and machines (JSON), headed by machine, corpus and command;
- `free_encoder`: vectors that cost nothing, where only words are measured.

A bench script imports them as `from benchmarks.corpora import ...`: Python puts the directory of the script that it
runs on its path.
"""
