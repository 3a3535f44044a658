"""
Is everything as it should be, and what can be done about it? `searcher doctor`.

- `doctor`: the examination as a whole, and the repair;
- `truth`: settings and articles.db; `indexes`: the pointer, manifests, segments, leftovers; `contents`: does the index
  hold what the store holds?
- `surroundings`: the disk, the writer, the encoder.

Each check gives findings; none raises for what it looks at, and none changes anything: only `doctor.repair` does.
"""

from searcher.library.health.doctor import doctor

__all__ = ["doctor"]
