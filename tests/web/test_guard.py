"""Who may ask: names, tokens, sizes, rates; and what every answer says to browsers."""

from __future__ import annotations

import asyncio
import os
import stat

import pytest
from starlette.testclient import TestClient

from searcher.errors import SearcherError
from searcher.settings import WebSettings
from searcher.web import guard
from searcher.web.app import create_app
from searcher.web.assets import shipped
from searcher.web.guard import Budgets, _Body
from searcher.web.problems import Problem
from searcher.web.tokens import READ_FILE, WRITE_FILE, Tokens, load_tokens
from tests.web.served import GENEROUS, LINES, READ, WRITE, WRITER, library_at, lines, served

ONE = lines({"id": "x", "title": "X", "text": "A zeppelin."})


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8321", 200),
        ("localhost.", 200),
        ("127.0.0.1:8321", 200),
        ("[::1]:8321", 200),
        ("192.168.1.7", 200),
        ("news.example", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("evil.example:localhost", 421),
        ("news.example@evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
def test_only_its_own_names_are_answered(tmp_path, host, status):
    """
    A name that is not ours is 421, wherever it leads: a stranger's page whose name was made to lead here reads nothing.
    Literal addresses, localhost, and the names in the settings are ours.
    """
    library = library_at(tmp_path, articles=0, web=WebSettings(hosts=("News.Example",)))
    with served(library) as client:
        assert client.get("/api/v1/health", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {WRITE}x",
        f"Bearer {WRITE[:-1]}",
        f"Basic {WRITE}",
        WRITE,
        f"Bearer {READ}",
    ],
)
def test_writing_needs_the_token(client, authorization):
    """Without the very token, as Bearer, PUT and DELETE are 401, say how to ask, and change nothing."""
    headers = {**LINES, **({"Authorization": authorization} if authorization is not None else {})}
    for answer in (
        client.put("/api/v1/articles", content=ONE, headers=headers),
        client.delete("/api/v1/articles", params={"id": "n1"}, headers=headers),
    ):
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/api/v1/articles", params={"id": "x"}).status_code == 404
    assert client.get("/api/v1/articles", params={"id": "n1"}).json()["withdrawn"] is False


def test_a_closed_library_is_read_with_a_token_only(tmp_path):
    """
    Pages, API, OpenAPI and assets are 401 without one; with the reader's or the writer's they are answered, for
    browsers also as the password. Health and readiness stay open. The reader's token writes nothing.
    """
    with served(library_at(tmp_path), closed=True) as client:
        asset = shipped()
        some = next(iter(asset._names), None)
        paths = ["/", "/api/v1/search", "/api/v1/openapi.json", "/api/v1/metrics"]
        paths += [asset.url(some)] if some else []
        for path in paths:
            refused = client.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Bearer" if "/api/" in path else "Basic")
            for allowed in ({"Authorization": f"Bearer {READ}"}, WRITER):
                assert client.get(path, headers=allowed).status_code == 200
            assert client.get(path, auth=("anybody", READ)).status_code == 200
            assert client.get(path, auth=(READ, "wrong")).status_code == 401
        assert client.get("/api/v1/health").status_code == client.get("/api/v1/ready").status_code == 200
        reader = {"Authorization": f"Bearer {READ}", **LINES}
        assert client.put("/api/v1/articles", content=ONE, headers=reader).status_code == 401


def test_tokens_are_made_once_and_for_the_owner_only(tmp_path):
    """Made at first use with mode 0600 whatever the umask, long and random, and read again the next time."""
    before = os.umask(0)
    try:
        tokens = load_tokens(tmp_path, closed=True)
    finally:
        os.umask(before)
    for name, token in ((WRITE_FILE, tokens.write), (READ_FILE, tokens.read)):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert token is not None and len(token) >= 40
    assert tokens.write != tokens.read
    assert load_tokens(tmp_path, closed=True) == tokens
    assert load_tokens(tmp_path, closed=False) == Tokens(tokens.write, None)


def test_a_token_that_others_can_read_is_refused(tmp_path):
    """So is an empty or short one; the message says what to do."""
    load_tokens(tmp_path, closed=False)
    (tmp_path / WRITE_FILE).chmod(0o644)
    with pytest.raises(SearcherError, match="chmod 600"):
        load_tokens(tmp_path, closed=False)
    (tmp_path / WRITE_FILE).chmod(0o600)
    for text in ("", "\n", "short"):
        (tmp_path / WRITE_FILE).write_text(text)
        with pytest.raises(SearcherError, match="Delete it"):
            load_tokens(tmp_path, closed=False)


def test_a_home_that_cannot_be_written_to_is_served_for_reading(tmp_path, monkeypatch):
    """Where no token can be made nobody may write; a closed library then is an error."""
    monkeypatch.setattr(
        os, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    assert load_tokens(tmp_path, closed=False) == Tokens(None, None)
    with pytest.raises(SearcherError, match="closed library needs a token"):
        load_tokens(tmp_path, closed=True)
    assert not Tokens(None, None).may_write("Bearer ") and not Tokens(None, None).may_write("Bearer None")


def test_a_body_that_is_too_long_is_refused(tmp_path):
    """Said before (413 at once) or not said (413 when it has come too far): nothing of it is kept."""
    library = library_at(tmp_path, articles=0, web=WebSettings(rate=1e9, max_upload_mb=1))
    with served(library) as client:
        long = b'{"id": "x", "text": "' + b"a" * 1_000_000 + b'"}'

        def chunks():
            for start in range(0, len(long), 100_000):
                yield long[start : start + 100_000]

        for content in (long, chunks()):
            answer = client.put("/api/v1/articles", content=content, headers={**WRITER, **LINES})
            assert answer.status_code == 413 and "1,000,000 bytes" in answer.json()["detail"]
        negative = client.put(
            "/api/v1/articles", content=ONE, headers={**WRITER, **LINES, "Content-Length": "-1"}
        )
        assert negative.status_code == 413
        assert library.store.last_seq() == 0
        other = client.put("/api/v1/articles", content=ONE, headers={**WRITER, "Content-Type": "text/csv"})
        assert other.status_code == 415


def test_a_body_that_does_not_come_is_given_up(monkeypatch):
    """When time is up before the last piece, the request is a 408; after the last piece it may wait for ever."""
    monkeypatch.setattr(guard, "BODY_S", 0.01)

    async def nothing():
        await asyncio.sleep(60)

    async def stall():
        await _Body(nothing, 100)()

    with pytest.raises(Problem) as raised:
        asyncio.run(stall())
    assert raised.value.status == 408

    async def whole():
        return {"type": "http.request", "body": b"x", "more_body": False}

    async def wait():
        body = _Body(whole, 100)
        await body()
        await asyncio.sleep(0.02)
        return await body()

    assert asyncio.run(wait())["body"] == b"x"


def test_each_client_has_a_budget_of_its_own():
    """Two a second: twenty at once, then one every half second; another client has its own; few are remembered."""
    now = 0.0
    budgets = Budgets(2.0, clock=lambda: now)
    assert [budgets.spend("a") for _ in range(20)] == [0.0] * 20
    assert budgets.spend("a") == 0.5 and budgets.spend("b") == 0.0
    now = 0.5
    assert (budgets.spend("a"), budgets.spend("a")) == (0.0, 0.5)
    now = 1000.0
    assert [budgets.spend("a") for _ in range(21)][-2:] == [0.0, 0.5]
    for number in range(guard.MOST_CLIENTS + 10):
        budgets.spend(f"c{number}")
    assert len(budgets._left) == guard.MOST_CLIENTS


def test_who_asks_too_often_is_told_when_to_come_back(tmp_path):
    """Past its budget a client gets 429 with Retry-After; health, readiness and assets cost nothing."""
    library = library_at(tmp_path, web=WebSettings(rate=0.3))
    with served(library) as client:
        codes = [client.get("/api/v1/search").status_code for _ in range(6)]
        assert codes[:3] == [200] * 3 and codes[-1] == 429
        refused = client.get("/api/v1/search")
        assert 1 <= int(refused.headers["retry-after"]) <= 4
        assert client.get("/api/v1/health").status_code == 200


def test_every_answer_forbids_what_browsers_need_not_do(client):
    """Pages, JSON, feeds, errors and refusals carry the policy: nothing inline, nothing from elsewhere, no frames."""
    answers = [
        client.get("/"),
        client.get("/api/v1/search"),
        client.get("/api/v1/search.rss"),
        client.get("/nowhere"),
        client.get("/", headers={"Host": "evil.example"}),
        client.put("/api/v1/articles"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert (
            "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers
    assert answers[-2].status_code == 421


def test_an_error_of_ours_shows_nothing_of_the_inside(tmp_path, monkeypatch):
    """What nobody foresaw is a 500 without a trace in it, and the next question is answered."""
    library = library_at(tmp_path)
    with served(library) as client:
        with monkeypatch.context() as patched:
            patched.setattr(library, "search", lambda *_, **__: 1 / 0)
            answer = client.get("/api/v1/search")
        assert answer.status_code == 500 and "division" not in answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert client.get("/api/v1/search").status_code == 200


def test_assets_never_change_under_their_name(tmp_path):
    """An asset's URL holds its digest and may be kept for ever, packed if the client can; its plain name is nothing."""
    app = create_app(library_at(tmp_path, articles=0), Tokens(WRITE, None))
    with TestClient(app, base_url="http://localhost") as client:
        assets = shipped()
        for name in assets._names:
            answer = client.get(assets.url(name))
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            plain = client.get(assets.url(name), headers={"Accept-Encoding": "identity"})
            assert plain.content == answer.content and "content-encoding" not in plain.headers
            assert client.get(f"/static/{name}").status_code == 404
        assert client.get("/static/../app.py").status_code == 404


def test_the_guard_of_a_real_server_is_generous_by_default():
    """A person who types makes some ten requests a second; the default allows that."""
    assert WebSettings().rate >= 10 and GENEROUS.rate > 1e6 and not WebSettings().closed
