"""Which lines are in a file of a judged collection? Text, packed or not, read strictly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from searcher.errors import SourceUnreadable
from searcher.ingest.streams import GZIP_MAGIC, read_lines, unpacked, with_head

MAX_LINE_BYTES = 20_000_000
MAX_FILE_BYTES = 2_000_000_000


def read_text_lines(path: Path) -> Iterator[tuple[str, str]]:
    """
    Give the lines of a file, packed or not, that are not blank, each with its place for people.

    Raises SourceUnreadable, with the place, for what is not UTF-8, a line too long, or a file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            head, stream = with_head(file)
            if head.startswith(GZIP_MAGIC):
                stream = unpacked(stream, MAX_FILE_BYTES)
            for number, data in read_lines(stream, MAX_LINE_BYTES):
                place = f"{path}, line {number}"
                if data is None:
                    raise SourceUnreadable(f"{place}: it is longer than {MAX_LINE_BYTES:,} bytes.")
                if text := data.decode("utf-8-sig" if number == 1 else "utf-8").strip():
                    yield place, text
    except UnicodeDecodeError as error:
        raise SourceUnreadable(f"{path} is not UTF-8.") from error
    except OSError as error:
        raise SourceUnreadable(f"{path} cannot be read: {error.strerror or error}.") from error
