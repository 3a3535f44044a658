"""Pages by cursor: all of them together are the answer, whatever happens between them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.web import generations
from searcher.web.cursors import CursorMismatch, CursorUnknown, Place, read_cursor, write_cursor
from tests.library.samples import NOW, article, invented
from tests.web.served import library_at, served


def turn(client, **params):
    """Give one page."""
    response = client.get("/api/v1/search", params=params)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
@pytest.mark.parametrize("size", [1, 7, 100])
def test_all_pages_are_the_answer_while_updates_happen(tmp_path, size, mode):
    """
    Between any two pages articles are added and indexed, corrected and withdrawn: pages together hold each hit of the
    first moment once, in order, but for those withdrawn in between, from the generation of the first.
    """
    random = Random(size)
    library = library_at(tmp_path, articles=45)
    with served(library) as client:
        asked = {"q": "harbour strike", "mode": mode, "limit": size}
        whole = library.search("harbour strike", mode=mode, limit=1000)
        order = [hit.article_id for hit in whole]
        gone: set[str] = set()
        page, seen = turn(client, **asked), []
        while True:
            seen += [hit["id"] for hit in page["hits"]]
            assert (page["generation"], page["total"]) == (1, whole.total)
            if page["next"] is None:
                break
            library.add(invented(f"late{len(seen)}", random), invented("n3", random), now=NOW)
            client.app.state.service.generations.refresh()
            rest = [name for name in order[len(seen) + len(gone) :] if name not in gone]
            if rest:
                gone.add(rest[-1])
                library.remove(rest[-1])
            page = turn(client, **asked, cursor=page["next"])
        shown = {name for hit in whole for name in (hit.article_id, *hit.copies)}
        assert set(seen) <= shown and len(seen) == len(set(seen))
        assert [name for name in seen if name in order] == [name for name in order if name in set(seen)]
        assert set(order) - set(seen) <= gone
        fresh = turn(client, **asked)
        assert fresh["generation"] > 1 or size == 100


def test_a_cursor_of_a_collected_generation_is_gone(tmp_path, monkeypatch):
    """When its generation is held no more, a cursor is 410 with what to do; the question itself is answered."""
    library = library_at(tmp_path)
    with served(library) as client:
        cursor = turn(client, q="harbour", limit=2)["next"]
        library.add(article("new", "A harbour."))
        held = client.app.state.service.generations
        held.refresh()
        held.drop_old()
        assert turn(client, q="harbour", limit=2, cursor=cursor)["generation"] == 1
        monkeypatch.setattr(generations, "CURSOR_S", -1.0)
        held.drop_old()
        answer = client.get("/api/v1/search", params={"q": "harbour", "limit": 2, "cursor": cursor})
        assert answer.status_code == 410 and "without a cursor" in answer.json()["detail"]
        assert turn(client, q="harbour", limit=2)["generation"] == 2


def test_a_cursor_continues_its_own_question_only(tmp_path):
    """With other words, filters or order a cursor is refused; with another page size it continues where it stood."""
    library = library_at(tmp_path)
    with served(library) as client:
        first = turn(client, q="harbour", limit=3)
        for changed in (
            {"q": "bridge"},
            {"q": "harbour", "source": "wire"},
            {"q": "harbour", "sort": "date"},
        ):
            answer = client.get("/api/v1/search", params={**changed, "cursor": first["next"]})
            assert answer.status_code == 409 and "another question" in answer.json()["detail"]
        rest = turn(client, q="harbour", limit=100, cursor=first["next"])
        assert [hit["rank"] for hit in first["hits"] + rest["hits"]] == list(range(1, first["total"] + 1))
        like = client.get("/api/v1/similar", params={"id": "n1", "limit": 2}).json()
        more = client.get("/api/v1/similar", params={"id": "n1", "limit": 2, "cursor": like["next"]}).json()
        assert [hit["rank"] for hit in more["hits"]] == [3, 4]


@given(
    st.integers(0, 2**40),
    st.integers(0, 2**40),
    st.integers(0, 2**33),
    st.integers(0, 10**6),
    st.integers(0, 2**64),
)
def test_a_cursor_says_what_was_put_into_it(generation, as_of, minute, offset, number):
    """Written and read again, place and offset are the same; under another question it is refused."""
    from datetime import UTC, datetime

    place = Place(generation, as_of, datetime.fromtimestamp(minute, UTC))
    digest = f"{number:016x}"
    assert read_cursor(write_cursor(place, offset, digest), digest) == (place, offset)
    with pytest.raises(CursorMismatch, match="another question"):
        read_cursor(write_cursor(place, offset, digest), "other")


@given(st.text("ABCXYZabcxyz0123456789-_", min_size=1, max_size=60))
def test_any_text_is_no_cursor(text):
    """Text that nobody made here is CursorUnknown, whatever it decodes to."""
    try:
        read_cursor(text, "0" * 16)
    except CursorUnknown:
        return
    raise AssertionError("random text continued a question")
