"""
What can go wrong, divided by what the caller can do about it.

    SearcherError                  anything we raise on purpose
    ├── InputError                 mend the input, then try again
    │   ├── SourceUnreadable       a path or URL that cannot be read at all
    │   ├── ArticleNotFound        no article of this id
    │   └── SettingsError          searcher.toml or an option says something impossible
    ├── IndexUnusable              run `searcher rebuild` (or `update`)
    │   ├── NoIndex                nothing was built here yet
    │   ├── IndexOutdated          built with another encoder, chunker, analyzer or format
    │   └── IndexDamaged           a file of the index is missing or not what its digest says
    ├── LibraryBusy                somebody else writes: wait, and try again
    ├── EncoderUnavailable         the model is missing or refused to load
    └── StoreDamaged               articles.db needs a person (restore a backup)

Each message says what, where, and the next step, in one sentence.
"""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


class SearcherError(Exception):
    """Anything raised on purpose. Its text is meant to be read by the person at the terminal."""


class InputError(SearcherError):
    """The input is wrong: mend it, then try again."""


class SourceUnreadable(InputError):
    """A path or URL that cannot be read at all."""


class ArticleNotFound(InputError):
    """No article of this id is in the library."""


class SettingsError(InputError):
    """`searcher.toml` or an option says something impossible."""


class IndexUnusable(SearcherError):
    """The indexes cannot answer; the articles are safe. The message names the command that mends it."""


class NoIndex(IndexUnusable):
    """Nothing was built here yet."""


class IndexOutdated(IndexUnusable):
    """The index was built with another encoder, chunker, analyzer or format."""


class IndexDamaged(IndexUnusable):
    """A file of the index is missing, or is not what its digest says."""


class LibraryBusy(SearcherError):
    """Another process is writing to this library."""


class EncoderUnavailable(SearcherError):
    """The model is missing or refused to load; the lexical leg still answers."""


class StoreDamaged(SearcherError):
    """`articles.db` cannot be trusted: a person has to look."""


def to_keep(error: E) -> E:
    """
    Give an error that is kept instead of raised: it, and what it came from, without the frames they came through. Those
    would hold on to all that was at work, open files among it, for as long as somebody keeps the error.
    """
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error
