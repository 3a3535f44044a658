"""
Is this an address on the public internet? What a URL may lead to, decided on the address and never on its spelling.

A page or feed names the next URL, so a stranger could point us at the machine we run on, its network, or a cloud's
metadata service. Here, and not `ipaddress.is_private`: that calls 100.64/10, 224.0.0.1 and private addresses inside
IPv6 tunnels public, and its answers change between Python versions.

Source: the IANA special-purpose address registries (RFC 6890), iana.org/assignments/iana-ipv4-special-registry and
iana-ipv6-special-registry, and iana.org/assignments/ipv6-address-space.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What `allow_private` opens: somebody's own machine or network. Everything else that is not public stays shut,
# for no server can be there.
_OWN: Final = {
    "127.0.0.0/8": "a loopback address",
    "::1/128": "a loopback address",
    "10.0.0.0/8": "a private address",
    "172.16.0.0/12": "a private address",
    "192.168.0.0/16": "a private address",
    "fc00::/7": "a private address",
    "fec0::/10": "a private address",
    "100.64.0.0/10": "a carrier's shared address",
    "169.254.0.0/16": "a link-local address",
    "fe80::/10": "a link-local address",
    # Azure's host agent: public by number, answers inside every virtual machine there.
    "168.63.129.16/32": "a cloud's own address",
}
_NOBODY: Final = {
    "0.0.0.0/8": "an unspecified address",
    "::/128": "an unspecified address",
    "192.0.0.0/24": "a reserved address",
    "192.0.2.0/24": "a documentation address",
    "198.51.100.0/24": "a documentation address",
    "203.0.113.0/24": "a documentation address",
    "2001:db8::/32": "a documentation address",
    "3fff::/20": "a documentation address",
    "192.88.99.0/24": "a tunnel address",
    "2002::/16": "a tunnel address",
    "2001::/32": "a tunnel address",
    "198.18.0.0/15": "a benchmarking address",
    "2001::/23": "a reserved address",
    "224.0.0.0/4": "a multicast address",
    "ff00::/8": "a multicast address",
    "240.0.0.0/4": "a reserved address",
}
_OWN_NETWORKS = [(ipaddress.ip_network(net), what) for net, what in _OWN.items()]
_NOBODYS_NETWORKS = [(ipaddress.ip_network(net), what) for net, what in _NOBODY.items()]
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Prefixes after which an IPv4 address fills the last 32 bits: mapped (RFC 4291) and NAT64 (RFC 6052).
_MAPPED = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))
# Interface identifiers of ISATAP (RFC 5214): an IPv4 address behind 0000:5efe or 0200:5efe.
_ISATAP = (0x00005EFE, 0x02005EFE)
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\.?")


def why_refused(address: str, *, allow_private: bool = False) -> str | None:
    """
    Give what is wrong with this address ("a loopback address"), or None if it may be connected to.

    `allow_private` admits loopback, private, link-local and shared addresses; multicast, reserved, tunnel and
    unspecified ones stay refused.
    """
    try:
        found: Address = ipaddress.ip_address(address)
    except ValueError:
        return "not an address"
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:
            return "an address with a zone"
        if (inner := _inner(found)) is not None:
            return why_refused(str(inner), allow_private=allow_private)
    if what := _kind(found, _OWN_NETWORKS):
        return None if allow_private else what
    if what := _kind(found, _NOBODYS_NETWORKS):
        return what
    if isinstance(found, ipaddress.IPv6Address) and found not in _GLOBAL_UNICAST:
        return "a reserved address"
    return None


def literal_address(host: str) -> str | None:
    """
    Give the address that `host` spells, or None if it is a name to be looked up.

    Takes every spelling that some resolver takes: `127.1`, `0x7f000001`, `2130706433`, `0177.0.0.1`, `[::1]`. A host
    whose last part is a number is always an address, never a name (WHATWG URL, "ends in a number checker").
    Raises ValueError if it is a number and no address.
    """
    bare = host.removeprefix("[").removesuffix("]")
    if ":" in bare:
        return str(ipaddress.IPv6Address(bare))
    last = bare.removesuffix(".").rpartition(".")[2]
    if not _NUMBER.fullmatch(last):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(bare.removesuffix(".")))
    except OSError:
        raise ValueError(f"{host} is not an address") from None


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Give the IPv4 address that a connection to this IPv6 address ends at, if it is written inside."""
    low = int(address) & 0xFFFF_FFFF
    if any(address in network for network in _MAPPED):
        return ipaddress.IPv4Address(low)
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return ipaddress.IPv4Address(low)
    return None


def _kind(
    address: Address, networks: list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str]]
) -> str | None:
    return next((what for network, what in networks if address in network), None)
