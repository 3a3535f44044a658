"""`search` and `similar`: options become what the library takes, and its answers every output format."""

import csv
import io
import json
from typing import get_args

import pytest

from searcher.cli import options
from searcher.cli.machine import CSV_COLUMNS
from searcher.index import segment
from searcher.library import readers
from searcher.records import answers
from searcher.settings import FusionMethod
from tests.cli.conftest import Cli

HIT_KEYS = [
    *("rank", "score", "id", "title", "source", "published", "precision", "url", "snippet", "marks", "kind"),
    *("copies", "explanation"),
]


def test_choices_are_those_of_the_library():
    """
    The modes, sorts and fusions that options offer are those that the library knows.
    """
    assert get_args(options.Mode) == get_args(answers.Mode)
    assert get_args(options.Sort) == get_args(answers.Sort)
    assert get_args(options.Fusion) == get_args(FusionMethod)


def test_a_person_reads_title_outlet_date_and_snippet(cli: Cli, news):
    """
    The list has a header, and for each hit its title, outlet and date, snippet, copies, id and URL.
    """
    ran = cli("search", "dockers", "strike")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].split(" · ")[1:2] == ["hybrid"]
    assert lines[0].endswith("generation 1")
    assert any(line.startswith(" 1. Dockers") for line in lines)
    assert "    deal · https://herald.example/deal" in lines
    assert any(line.startswith("    The Herald · 22 Jul 2025 · ") for line in lines)
    assert "    +1 copy: reprint" in lines
    assert "\x1b" not in ran.out


def test_words_are_joined_and_operators_kept(cli: Cli, news):
    """
    Words of the command line are one query; a quoted argument keeps its operators.
    """
    assert cli("search", "dockers", "strike", "--json").json["query"] == "dockers strike"
    assert cli("search", '"signed at midnight"', "--ids").out == "deal\n"
    assert cli("search", "strike -midnight", "--ids").out.split() == ["wire"]


def test_json_has_its_keys_in_order(cli: Cli, news):
    """
    `--json` is one ASCII document with the keys that are promised, in order; its moments end in Z.
    """
    ran = cli("search", "strike", "deal", "--json")
    assert ran.code == 0
    assert ran.out.isascii()
    assert list(ran.json) == [
        *(
            "query",
            "mode",
            "total",
            "offset",
            "generation",
            "took_ms",
            "verdict",
            "notes",
            "degraded",
            "waiting",
        ),
        "hits",
    ]
    hit = ran.json["hits"][0]
    assert list(hit) == HIT_KEYS
    assert (hit["id"], hit["published"], hit["precision"]) == ("deal", "2025-07-22T00:00:00Z", "day")
    assert sum(leg["part"] for leg in hit["explanation"]["legs"]) == pytest.approx(hit["score"], abs=1e-5)
    for start, end in hit["marks"]:
        assert 0 <= start < end <= len(hit["snippet"])


def test_jsonl_has_a_hit_a_line(cli: Cli, news):
    """
    `--jsonl` gives the hits of `--json`, one a line.
    """
    hits = [json.loads(line) for line in cli("search", "strike", "--jsonl").out.splitlines()]
    assert hits == cli("search", "strike", "--json").json["hits"]


def test_csv_is_a_table(cli: Cli, news):
    """
    `--csv` has a line of names and a row for each hit.
    """
    rows = list(csv.reader(io.StringIO(cli("search", "strike", "--csv").out)))
    assert tuple(rows[0]) == CSV_COLUMNS
    hits = cli("search", "strike", "--json").json["hits"]
    assert [row[2] for row in rows[1:]] == [hit["id"] for hit in hits]
    assert [row[-1] for row in rows[1:]] == [str(len(hit["copies"])) for hit in hits]


def test_formats_exclude_each_other(cli: Cli, news):
    """
    Two output formats at once are a usage error, which names both.
    """
    ran = cli("search", "strike", "--csv", "--ids")
    assert ran.code == 2
    assert "--csv and --ids exclude each other" in ran.err


