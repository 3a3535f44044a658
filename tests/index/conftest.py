"""A home that nothing was indexed in yet, for the tests of building."""

import pytest

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
