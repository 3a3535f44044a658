"""Which page is this? One form for all the ways the same address is written, so that one article is one id."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

MAX_CHARS = 2_048

# Parameters that say where a reader came from and never which page is meant.
_TRACKING = frozenset(
    str.split(
        "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid mc_cid mc_eid mkt_tok "
        "_ga _gl _hsenc _hsmi oly_anon_id oly_enc_id vero_id wickedid cmpid icid ito xtor __twitter_impression"
    )
)
_TRACKING_PREFIXES = ("utm_", "at_medium", "at_campaign", "at_custom", "hsa_", "mtm_", "pk_", "matomo_")
_DEFAULT_PORT = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", re.ASCII)
_KEEP = "%/:@!$&'()*+,;=~-._?"
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNWANTED = re.compile(r"[\x00-\x20\x7f]")


def canonical_url(text: str) -> str | None:
    """
    Give the canonical form of a URL, or None if it is no http(s) URL of at most 2,048 characters.

    Lower-case scheme and host (in its ASCII form), no default port, credentials, fragment or tracking parameters;
    the other parameters keep their order. Applying it twice changes nothing more.
    """
    text = text.strip().encode("utf-8", "replace").decode("utf-8")
    if len(text) > MAX_CHARS:
        return None
    try:
        parts = urlsplit(_UNWANTED.sub(lambda match: "%20" if match[0] == " " else "", text))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    name = _canonical_host(host or "")
    if scheme not in _DEFAULT_PORT or name is None:
        return None
    location = name if port is None or port == _DEFAULT_PORT[scheme] else f"{name}:{port}"
    query = _without_tracking(parts.query)
    url = f"{scheme}://{location}{_escaped(parts.path) or '/'}" + (f"?{query}" if query else "")
    return url if len(url) <= MAX_CHARS else None


def _canonical_host(host: str) -> str | None:
    host = host.rstrip(".").lower()
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    return host if _HOST.fullmatch(host) else None


def _without_tracking(query: str) -> str:
    kept = [part for part in query.split("&") if part and not _is_tracking(part)]
    return _escaped("&".join(kept))


def _is_tracking(parameter: str) -> bool:
    name = parameter.split("=", 1)[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _escaped(text: str) -> str:
    """Percent-encode what may not stand in a URL, and write the escapes in capitals (RFC 3986, 6.2.2.1)."""
    return _ESCAPE.sub(lambda match: match[0].upper(), quote(text, safe=_KEEP))
