"""Areas with dated parents, aliases, baselines and imports; campaigns and assignments."""

SQL = """
CREATE TABLE areas (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 60),
  level TEXT NOT NULL CHECK (level IN ('kabupaten', 'kecamatan', 'nagari', 'jorong')),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  folded_name TEXT NOT NULL,
  parent_id TEXT REFERENCES areas (id) DEFERRABLE INITIALLY DEFERRED,
  kemendagri_code TEXT UNIQUE,
  bps_code TEXT UNIQUE,
  postcode TEXT,
  latitude_deg REAL CHECK (latitude_deg BETWEEN -90 AND 90),
  longitude_deg REAL CHECK (longitude_deg BETWEEN -180 AND 180),
  point_source TEXT CHECK (point_source IN ('reference', 'office', 'visits')),
  standing TEXT NOT NULL CHECK (standing IN ('official', 'unofficial', 'claimed')),
  merged_into TEXT REFERENCES areas (id) DEFERRABLE INITIALLY DEFERRED,
  retired_at TEXT,
  note TEXT,
  source TEXT,
  CHECK ((latitude_deg IS NULL) = (longitude_deg IS NULL)),
  CHECK ((level = 'kabupaten') = (parent_id IS NULL)),
  CHECK (merged_into IS NULL OR merged_into <> id)
) STRICT;
CREATE INDEX areas_by_parent ON areas (parent_id);
CREATE INDEX areas_by_folded_name ON areas (folded_name);

-- Which parent an area had from which day on; the newest row equals areas.parent_id.
-- The key's columns come first: SQLite 3.40 (Debian 12) else finds a NULL in integrity_check.
CREATE TABLE area_parents (
  area_id TEXT NOT NULL REFERENCES areas (id) DEFERRABLE INITIALLY DEFERRED,
  valid_from TEXT NOT NULL,
  parent_id TEXT NOT NULL REFERENCES areas (id) DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (area_id, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE area_aliases (
  area_id TEXT NOT NULL REFERENCES areas (id) DEFERRABLE INITIALLY DEFERRED,
  name TEXT NOT NULL,
  folded_name TEXT NOT NULL,
  source TEXT,
  PRIMARY KEY (area_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX area_aliases_by_folded_name ON area_aliases (folded_name);

CREATE TABLE area_boundaries (
  area_id TEXT PRIMARY KEY REFERENCES areas (id) DEFERRABLE INITIALLY DEFERRED,
  geometry TEXT NOT NULL CHECK (json_valid(geometry)),
  west_deg REAL NOT NULL,
  south_deg REAL NOT NULL,
  east_deg REAL NOT NULL,
  north_deg REAL NOT NULL,
  source TEXT
) STRICT;

-- What was published about an area or a regency on a day: never a verdict of ours.
CREATE TABLE area_baselines (
  key INTEGER PRIMARY KEY,
  area_id TEXT NOT NULL REFERENCES areas (id) DEFERRABLE INITIALLY DEFERRED,
  as_of TEXT NOT NULL,
  metric TEXT NOT NULL,
  value REAL NOT NULL,
  unit TEXT NOT NULL,
  source TEXT NOT NULL,
  note TEXT,
  UNIQUE (area_id, as_of, metric, value, source)
) STRICT;

-- One import is one step: `before` holds what undoing needs.
CREATE TABLE area_imports (
  id TEXT PRIMARY KEY CHECK (length(id) = 36),
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  new_count INTEGER NOT NULL,
  changed_count INTEGER NOT NULL,
  same_count INTEGER NOT NULL,
  before TEXT NOT NULL CHECK (json_valid(before)),
  after TEXT NOT NULL CHECK (json_valid(after)),
  undone_at TEXT
) STRICT;

CREATE TABLE campaigns (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  starts_on TEXT,
  ends_on TEXT,
  closed_at TEXT,
  practice INTEGER NOT NULL DEFAULT 0 CHECK (practice IN (0, 1)),
  demo INTEGER NOT NULL DEFAULT 0 CHECK (demo IN (0, 1)),
  rule_version INTEGER,
  sampling_plan TEXT CHECK (sampling_plan IS NULL OR json_valid(sampling_plan)),
  note TEXT
) STRICT;

CREATE TABLE campaign_areas (
  campaign_id TEXT NOT NULL REFERENCES campaigns (id),
  area_id TEXT NOT NULL REFERENCES areas (id),
  PRIMARY KEY (campaign_id, area_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE assignments (
  id TEXT PRIMARY KEY CHECK (length(id) = 36),
  campaign_id TEXT NOT NULL REFERENCES campaigns (id),
  area_id TEXT NOT NULL REFERENCES areas (id),
  due_on TEXT,
  letter_number TEXT,
  note TEXT,
  created_at TEXT NOT NULL,
  cancelled_at TEXT
) STRICT;
CREATE INDEX assignments_by_area ON assignments (area_id);
CREATE UNIQUE INDEX assignments_once ON assignments (campaign_id, area_id)
  WHERE cancelled_at IS NULL;

CREATE TABLE assignment_officers (
  assignment_id TEXT NOT NULL REFERENCES assignments (id),
  user_key INTEGER NOT NULL REFERENCES users (key),
  PRIMARY KEY (assignment_id, user_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_officers_by_user ON assignment_officers (user_key);

-- The office's rules for the phone and for classes: a version is never edited.
CREATE TABLE rules (
  version INTEGER PRIMARY KEY,
  content TEXT NOT NULL CHECK (json_valid(content)),
  created_at TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT;

CREATE TABLE office_operators (
  key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 40),
  brand TEXT NOT NULL CHECK (length(brand) BETWEEN 1 AND 200),
  plmns TEXT NOT NULL CHECK (json_valid(plmns)),
  retired_at TEXT
) STRICT;

-- What phones have to learn, newest last; one row a thing and reader, moved to the end when
-- the thing changes. user_key NULL: for every officer.
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('area', 'campaign', 'assignment', 'visit', 'review',
    'comment', 'rule', 'operator', 'notice', 'file_safe')),
  subject TEXT NOT NULL,
  user_key INTEGER REFERENCES users (key),
  deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX changes_once ON changes (kind, subject, ifnull(user_key, 0));
"""
