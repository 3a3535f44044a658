"""
"Here is an article: keep it for ever."

`Store` is the door to `articles.db`, the truth of a library: append-only revisions, numbered by `seq`, the
only clock that the indexes know. A correction appends, a withdrawal appends, an undo appends.

- `store`: the door;
- `writing`: what becomes of a batch; `merging`: what an article says together with what was known of it;
- `reading`: which revisions answer; `rows`: articles to rows and back; `checking`: is everything as it was
stored?
- `copying`: how a copy leaves its home, and a stranger's file is looked at;
- `connections`: how SQLite is spoken to; `schema`: is this file ours, and of this version?

SQLite is imported nowhere else. The room never looks at a clock: `now` is passed in.
"""

from searcher.store.copying import check_stranger, set_journal
from searcher.store.reading import Counts
from searcher.store.store import Store

__all__ = ["Counts", "Store", "check_stranger", "set_journal"]
