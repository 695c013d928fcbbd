"""What the office adds over visits: reviews, layers, settled conflicts, comments, erasures."""

SQL = """
CREATE TABLE reviews (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  visit_id TEXT NOT NULL CHECK (length(visit_id) = 36),
  revision_sha256 TEXT NOT NULL CHECK (length(revision_sha256) = 64),
  decision TEXT NOT NULL CHECK (decision IN ('approved', 'has_issues', 'rejected')),
  reason TEXT,
  reviewer_key INTEGER NOT NULL REFERENCES users (key),
  at TEXT NOT NULL,
  audit_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX reviews_by_visit ON reviews (visit_id, key);

CREATE TABLE office_layers (
  key INTEGER PRIMARY KEY,
  visit_id TEXT NOT NULL CHECK (length(visit_id) = 36),
  field TEXT NOT NULL CHECK (field IN ('area_id', 'campaign_id', 'place_kind', 'note',
    'photo_kind')),
  subject TEXT NOT NULL DEFAULT '',
  value TEXT,
  reason TEXT NOT NULL CHECK (length(reason) > 0),
  author_key INTEGER NOT NULL REFERENCES users (key),
  at TEXT NOT NULL,
  audit_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX office_layers_by_visit ON office_layers (visit_id, key);

-- An open question: a side branch of a visit; settled by a supervisor's choice.
CREATE TABLE conflicts (
  key INTEGER PRIMARY KEY,
  visit_id TEXT NOT NULL CHECK (length(visit_id) = 36),
  revision_key INTEGER NOT NULL UNIQUE REFERENCES revisions (key),
  cause TEXT NOT NULL CHECK (cause IN ('base_not_head', 'already_decided', 'review_not_seen')),
  opened_at TEXT NOT NULL,
  choice TEXT CHECK (choice IN ('keep_head', 'take_branch')),
  reason TEXT,
  settled_by INTEGER REFERENCES users (key),
  settled_at TEXT,
  audit_seq INTEGER,
  CHECK ((choice IS NULL) = (settled_at IS NULL))
) STRICT;
CREATE INDEX conflicts_by_visit ON conflicts (visit_id);
CREATE INDEX conflicts_open ON conflicts (visit_id) WHERE choice IS NULL;

CREATE TABLE comments (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  visit_id TEXT NOT NULL CHECK (length(visit_id) = 36),
  author_key INTEGER NOT NULL REFERENCES users (key),
  text TEXT NOT NULL,
  at TEXT NOT NULL,
  revision_key INTEGER REFERENCES revisions (key)
) STRICT;
CREATE INDEX comments_by_visit ON comments (visit_id, key);

-- What was erased and why; nothing revives it by a second import.
CREATE TABLE erasures (
  key INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('visit', 'file', 'person_tracks', 'track')),
  subject TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (length(reason) > 0),
  actor TEXT NOT NULL,
  at TEXT NOT NULL,
  UNIQUE (kind, subject)
) STRICT;

-- Append-only tables say so themselves. Erasure may empty a payload or a
-- reason, nothing else.
CREATE TRIGGER revisions_keep_their_payload BEFORE UPDATE ON revisions
WHEN NEW.payload IS NOT NULL OR NEW.sha256 <> OLD.sha256 OR NEW.record_id <> OLD.record_id
BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END;
CREATE TRIGGER revisions_are_not_deleted BEFORE DELETE ON revisions
BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END;
CREATE TRIGGER reviews_are_not_changed BEFORE UPDATE ON reviews
WHEN NEW.reason IS NOT NULL OR NEW.id <> OLD.id OR NEW.visit_id <> OLD.visit_id
  OR NEW.revision_sha256 <> OLD.revision_sha256 OR NEW.decision <> OLD.decision
  OR NEW.reviewer_key <> OLD.reviewer_key OR NEW.at <> OLD.at OR NEW.audit_seq <> OLD.audit_seq
BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
CREATE TRIGGER reviews_are_not_deleted BEFORE DELETE ON reviews
BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
"""
