import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.urls import MAX_CHARS, canonical_url


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTPS://Example.ORG", "https://example.org/"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://example.org/a#top", "https://example.org/a"),
        ("https://example.org/a?utm_source=x&id=7&fbclid=y&b=", "https://example.org/a?id=7&b="),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?b=2&a=1"),
        ("https://example.org/a?utm_source=x", "https://example.org/a"),
        ("https://jane:secret@example.org/a", "https://example.org/a"),
        ("  https://example.org./ä b%c3%a4 ", "https://example.org/%C3%A4%20b%C3%A4"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x"),
    ],
)
def test_one_form_for_one_page(written, canonical):
    """However an address is written, it has one form."""
    assert canonical_url(written) == canonical


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "example.org",
            "/a",
            "javascript:alert(1)",
            "ftp://example.org/",
            "file:///etc/passwd",
            "http://",
        ),
        *(
            "http://exa mple.org/",
            "https://[::1",
            "https://a:99999/",
            f"https://example.org/{'a' * MAX_CHARS}",
        ),
    ],
)
def test_other_addresses_are_none(text):
    """Only http and https addresses with a host, of a sane length, are kept."""
    assert canonical_url(text) is None


@given(st.text(max_size=80).map(lambda tail: f"https://example.org/{tail}") | st.text(max_size=80))
def test_canonical_is_stable_and_plain(text):
    """No text raises, and the canonical form of a canonical form is itself, in printable ASCII."""
    url = canonical_url(text)
    assert url is None or (
        canonical_url(url) == url and url.isascii() and url.isprintable() and " " not in url
    )
