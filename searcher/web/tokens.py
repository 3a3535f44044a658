"""
The secrets of a home: who knows the one may write, who knows the other may read a closed library.

Each is made when it is first needed, in a file that its owner alone can read. Compared in constant time.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from searcher.errors import SearcherError

WRITE_FILE, READ_FILE = "write.token", "read.token"


@dataclass(frozen=True, slots=True)
class Tokens:
    """`write`: None where none could be made, and nobody may write. `read`: None where reading is open to all."""

    write: str | None
    read: str | None

    def may_write(self, authorization: str | None) -> bool:
        """Whether this `Authorization` header allows writing: `Bearer` only, which no browser sends by itself."""
        scheme, given = _credentials(authorization)
        return scheme == "bearer" and _is(given, self.write)

    def may_read(self, authorization: str | None) -> bool:
        """Whether this header allows reading: `Bearer`, or for browsers `Basic` with the token as the password."""
        if self.read is None:
            return True
        scheme, given = _credentials(authorization)
        if scheme == "basic":
            given = _password(given)
        elif scheme != "bearer":
            return False
        # Both are compared, whatever the first says.
        return _is(given, self.read) | _is(given, self.write)


def load_tokens(home: Path, *, closed: bool) -> Tokens:
    """
    Read the tokens of this home, or make them. `closed`: reading needs one, too.

    Raises SearcherError for a token file that others can read, or that holds none.
    """
    try:
        write = _read_or_make(home / WRITE_FILE)
    except OSError:
        write = None  # A home that cannot be written to cannot be written to.
    try:
        return Tokens(write, _read_or_make(home / READ_FILE) if closed else None)
    except OSError as error:
        raise SearcherError(
            f"{home / READ_FILE} cannot be made: {error.strerror}. A closed library needs a token."
        ) from error


def _read_or_make(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return _read(path)
    token = secrets.token_urlsafe(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{token}\n")
    return token


def _read(path: Path) -> str:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SearcherError(f"{path} can be read by others. Run: chmod 600 {path}")
    token = path.read_text(encoding="ascii", errors="replace").strip()
    if len(token) < 20 or not token.isascii() or not token.isprintable():
        raise SearcherError(
            f"{path} does not hold a token of at least 20 characters. Delete it to get a new one."
        )
    return token


def _credentials(authorization: str | None) -> tuple[str, str]:
    scheme, _, given = (authorization or "").partition(" ")
    return scheme.lower(), given.strip()


def _password(basic: str) -> str:
    """Source: RFC 7617, user-id ":" password in base64."""
    try:
        return base64.b64decode(basic, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _is(given: str, token: str | None) -> bool:
    return token is not None and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("ascii"))
