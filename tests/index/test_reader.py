"""An open generation: what its indexes know of words, and that nothing of it stays behind."""

import gc
import weakref

from searcher.index.lexical.analysis import Analyzer
from searcher.index.reader import Reader
from searcher.library import open_library
from tests.fake_encoder import FakeEncoder
from tests.library.samples import article


def library_of(home, *bodies):
    library = open_library(home, create=True, encoder=FakeEncoder())
    library.add(*(article(f"a{number}", body) for number, body in enumerate(bodies)))
    return library


def test_only_an_index_of_the_same_analysis_gives_terms(tmp_path):
    """Terms of an index that was made by another stemmer are not taken over."""
    with library_of(tmp_path, "The harbours were closed.") as library:
        lexical = library.settings.lexical
        with Reader(library.indexes, library.analyzer, lexical) as same:
            assert same.lexical.analyzer is not library.analyzer
            assert same.lexical.analyzer.terms("harbours closed") == ["harbour", "close"]
        with Reader(library.indexes, Analyzer("none"), lexical) as other:
            assert other.lexical.analyzer.terms("harbours closed") == ["harbours", "closed"]


def test_nothing_of_a_reader_stays_when_nobody_refers_to_it(tmp_path):
    """Its postings go with it, at once: a server that indexes for days must not wait for the collector of cycles."""
    with library_of(tmp_path, "The harbours were closed.", "Dock strikes.") as library:
        library.search("harbours closed", mode="lexical")
        postings = weakref.ref(library.readers.current().lexical.segments[0])
        analyzer = weakref.ref(library.readers.current().lexical.analyzer)
        gc.collect()
        gc.disable()
        try:
            library.readers.close()
            assert (postings(), analyzer()) == (None, None)
        finally:
            gc.enable()
