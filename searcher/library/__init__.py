"""
A library: the articles of one home directory and the indexes that find them.

`open_library(home)` gives a `Library`: `.add() .update() .rebuild() .search() .similar()`. The command line and the
web pages call this and nothing else.

- `library`: the door; `asking`: a query's way; `likeness`: a similar question's way; `answering`: what both share.
"""

from searcher.library.library import Library, open_library

__all__ = ["Library", "open_library"]
