"""What the doctor says of a library, and an index that only its sample tells to be wrong, for the tests of health."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np

from searcher.index.dense.flat import write_flat
from searcher.index.files import file_digest
from searcher.library.health import doctor
from tests.library.samples import wanted


def examine(home, **options):
    """Examine the library at `home`."""
    return doctor(home, settings=wanted(), **options)


def states(examination, *checks):
    """Give the state and mendability of what is not well."""
    return {(one.check, one.state, one.mendable) for one in examination.findings if one.state != "ok"}


def forge_vectors(indexes):
    """Write other vectors into the first segment that answers, with all digests right."""
    current = indexes.read()
    info = current.segments[0]
    directory = indexes.segments / info.name
    rows = np.zeros((info.chunks, 32), np.float32)
    rows[:, 0] = 1
    write_flat(rows, directory / "vectors.faiss")
    about = json.loads((directory / "segment.json").read_bytes())
    about["files"]["vectors.faiss"]["sha256"] = file_digest(directory / "vectors.faiss")
    data = json.dumps(about, indent=1).encode()
    (directory / "segment.json").write_bytes(data)
    forged = replace(info, digest=hashlib.sha256(data).hexdigest())
    for manifest in indexes.generations.iterdir():
        manifest.unlink()
    indexes.publish(replace(current, segments=(forged, *current.segments[1:])))
