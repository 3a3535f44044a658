"""Is there room on the disk, does somebody write, and is the encoder there?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from searcher.errors import EncoderUnavailable
from searcher.index.dense.encoder import Encoder
from searcher.index.generation import Generation
from searcher.index.writer_lock import who_writes
from searcher.records import Finding

LEAST_FREE = 200_000_000
"""Bytes: a build writes beside what answers."""


def examine_disk(home: Path) -> Iterator[Finding]:
    """A rebuild needs as much room again as the indexes take."""
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        yield Finding("disk", "warning", f"its free space cannot be read ({error})")
        return
    needed = LEAST_FREE + sum(path.stat().st_size for path in (home / "indexes").rglob("*") if path.is_file())
    said = f"{free / 1e9:,.1f} GB free"
    if free < needed:
        more = f"{said}, less than a rebuild may need ({needed / 1e9:,.1f} GB)"
        yield Finding("disk", "warning", more, "free some space")
    else:
        yield Finding("disk", "ok", said)


def examine_writer(home: Path, readers: list[str]) -> Iterator[Finding]:
    """Who writes, and which generations are being read."""
    writer = who_writes(home)
    reading = f"; read at the moment: {', '.join(readers)}" if readers else ""
    yield Finding(
        "processes", "ok", f"{writer} is writing{reading}" if writer else f"nobody is writing{reading}"
    )


def examine_encoder(load: Callable[[], Encoder], generation: Generation | None) -> Iterator[Finding]:
    """Whether the model is there, loads, and is the one that the index was built with."""
    try:
        encoder = load()
    except EncoderUnavailable as error:
        yield Finding.of("encoder", error, "words are searched meanwhile", mendable=False)
        return
    if generation is not None and generation.fingerprints.encoder != encoder.fingerprint:
        said = f"the index was built with {generation.encoder_name}, the encoder is another {encoder.name}"
        yield Finding("encoder", "broken", said, "searcher rebuild")
    else:
        yield Finding("encoder", "ok", f"{encoder.name} loads, {encoder.dim} dimensions")
