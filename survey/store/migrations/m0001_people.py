"""Meta, people, devices, codes, audit, jobs."""

SQL = """
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE users (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  username TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(username) BETWEEN 2 AND 40),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  language TEXT NOT NULL DEFAULT 'id' CHECK (language IN ('id', 'en')),
  password_hash TEXT,
  session_version INTEGER NOT NULL DEFAULT 1,
  demo INTEGER NOT NULL DEFAULT 0 CHECK (demo IN (0, 1)),
  created_at TEXT NOT NULL,
  disabled_at TEXT
) STRICT;

CREATE TABLE user_roles (
  user_key INTEGER NOT NULL REFERENCES users (key),
  role TEXT NOT NULL CHECK (role IN ('officer', 'supervisor', 'admin', 'viewer')),
  PRIMARY KEY (user_key, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE one_time_links (
  token_hash TEXT PRIMARY KEY,
  user_key INTEGER NOT NULL REFERENCES users (key),
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT
) STRICT;

CREATE TABLE sign_in_failures (
  key INTEGER PRIMARY KEY,
  scope TEXT NOT NULL CHECK (scope IN ('account', 'address', 'code_address')),
  subject TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_failures_by_subject ON sign_in_failures (scope, subject, at);

CREATE TABLE devices (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL CHECK (length(id) = 36),
  user_key INTEGER NOT NULL REFERENCES users (key),
  token_hash TEXT NOT NULL UNIQUE,
  model TEXT,
  app_version TEXT,
  enrolled_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  last_contact_at TEXT,
  revoked_at TEXT,
  unsent_records INTEGER,
  unsent_files INTEGER,
  storage_persisted INTEGER CHECK (storage_persisted IN (0, 1)),
  clock_offset_ms INTEGER,
  free_bytes INTEGER,
  last_error TEXT CHECK (length(last_error) <= 500),
  readiness TEXT CHECK (readiness IS NULL OR json_valid(readiness)),
  UNIQUE (id, user_key)
) STRICT;
CREATE INDEX devices_by_user ON devices (user_key);

CREATE TABLE enrolment_codes (
  code_hash TEXT PRIMARY KEY,
  user_key INTEGER NOT NULL REFERENCES users (key),
  created_by INTEGER REFERENCES users (key),
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  device_id TEXT,
  used_at TEXT,
  revoked_at TEXT
) STRICT;
CREATE INDEX enrolment_codes_by_user ON enrolment_codes (user_key);

-- Append-only; each row's hash covers the row and the hash before it.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  digest TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject);
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TABLE jobs (
  key INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  run_after TEXT NOT NULL,
  lease_until TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  failed_at TEXT,
  UNIQUE (kind, subject)
) STRICT;
CREATE INDEX jobs_by_time ON jobs (run_after) WHERE failed_at IS NULL;
"""
