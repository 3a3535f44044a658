import pytest

from searcher.errors import SettingsError
from searcher.ingest.fields import NAMES, check_fields, draft_from_record
from searcher.records import Rejection
from tests.ingest.cases import OPTIONS, WHERE, options


def draft(record, **changes):
    return draft_from_record(record, WHERE, options(**changes))


def test_every_common_name_is_recognised():
    """Each name in the table fills its own field, whatever its case and separators."""
    for field, names in NAMES.items():
        for name in names:
            for spelling in (name, name.upper(), name.replace("_", "-"), name.replace("_", "")):
                found = draft({"text" if field != "body" else "other": "words", spelling: "given"})
                value = getattr(found, "article_id" if field == "id" else field)
                assert value in ("given", ("given",)), (field, spelling)


def test_the_more_telling_name_wins():
    """A description is the body only where there is nothing better, and blank values do not count."""
    assert draft({"description": "short", "content": "long"}).body == "long"
    assert draft({"description": "short", "content": "  ", "text": None}).body == "short"


def test_the_user_is_asked_first():
    """What `--field` names goes before any other name, also with a path, and is not read as anything else."""
    record = {"title": "Main menu", "kicker": {"text": "Real headline"}, "text": "menu", "summary": "body"}
    found = draft(record, fields={"kicker.text": "title", "summary": "body"})
    assert (found.title, found.body) == ("Real headline", "body")


def test_values_come_as_objects_lists_and_numbers():
    """Names in objects, lists of them, and numbers are read as the texts they stand for."""
    found = draft(
        {
            "_id": {"$oid": "65a"},
            "source": {"id": None, "name": "The Courier"},
            "authors": [{"name": "Jane Doe"}, "John Roe", None, 7, True],
            "content": ["First.", "Second."],
            "timestamp": 1753279530,
            "section": ["World", "Europe"],
        }
    )
    assert (found.article_id, found.source, found.body) == ("65a", "The Courier", "First.\nSecond.")
    assert found.authors == ("Jane Doe", "John Roe", "7")
    assert (found.published, found.section) == ("1753279530", "World")


def test_a_hit_of_a_search_engine_holds_the_article():
    """An article one level down, in `_source`, is found with the id beside it."""
    found = draft({"_id": "7", "_source": {"headline": "H", "body": "B"}})
    assert (found.article_id, found.title, found.body) == ("7", "H", "B")


def test_a_record_without_a_body_says_what_it_has():
    """The reason names the fields there are, and the option to name the body by."""
    found = draft({"kopf": "x", "inhalt": "y"})
    assert isinstance(found, Rejection)
    assert (
        found.reason == "no field of it is the body (it has 'kopf', 'inhalt'): name it with --field body=NAME"
    )
    assert "empty" in draft({"title": "x", "text": ""}).reason


def test_mapping_to_an_unknown_field_is_refused():
    """A target that articles do not have is a mistake of the user's, said at once."""
    check_fields({"x": "headline"})
    with pytest.raises(SettingsError, match="No field 'colour'"):
        check_fields({"x": "colour"})


@pytest.mark.parametrize("value", [[], {}, True, [[["x"]]], {"a": {"b": "c"}}, 3.5])
def test_odd_values_never_raise(value):
    """Whatever stands in a field, reading it gives a draft or a rejection."""
    for name in ("text", "title", "id", "source", "authors", "published", "url"):
        assert draft_from_record({"content": "words", name: value}, WHERE, OPTIONS) is not None
