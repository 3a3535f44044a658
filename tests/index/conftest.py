"""A home that nothing was indexed in yet, and indexes with nothing in them."""

import pytest

from searcher.index.generation import Indexes
from searcher.store import Store


@pytest.fixture
def home(tmp_path):
    """A home with an empty store."""
    (tmp_path / "indexes").mkdir()
    return tmp_path


@pytest.fixture
def store(home):
    """The store of this home."""
    with Store.open(home / "articles.db", create=True) as opened:
        yield opened


@pytest.fixture
def indexes(tmp_path):
    """An `indexes/` directory with nothing in it."""
    return Indexes(tmp_path / "indexes")
