-- Articles, kept for ever: revisions are appended, never changed, never deleted.

PRAGMA application_id = 0x4E455753;  -- "NEWS"

-- A text is stored once, whoever published it; its revisions share it by digest.
CREATE TABLE bodies (
    sha256 TEXT NOT NULL PRIMARY KEY,  -- of the UTF-8 bytes, in hexadecimal
    text TEXT NOT NULL
);

-- The newest revision of an article is its state. Moments are ISO 8601, in UTC.
CREATE TABLE revisions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL,
    id_origin TEXT NOT NULL CHECK (id_origin IN ('given', 'url', 'content')),
    title TEXT NOT NULL,
    url TEXT,
    source TEXT,
    authors TEXT NOT NULL,  -- a JSON list
    section TEXT,
    language TEXT,
    published_at TEXT,
    published_precision TEXT,
    published_origin TEXT,
    published_raw TEXT,
    fetched_at TEXT,
    origin_where TEXT NOT NULL,
    origin_place TEXT,
    body_sha256 TEXT NOT NULL REFERENCES bodies (sha256),
    withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
    recorded_at TEXT NOT NULL,
    CHECK ((published_at IS NULL) = (published_precision IS NULL)),
    CHECK ((published_at IS NULL) = (published_origin IS NULL))
);

CREATE UNIQUE INDEX revisions_of_article ON revisions (article_id, seq);
CREATE INDEX revisions_by_url ON revisions (url) WHERE url IS NOT NULL;
CREATE INDEX withdrawals ON revisions (seq) WHERE withdrawn = 1;

CREATE TRIGGER revisions_stay_as_they_are BEFORE UPDATE ON revisions
BEGIN SELECT RAISE(ABORT, 'a revision is never changed: append another'); END;

CREATE TRIGGER revisions_stay BEFORE DELETE ON revisions
BEGIN SELECT RAISE(ABORT, 'a revision is never deleted: append a withdrawal'); END;

CREATE TRIGGER bodies_stay_as_they_are BEFORE UPDATE ON bodies
BEGIN SELECT RAISE(ABORT, 'a body is never changed: append a revision'); END;

CREATE TRIGGER bodies_stay BEFORE DELETE ON bodies
BEGIN SELECT RAISE(ABORT, 'a body is never deleted: append a withdrawal'); END;

-- What was refused, newest last; the same complaint about the same place is kept once.
CREATE TABLE rejections (
    rejection_no INTEGER PRIMARY KEY AUTOINCREMENT,
    place TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    UNIQUE (place, reason)
);