def test_pages_repeat_nothing(cli: Cli, news):
    """
    Pages of one hit are the hits of one page, with the same total; an offset is a page's beginning.
    """
    whole = cli("search", "the", "strike", "dam", "--json").json
    assert whole["total"] == len(whole["hits"]) >= 3
    pages = [
        cli("search", "the", "strike", "dam", "--json", "-n", "1", "--page", str(n + 1)).json
        for n in range(whole["total"])
    ]
    assert [hit for page in pages for hit in page["hits"]] == whole["hits"]
    assert {page["total"] for page in pages} == {whole["total"]}
    assert (
        cli("search", "the strike dam", "--json", "-n", "1", "--offset", "1").json["hits"] == pages[1]["hits"]
    )
    assert cli("search", "strike", "--offset", "1", "--page", "2").code == 2


def test_a_page_past_the_end_says_so(cli: Cli, news):
    """
    Past the last hit there is no error and no "no match": the header gives the total.
    """
    ran = cli("search", "strike", "--mode", "lexical", "--page", "9")
    assert ran.code == 0
    assert ran.out.startswith("No more: 2 articles in all")


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        (["--source", "the herald"], ["deal", "reprint"]),
        (["--source", "The Herald", "--source", "Meridian Wire", "--copies"], ["deal", "reprint", "wire"]),
        (["--section", "business"], ["deal"]),
        (["--lang", "en-GB", "--since", "2025-07-22", "--until", "2025-07-22"], ["deal"]),
        (["--until", "2025-07-06"], ["wire"]),
        (["--since", "2025-07-07", "--until", "2025-07-21"], ["reprint"]),
        (["--lang", "de"], []),
        (["--lang", "English", "--since", "2025-07-22", "--until", "2025-07-22"], ["deal"]),
    ],
)
def test_filters_are_options(cli: Cli, news, given, ids):
    """
    Each filter option admits what it says; a day given to `--until` is included.
    """
    assert sorted(cli("search", "strike", "--mode", "lexical", "--ids", *given).out.split()) == ids


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--since", "someday"], "'someday' is not a date"),
        (["--until", "2025-02-30"], "'2025-02-30' is not a date"),
        (["--since", "2025-07", "--until", "2025-06"], "--since must lie before --until"),
        (["--lang", "Klingon"], "'Klingon' is not a language"),
        (["--limit", "0"], "--limit"),
        (["--weight", "2"], "--weight"),
        (["--mode", "psychic"], "--mode"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_an_option_that_means_nothing_is_a_usage_error(cli: Cli, news, given, said):
    """
    A value that an option cannot mean gives code 2 and a line that says what is wrong.
    """
    ran = cli("search", "strike", *given)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_newest_first(cli: Cli, news):
    """
    `--sort date` puts the newest first.
    """
    hits = cli("search", "dockers strike cranes", "--sort", "date", "--copies", "--json").json["hits"]
    dates = [hit["published"] for hit in hits if hit["published"]]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) >= 3


def test_explain_shows_the_sum(cli: Cli, news):
    """
    `--explain` gives for each hit a line for each leg and the sum.
    """
    out = cli("search", "dockers strike", "--explain", "-n", "1").out
    lines = [line.strip() for line in out.splitlines()]
    assert [line.split()[0] for line in lines if "normalised" in line] == ["lexical", "dense"]
    assert any(line.startswith("sum ") for line in lines)


def test_nothing_found_gives_advice(cli: Cli, news):
    """
    A query that nothing answers says so with advice, and is no error.
    """
    ran = cli("search", "zebra", "--mode", "lexical", "--lang", "en")
    assert ran.code == 0
    assert "No good match for “zebra”." in ran.out
    assert "fewer filters" in ran.out
    assert "--mode hybrid" in ran.out
    assert cli("search", "zebra", "--mode", "lexical", "--ids").out == ""
    assert cli("search", "zebra", "--mode", "lexical", "--jsonl").out == ""
    assert cli("search", "zebra", "--mode", "lexical", "--json").json["verdict"] == "none"


