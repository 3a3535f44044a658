"""What the tests of the web share."""

import pytest

pytest.importorskip("fastapi", reason="the web is an extra: pip install 'searcher[web]'")

from tests.library.samples import no_waiting_for_the_disk
from tests.web.served import library_at, served

__all__ = ["no_waiting_for_the_disk"]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Sixty articles, every seventh a copy of the one before; not to be written to."""
    return library_at(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="module")
def client(library):
    """A client of the server of `library`."""
    with served(library) as client:
        yield client
