"""The API does what its OpenAPI document says: asked by schemathesis, which tries what nobody would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from searcher.web.app import create_app
from searcher.web.tokens import Tokens
from tests.library.samples import NOW, article
from tests.web.served import WRITE, library_at, listening

ROOT = Path(__file__).parents[2]
# What is said of the API. Not how few of the questions that chance made were about an article that is there.
# A well-formed one may be about an article that was withdrawn (410) or has no date to be before or after of (400).
SETTINGS = """
warnings = ["missing_auth", "missing_deserializer", "unused_openapi_auth", "unsupported_regex", "method_not_allowed",
            "unresolvable_reference", "rate_limited"]

[[operations]]
include-name = "GET /api/v1/similar"
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", "400", "404", "409", "410", "429", "5xx"]
"""


@pytest.fixture
def address(tmp_path):
    """Where a real server answers from a small library."""
    library = library_at(tmp_path, articles=30)
    library.add(article("0", "An article with a likely id.", url="https://news.example/0"), now=NOW)
    with listening(create_app(library, Tokens(WRITE, None))) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.slow
def test_no_request_breaks_the_contract(address, tmp_path):
    """
    Examples, coverage, fuzzing and stateful phases with all checks: no failure, no error, no warning. All operations
    are tried, with the token of the writer.
    """
    pytest.importorskip("schemathesis", reason="pip install schemathesis")
    (tmp_path / "schemathesis.toml").write_text(SETTINGS, encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.web.schemathesis_hooks",
    }
    ran = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "run", f"{address}/api/v1/openapi.json", "--checks", "all",
         "--header", f"Authorization: Bearer {WRITE}", "--max-examples", "10", "--generation-database", "none",
         "--no-color"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "Operations:       14 selected / 14 total" in ran.stdout
    assert "No issues found" in ran.stdout and "Warnings:" not in ran.stdout, ran.stdout[-3000:]


def test_the_contract_names_every_route_and_every_problem(client):
    """
    Each route of the API is in the document, with what it gives, the problems that may come instead, and the token
    where it writes; nothing in it points nowhere.
    """
    document = client.get("/api/v1/openapi.json").json()
    routes = {(path, method) for path, operations in document["paths"].items() for method in operations}
    assert {(path.removeprefix("/api/v1/"), method) for path, method in routes} == {
        ("search", "get"), ("search.rss", "get"), ("search.json", "get"), ("similar", "get"), ("similar", "post"),
        ("facets", "get"), ("histogram", "get"), ("articles", "get"), ("articles", "put"), ("articles", "delete"),
        ("status", "get"), ("health", "get"), ("ready", "get"), ("metrics", "get"),
    }  # fmt: skip
    for path, method in routes:
        operation = document["paths"][path][method]
        assert operation["operationId"] and operation["description"]
        assert ("security" in operation) == (method in ("put", "delete"))
        for status, answer in operation["responses"].items():
            kinds = set(answer.get("content", {}))
            assert kinds == {"application/problem+json"} if int(status) >= 400 else status == "304" or kinds
    text = str(document)
    for name in {one.split("'")[0] for one in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]


def test_a_wrong_method_is_told_the_right_ones(client):
    """405 names all methods of the path, whichever route knows them."""
    for path, methods in (
        ("articles", "DELETE, GET, HEAD, PUT"),
        ("similar", "GET, HEAD, POST"),
        ("facets", "GET, HEAD"),
    ):
        answer = client.request("PATCH", f"/api/v1/{path}")
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)
