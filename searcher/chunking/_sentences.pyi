# Compiled: see sentences.py, which gives the same.

from collections.abc import Callable, Container

def ends(
    kinds: bytes, abbreviations: Container[str], dot_ends: Callable[[str, int, int, int], bool], text: str, /
) -> list[int]: ...
