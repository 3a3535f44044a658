"""The numbers of the server, read by the library of Prometheus itself."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from searcher.web.metrics import BUCKETS_S, Metrics
from tests.web.served import library_at, served


def families(text):
    """Give name -> family."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(family, name, **labels):
    """Give the value of the one sample with this name and these labels."""
    (found,) = [s.value for s in family.samples if s.name == name and labels.items() <= s.labels.items()]
    return found


def test_requests_are_counted_by_route_method_and_status(tmp_path):
    """Three searches, a refusal and a path that is none: five requests under three names, whatever the paths say."""
    with served(library_at(tmp_path)) as client:
        for _ in range(3):
            client.get("/api/v1/search", params={"q": "harbour"})
        client.get("/api/v1/search", headers={"Host": "evil.example"})
        client.get("/api/v1/search", params={"limit": 0})
        client.get("/%22%5C%0Anowhere")
        answer = client.get("/api/v1/metrics")
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        found = families(answer.text)
        count = found["searcher_requests"]
        route = "/api/v1/search"
        assert value(count, "searcher_requests_total", route=route, status="200", method="GET") == 3
        assert value(count, "searcher_requests_total", route=route, status="422") == 1
        assert value(count, "searcher_requests_total", route="other", status="421") == 1
        assert value(count, "searcher_requests_total", route="other", status="404") == 1
        assert value(found["searcher_generation"], "searcher_generation") == 1
        assert value(found["searcher_articles"], "searcher_articles") == 60
        assert value(found["process_resident_memory_bytes"], "process_resident_memory_bytes") > 1e7


def test_times_lie_in_their_buckets():
    """Each bucket counts what took at most its bound, the last all; sum and count are those of all."""
    metrics = Metrics()
    times = (0.001, 0.005, 0.02, 0.3, 99.0)
    for took_s in times:
        metrics.count("/x", "GET", 200, took_s)
    family = families(metrics.text({}))["searcher_request_seconds"]
    for bound in BUCKETS_S:
        assert value(family, "searcher_request_seconds_bucket", le=str(bound)) == sum(
            t <= bound for t in times
        )
    assert value(family, "searcher_request_seconds_bucket", le="+Inf") == 5
    assert value(family, "searcher_request_seconds_count") == 5
    assert abs(value(family, "searcher_request_seconds_sum") - sum(times)) < 1e-9