def test_similar_leaves_itself_and_its_copies_out(cli: Cli, news):
    """
    `similar ID` gives others: neither the article nor its copies.
    """
    assert cli("similar", "wire", "--ids").out.split()[0] == "deal"
    assert not {"wire", "reprint"} & set(cli("similar", "wire", "--ids").out.split())
    by_url = cli("similar", "https://herald.example/deal", "--json")
    assert "deal" not in [hit["id"] for hit in by_url.json["hits"]]


def test_similar_before_and_after(cli: Cli, news):
    """
    `--before-it` and `--after-it` cut at the article's own date; an article without one is a usage error.
    """
    assert {"wire", "deal"}.isdisjoint(cli("similar", "deal", "--after-it", "--ids").out.split())
    assert set(cli("similar", "deal", "--before-it", "--ids").out.split()) <= {"wire", "reprint"}
    ran = cli("similar", "undated", "--before-it")
    assert ran.code == 2
    assert "has no date" in ran.err


def test_similar_to_a_text_from_outside(cli: Cli, news, tmp_path):
    """
    A file or standard input is read as an article, asked about, and not kept.
    """
    draft = tmp_path / "draft.txt"
    draft.write_text(
        "Cranes stand still\n\nDockers at Port Ellery will strike on Friday, their union said.\n"
    )
    from_file = cli("similar", str(draft), "--ids")
    assert from_file.code == 0
    assert from_file.out.split()[0] in ("wire", "reprint", "deal")
    assert cli("similar", "-", "--ids", stdin=draft.read_bytes()).out == from_file.out
    assert cli("status", "--json").json["articles"] == 5


def test_similar_to_the_first_of_several(cli: Cli, news, tmp_path):
    """
    Of a file with several articles the first is asked about, which standard error says.
    """
    path = tmp_path / "two.jsonl"
    texts = ["Dockers at Port Ellery strike again.", "A dam burst."]
    path.write_text("".join(json.dumps({"title": text.split()[0], "text": text}) + "\n" for text in texts))
    ran = cli("similar", str(path), "--ids")
    assert ran.code == 0
    assert ran.out.split()[0] in ("wire", "reprint", "deal")
    assert f"{path} holds several articles. Asked about the first: Dockers" in ran.err
    ran = cli("similar", "-", "--ids", stdin=path.read_bytes())
    assert ran.err == "Note: standard input holds several articles. Asked about the first: Dockers\n"


def test_another_model_asks_for_a_rebuild(cli: Cli, news, monkeypatch):
    """
    `--model` reaches the encoder; an index that was built with another says what to run, with code 3.
    """
    from tests.fake_encoder import FakeEncoder

    asked = []

    def load(settings):
        asked.append(settings.model)
        return FakeEncoder(name="other")

    monkeypatch.setattr("searcher.library.library.load_encoder", load)
    ran = cli("search", "strike", "--model", "somebody/other")
    assert asked == ["somebody/other"]
    assert ran.code == 3
    assert "searcher rebuild" in ran.err


@pytest.mark.parametrize("output", ["--ids", "--csv", "--jsonl"])
def test_a_list_for_programs_hides_no_warning(cli: Cli, news, output):
    """
    What was ignored in a query is said on standard error where the answer has no place for it, not in the list.
    """
    ran = cli("search", "strike since:someday", output)
    assert ran.code == 0
    assert ran.err.startswith("Note: 'someday'") or "someday" in ran.err
    assert "someday" not in ran.out


def test_one_question_is_not_answered_from_a_damaged_index(cli: Cli, news, home, monkeypatch):
    """`search` and `similar` read what they answer from to its last byte, and say what mends it."""
    monkeypatch.setattr(segment, "CHECKED_WHEN_OPENED", 0)
    monkeypatch.setattr(readers, "PATIENCE_S", 60.0)
    (words,) = home.glob("indexes/segments/*/arrays")
    data = bytearray(words.read_bytes())
    data[-1] ^= 1
    words.write_bytes(data)
    for question in (["search", "--mode", "lexical", "strike"], ["similar", "deal"]):
        ran = cli(*question)
        assert (ran.code, ran.out) == (3, "")
        assert "arrays is not what was written. Run: searcher rebuild" in ran.err
        (home / "indexes" / "damaged").unlink()
    assert cli("rebuild").code == 0
    assert cli("search", "strike").code == 0
