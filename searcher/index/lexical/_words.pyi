# Compiled: see words.py, which gives the same.

from collections.abc import Container, Mapping

def words(text: str, /) -> list[str]: ...
def marks(
    text: str, terms_of: Mapping[str, str | None], wanted: Container[str], /
) -> list[tuple[int, int, str]]: ...
