import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import zlib
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from searcher.errors import SourceUnreadable
from searcher.ingest.draft import IngestOptions
from searcher.ingest.fetch import MAX_REDIRECTS, fetch

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = b"<html><body><p>The bridge reopened on Monday.</p></body></html>"


def options(**changes):
    return IngestOptions(**{"now": NOW, "allow_private": True, "timeout_s": 5.0} | changes)


class Site:
    """A web server on loopback: `pages` maps a path to (status, headers, body); `asked` lists what was asked."""

    def __init__(self, pages, tls=None):
        self.pages, self.asked = pages, []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                site.asked.append((self.path, dict(self.headers)))
                status, headers, body = site.pages[self.path.partition("?")[0]]
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # clients that hang up are what some of these tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def raw_server(talk):
    """A server on loopback that does `talk(connection)` with each connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):  # the client hung up
                talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def refused(url, opts=None, **how):
    with pytest.raises(SourceUnreadable) as caught:
        fetch(url, opts or options(), **how)
    return str(caught.value)


def never(host, port):
    raise AssertionError(f"{host} was looked up")


def test_a_page_comes_with_its_final_address_and_type():
    """
    A page gives its bytes, its address and its content type; the request says who asks.
    """
    with Site({"/a": (200, [("Content-Type", "text/html; charset=utf-8")], PAGE)}) as site:
        page = fetch(site.url + "/a", options())
    assert (page.url, page.body, page.content_type) == (site.url + "/a", PAGE, "text/html; charset=utf-8")
    headers = site.asked[0][1]
    assert headers["User-Agent"].startswith("searcher/")
    assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert "Cookie" not in headers and "Authorization" not in headers


HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://0x7f000001/", "http://0x7f.0.0.1/",
    "http://2130706433/", "http://017700000001/", "http://0177.0.0.1/", "http://0/", "http://0.0.0.0/",
    "http://127.0.0.1:22/", "http://10.0.0.1/", "http://172.16.5.4/", "http://192.168.1.1/", "http://169.254.169.254/latest",
    "http://100.64.0.1/", "http://224.0.0.1/", "http://255.255.255.255/", "http://[::1]/", "http://[::]/",
    "http://[fe80::1]/", "http://[fd00::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/", "http://[fe80::1%25eth0]/",
    "https://127.0.0.1/", "https://[::1]/", "HTTP://127.0.0.1/", "http://127.0.0.1./", "http://1.2.3.4.5/",
    "http://999.1.1.1/", "http://0x/", "http://１２７.0.0.1/", "http://①②⑦.0.0.1/", "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/", "http:///etc/passwd", "http://", "//127.0.0.1/", "127.0.0.1", "file:///etc/passwd",
    "FILE:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "data:text/html,x", "javascript:alert(1)",
    "unix:///run/docker.sock", "http+unix://x/", "ws://example.org/", "http://user@127.0.0.1/",
    "http://a:b@example.org/", "http://example.org@127.0.0.1/", "http://127.0.0.1\\@example.org/",
    "http://exa mple.org/", "http://example.org:99999/", "http://example.org:port/", "http://[::1/", "http://]/",
    "http://\x00/", "http://a\r\nHost: b/", "http://" + "a" * 70_000 + "/", "http://xn--\udcff/", "", " ",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_urls_are_refused_without_a_lookup(url):
    """
    No spelling of a private address, other scheme, credential or malformed URL reaches the resolver or the network.
    """
    assert refused(url, options(allow_private=False), resolve=lambda host, port: never(host, port))


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["::1"], ["10.1.2.3"], ["93.184.215.14", "192.168.0.1"], ["2606:4700::1111", "fe80::1"],
        ["100.64.9.9"], ["64:ff9b::a00:1"], ["::ffff:10.0.0.1"], ["169.254.169.254"], ["8.8.8.8", "0.0.0.0"],
    ],
)  # fmt: skip
def test_a_name_is_refused_for_any_bad_address(addresses):
    """
    A public name is refused if one of its addresses is not public, whichever stands first.
    """
    said = refused("http://news.example/", options(allow_private=False), resolve=lambda host, port: addresses)
    assert "news.example leads to" in said


def test_the_refusal_of_a_private_address_says_how_to_allow_it():
    """
    Only where leave would help does the message name the option.
    """
    private = refused("http://127.0.0.1/", options(allow_private=False))
    assert "a loopback address" in private and "--allow-private" in private
    assert "--allow-private" not in refused("http://224.0.0.1/", options(allow_private=False))


def test_leave_for_private_addresses_is_none_for_reserved_ones():
    """
    With `allow_private`, multicast and unspecified addresses stay refused.
    """
    assert "where no website is" in refused("http://0.0.0.0/")
    assert "where no website is" in refused("http://news.example/", resolve=lambda host, port: ["239.1.1.1"])


def test_a_name_is_looked_up_once_and_its_address_is_the_one_connected_to():
    """
    A resolver that changes its answer after the check gains nothing: it is not asked again.
    """
    answers = [["127.0.0.1"], ["203.0.113.1"]]
    with Site({"/": (200, [], PAGE)}) as site:
        page = fetch(
            f"http://news.example:{site.port}/", options(), resolve=lambda host, port: answers.pop(0)
        )
    assert page.body == PAGE
    assert answers == [["203.0.113.1"]]
    assert site.asked[0][1]["Host"] == f"news.example:{site.port}"


def test_the_next_address_is_tried_when_one_does_not_answer():
    """
    A host with several addresses is reached through whichever listens.
    """
    with Site({"/": (200, [], PAGE)}) as site:
        page = fetch(
            f"http://news.example:{site.port}/",
            options(),
            resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"],
        )
    assert page.body == PAGE


def test_redirects_are_followed_and_relative_ones_resolved():
    """
    A chain of redirects ends at the page, whose address is given.
    """
    pages = {
        "/old": (301, [("Location", "/middle/a")], b""),
        "/middle/a": (302, [("Location", "b?x=1")], b""),
        "/middle/b": (200, [], PAGE),
    }
    with Site(pages) as site:
        assert fetch(site.url + "/old", options()).url == site.url + "/middle/b?x=1"


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://2130706433/",
        "//127.1/x",
        "http://inside.example/",
    ],
)
def test_a_redirect_to_a_private_address_is_refused(location, monkeypatch):
    """
    A public page that redirects to a private address, by number or by name, is not followed.
    """
    names = {"news.example": ["93.184.215.14"], "inside.example": ["192.168.0.7"]}
    with Site({"/": (302, [("Location", location)], b"")}) as site:
        bridge = connect_instead(monkeypatch, {"93.184.215.14": "127.0.0.1"})
        said = refused(
            f"http://news.example:{site.port}/",
            options(allow_private=False),
            resolve=lambda host, port: names[host],
        )
    assert "--allow-private" in said
    assert bridge == ["93.184.215.14"]


def connect_instead(monkeypatch, to):
    """Let connections to public addresses end on loopback; give the list of addresses connected to."""
    import httpcore

    real, connected = httpcore.SyncBackend.connect_tcp, []

    def connect(self, host, *rest, **more):
        connected.append(host)
        return real(self, to[host], *rest, **more)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return connected


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://x/", "http://u:p@127.0.0.1/", "http://[", ""]
)
def test_a_redirect_obeys_the_rules_of_urls(location):
    """
    A redirect to another scheme, to a URL with a password or to nowhere is refused.
    """
    with Site({"/": (302, [("Location", location)] if location else [], b"")}) as site:
        assert refused(site.url + "/")


def test_redirects_end():
    """
    A page that redirects to itself is asked for six times, and no more.
    """
    with Site({"/": (302, [("Location", "/")], b"")}) as site:
        assert "redirects more than 5 times" in refused(site.url + "/")
    assert len(site.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("status", "phrase"), [(404, "404 Not Found"), (403, "403 Forbidden"), (500, "500"), (599, "599")]
)
def test_an_error_page_is_no_page(status, phrase):
    """
    An answer of 4xx or 5xx is an error that names the status.
    """
    with Site({"/": (status, [], PAGE)}) as site:
        assert phrase in refused(site.url + "/")


def test_a_body_past_the_cap_is_cut_off():
    """
    A body is taken up to the cap, to the byte.
    """
    with Site({"/": (200, [], b"x" * 5_000)}) as site:
        assert len(fetch(site.url + "/", options(max_fetch_bytes=5_000)).body) == 5_000
        assert "larger than 4,999 bytes" in refused(site.url + "/", options(max_fetch_bytes=4_999))


@pytest.mark.parametrize(
    ("packing", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", lambda data: gzip.compress(data[:20]) + gzip.compress(data[20:])),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("identity", bytes),
        ("gzip", lambda data: gzip.compress(data * 3_000)),
    ],
)
def test_packed_bodies_are_unpacked(packing, pack):
    """
    gzip (one member or more) and deflate (zlib's or bare) are unpacked, whatever their size.
    """
    with Site({"/": (200, [("Content-Encoding", packing)], pack(PAGE))}) as site:
        body = fetch(site.url + "/", options()).body
    assert body in (PAGE, PAGE * 3_000)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_bomb_is_cut_off(pack):
    """
    A small body that unpacks far past the cap is refused.
    """
    bomb = pack(b"\0" * 50_000_000)
    assert len(bomb) < 60_000
    packing = "gzip" if pack is gzip.compress else "deflate"
    with Site({"/": (200, [("Content-Encoding", packing)], bomb)}) as site:
        assert "larger than 1,000,000 bytes" in refused(site.url + "/", options(max_fetch_bytes=1_000_000))


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        ("br", PAGE),
        ("gzip, gzip", PAGE),
        ("gzip", PAGE),
        ("gzip", gzip.compress(PAGE)[:-12]),
        ("deflate", b"\xff\xff\xff"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_an_error(packing, body):
    """
    A packing that was not asked for, or a broken one, is an error and not a garbled page.
    """
    with Site({"/": (200, [("Content-Encoding", packing)], body)}) as site:
        assert "packed" in refused(site.url + "/")


@pytest.mark.parametrize(
    "drip", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b""]
)
def test_the_deadline_holds_against_a_slow_server(drip):
    """
    A server that sends a byte now and then, in its headers or its body, or nothing, is left at the deadline.
    """
    stop = threading.Event()

    def talk(connection):
        connection.recv(4_096)
        connection.sendall(drip)
        while drip and not stop.wait(0.05):
            connection.sendall(b"x")
        stop.wait(5)

    with raw_server(talk) as port:
        said = refused(f"http://127.0.0.1:{port}/", options(timeout_s=0.4))
        stop.set()
    assert "did not answer within 0.4 s" in said


def test_the_deadline_holds_against_a_slow_resolver():
    """
    A resolver that hangs is left at the deadline.
    """
    stop = threading.Event()

    def resolve(host, port):
        stop.wait(5)
        return ["127.0.0.1"]

    said = refused("http://news.example/", options(timeout_s=0.2), resolve=resolve)
    stop.set()
    assert "did not answer within 0.2 s" in said


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000]
)
def test_what_is_no_web_server_is_an_error(answer):
    """
    A closed connection, another protocol or endless headers are an error with the reason.
    """

    def talk(connection):
        connection.recv(4_096)
        connection.sendall(answer)

    with raw_server(talk) as port:
        assert "cannot be reached" in refused(f"http://127.0.0.1:{port}/")


def test_nobody_listens():
    """
    A closed port and an unknown name each say what to check.
    """

    def unknown(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "cannot be reached" in refused(f"http://127.0.0.1:{port}/")
    assert "Nobody knows the host nowhere.example" in refused("http://nowhere.example/", resolve=unknown)


def test_the_environment_is_not_asked(monkeypatch, tmp_path):
    """
    Proxies and netrc of the environment are passed over.
    """
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Site({"/": (200, [], PAGE)}) as site:
        assert fetch(site.url + "/", options()).body == PAGE
    assert "Authorization" not in site.asked[0][1]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of news.example that signs itself, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command")
    place = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "30", "-subj", "/CN=news.example", "-addext", "subjectAltName=DNS:news.example",
         "-keyout", str(place / "key.pem"), "-out", str(place / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return place / "cert.pem", place / "key.pem"


def tls_site(certificate, pages):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    named = []
    context.sni_callback = lambda sock, name, ctx: named.append(name)
    site = Site(pages, context)
    site.named = named
    return site


def test_tls_is_for_the_name_though_the_connection_goes_to_the_address(certificate):
    """
    The certificate is checked against the host's name, which the server is told; another name is refused.
    """
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    with tls_site(certificate, {"/": (200, [], PAGE)}) as site:
        url = f"https://news.example:{site.port}/"
        assert fetch(url, options(), resolve=lambda host, port: ["127.0.0.1"], tls=trusted).body == PAGE
        other = f"https://other.example:{site.port}/"
        said = refused(other, resolve=lambda host, port: ["127.0.0.1"], tls=trusted)
        unknown = refused(url, resolve=lambda host, port: ["127.0.0.1"])
    assert site.named[0] == "news.example"
    assert "cannot be reached" in said and "certificate" in said
    assert "certificate" in unknown


def test_no_redirect_leads_from_https_down_to_http(certificate):
    """
    A protected page that redirects to an unprotected one is refused, with the address to give instead.
    """
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    pages = {"/": (302, [("Location", "http://news.example/plain")], b"")}
    with tls_site(certificate, pages) as site:
        said = refused(
            f"https://news.example:{site.port}/", resolve=lambda host, port: ["127.0.0.1"], tls=trusted
        )
    assert "give http://news.example/plain yourself" in said
