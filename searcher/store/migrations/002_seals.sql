-- Each revision is sealed: a digest over all that it says (`sealed`, rows.py), so that a flipped byte anywhere is seen.

ALTER TABLE revisions ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';

DROP TRIGGER revisions_stay_as_they_are;

UPDATE revisions SET sha256 = sealed(
    article_id, id_origin, title, url, source, authors, section, language,
    published_at, published_precision, published_origin, published_raw, fetched_at,
    origin_where, origin_place, body_sha256, withdrawn, recorded_at
);

CREATE TRIGGER revisions_stay_as_they_are BEFORE UPDATE ON revisions
BEGIN SELECT RAISE(ABORT, 'a revision is never changed: append another'); END;
