"""
A hybrid news search engine: articles in, keyword queries and "similar" questions answered, offline.

    from searcher import open_library

    with open_library("news", create=True) as library:
        library.add("articles.jsonl")
        for hit in library.search("port strike", limit=5):
            print(hit.article.title, hit.snippet.text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from searcher.library import Library, open_library

__version__ = "0.1.0"

__all__ = ["Library", "__version__", "open_library"]


def __getattr__(name: str) -> Any:
    # The engines behind the door take .4 s to import: `searcher --help` must not pay for them.
    if name in ("Library", "open_library"):
        from searcher import library

        return getattr(library, name)
    raise AttributeError(f"module 'searcher' has no attribute {name!r}")
