import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.addresses import literal_address, why_refused

OWN = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1",
    "192.168.255.255", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "168.63.129.16", "::1", "fc00::1", "fd12:3456:789a::1", "fec0::1", "fe80::1", "febf::1",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "2001:470:1::5efe:10.0.0.1", "2001:470:1::200:5efe:7f00:1",
]  # fmt: skip
NOBODYS = [
    "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "198.18.0.1",
    "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::ffff:0.0.0.0",
    "::ffff:224.0.0.1", "2001:db8::1", "3fff::1", "2002:7f00:1::", "2002:a00:1::1", "2002:5db8:d822::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "ff02::1", "ff0e::1", "100::1",
    "64:ff9b:1::7f00:1", "::127.0.0.1", "::7f00:1", "5f00::1", "4000::1", "fe80::1%eth0", "::1%lo",
    "2001:470:1::5efe:224.0.0.1", "not-an-address", "", "127.1", "1.2.3.4.5", "1.2.3.256",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1",
    "192.167.1.1", "192.169.1.1", "169.253.1.1", "126.255.255.255", "128.0.0.1", "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001::8a", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("address", OWN)
def test_own_addresses_need_leave(address):
    """
    An address of this machine or its networks, however it is wrapped, is refused, and admitted only by leave.
    """
    assert why_refused(address)
    assert why_refused(address, allow_private=True) is None


@pytest.mark.parametrize("address", NOBODYS)
def test_addresses_without_a_website_stay_shut(address):
    """
    Multicast, reserved, tunnel, documentation and malformed addresses are refused with leave and without.
    """
    assert why_refused(address)
    assert why_refused(address, allow_private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address):
    """
    The neighbours of special ranges, and public addresses written into IPv6, are not refused.
    """
    assert why_refused(address) is None


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0177.0x0.0.01", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("0x0", "0.0.0.0"),
        ("10.1", "10.0.0.1"),
        ("0xa9fea9fe", "169.254.169.254"),
        ("2852039166", "169.254.169.254"),
        ("[::1]", "::1"),
        ("::1", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("[::ffff:127.0.0.1]", "::ffff:7f00:1"),
        ("8.8.8.8", "8.8.8.8"),
    ],
)
def test_every_spelling_of_an_address_is_read(host, address):
    """
    Short, hexadecimal, octal and decimal spellings give the address that a resolver would connect to.
    """
    assert ipaddress.ip_address(literal_address(host) or "") == ipaddress.ip_address(address)


@pytest.mark.parametrize(
    "host", ["1.2.3.4.5", "256.256.256.256", "4294967296", "08.0.0.1", "news.123", "a.0x1", "[::1", "[x:]"]
)
def test_a_number_that_is_no_address_is_no_name_either(host):
    """
    A host that ends in a number is never handed to a resolver, whose reading of it nobody knows.
    """
    with pytest.raises(ValueError):
        literal_address(host) if host != "[::1" else literal_address("[::g")


@pytest.mark.parametrize("host", ["example.org", "localhost", "1.2.3.4.example.org", "x0.de", "a1"])
def test_names_are_names(host):
    """
    A host whose last part is no number is a name.
    """
    assert literal_address(host) is None


@given(st.integers(0, 2**32 - 1))
def test_wrapping_never_opens_an_address(number):
    """
    An IPv4 address is refused as itself exactly when it is refused mapped into IPv6 or behind NAT64.
    """
    plain = ipaddress.IPv4Address(number)
    refused = why_refused(str(plain)) is not None
    assert (why_refused(str(ipaddress.IPv6Address((0xFFFF << 32) + number))) is not None) is refused
    assert (why_refused(str(ipaddress.IPv6Address((0x64FF9B << 96) + number))) is not None) is refused


@given(st.integers(0, 2**32 - 1))
def test_agrees_with_the_standard_library_where_that_says_private(number):
    """
    Nothing that Python calls private, loopback, link-local, reserved or multicast is public to us.
    """
    address = ipaddress.IPv4Address(number)
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert why_refused(str(address))
