"""What phones send: revisions (the truth) and their projection, files, quarantine."""

SQL = """
-- The truth: each payload as the phone froze it. Never changed, never deleted (erasure
-- empties the payload and keeps the hash).
CREATE TABLE revisions (
  key INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('visit', 'track', 'track_part', 'jorong_profile',
    'comment', 'radio_log', 'withdrawal')),
  record_id TEXT NOT NULL CHECK (length(record_id) = 36),
  revision INTEGER NOT NULL CHECK (revision BETWEEN 1 AND 100000),
  schema INTEGER NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  base_sha256 TEXT,
  seen_review TEXT,
  seal TEXT,
  sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)),
  conflict TEXT CHECK (conflict IN ('base_not_head', 'already_decided', 'review_not_seen')),
  payload TEXT,
  officer_key INTEGER NOT NULL REFERENCES users (key),
  device_key INTEGER REFERENCES devices (key),
  received_at TEXT NOT NULL,
  audit_seq INTEGER NOT NULL,
  UNIQUE (record_id, sha256)
) STRICT;
CREATE INDEX revisions_by_officer ON revisions (officer_key, key);

-- Projection of the head revision of each visit and the office's layers over it.
CREATE TABLE visits (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  officer_key INTEGER NOT NULL REFERENCES users (key),
  head_key INTEGER NOT NULL REFERENCES revisions (key),
  revision INTEGER NOT NULL CHECK (revision BETWEEN 1 AND 100000),
  state TEXT NOT NULL CHECK (state IN ('received', 'has_issues', 'edited', 'approved',
    'rejected', 'withdrawn')),
  latest_review TEXT,
  changed_seq INTEGER NOT NULL,
  changed_at TEXT NOT NULL,
  first_received_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  practice INTEGER NOT NULL CHECK (practice IN (0, 1)),
  campaign_id TEXT,
  config_version INTEGER,
  area_id TEXT REFERENCES areas (id),
  chosen_area_id TEXT,
  claimed_name TEXT CHECK (length(claimed_name) <= 200),
  claimed_nagari_id TEXT,
  claimed_said_by TEXT CHECK (length(claimed_said_by) <= 200),
  place_kind TEXT CHECK (place_kind IN ('centre', 'last_house', 'school', 'health', 'mosque',
    'office', 'market', 'road', 'signal_spot', 'other')),
  setting TEXT CHECK (setting IN ('outdoor', 'indoor', 'vehicle')),
  power TEXT CHECK (power IN ('on', 'off', 'none', 'unknown')),
  usually_signal TEXT CHECK (usually_signal IN ('yes', 'weak', 'no', 'unknown')),
  started_at TEXT,
  saved_at TEXT,
  occurred_at TEXT NOT NULL,
  day TEXT NOT NULL,
  utc_offset_min INTEGER CHECK (utc_offset_min BETWEEN -720 AND 840),
  clock_offset_ms REAL CHECK (clock_offset_ms BETWEEN -4000000000000 AND 4000000000000),
  latitude_deg REAL CHECK (latitude_deg BETWEEN -90 AND 90),
  longitude_deg REAL CHECK (longitude_deg BETWEEN -180 AND 180),
  accuracy_m REAL CHECK (accuracy_m BETWEEN 0 AND 100000),
  altitude_m REAL CHECK (altitude_m BETWEEN -11000 AND 100000),
  fixes INTEGER CHECK (fixes BETWEEN 0 AND 100000),
  position_time TEXT,
  position_method TEXT CHECK (position_method IN ('averaged', 'single', 'manual')),
  position_reason TEXT,
  phone_model TEXT,
  app_version TEXT,
  companions TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(companions)),
  services_failing TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(services_failing)),
  note TEXT,
  incomplete_reason TEXT,
  CHECK ((latitude_deg IS NULL) = (longitude_deg IS NULL))
) STRICT;
-- The queue reads each of these in order and checks its other filters on the columns behind
-- changed_seq without looking at the row: 1,000,000 visits, at most 30 ms a page.
CREATE INDEX visits_by_change ON visits (practice, changed_seq, state, day, area_id);
CREATE INDEX visits_by_state ON visits (practice, state, changed_seq, day, area_id);
CREATE INDEX visits_by_officer ON visits (officer_key, changed_seq, practice, state, day);
CREATE INDEX visits_by_area ON visits (area_id, changed_seq, practice, state, day,
  claimed_nagari_id);
CREATE INDEX visits_by_campaign ON visits (campaign_id, changed_seq, practice, state, day,
  area_id);
CREATE INDEX visits_by_day ON visits (day, changed_seq, practice, state, area_id);
-- Questions about one officer's day (same place, speed) look at what arrived before.
CREATE INDEX visits_by_officer_day ON visits (officer_key, day);

CREATE TABLE service_tests (
  visit_key INTEGER NOT NULL REFERENCES visits (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  operator TEXT,
  handset TEXT,
  sim_slot INTEGER CHECK (sim_slot BETWEEN 1 AND 4),
  result TEXT CHECK (result IN ('none', 'emergency_only', 'voice', 'voice_sms', 'data')),
  proof TEXT CHECK (proof IN ('quick', 'proven')),
  technology TEXT CHECK (technology IN ('gsm', 'wcdma', 'lte', 'nr_nsa', 'nr_sa')),
  waited_s REAL CHECK (waited_s BETWEEN 0 AND 86400),
  airplane_toggled INTEGER CHECK (airplane_toggled IN (0, 1)),
  networks_heard TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(networks_heard)),
  at TEXT,
  PRIMARY KEY (visit_key, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE readings (
  visit_key INTEGER NOT NULL REFERENCES visits (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  operator TEXT,
  technology TEXT CHECK (technology IN ('gsm', 'wcdma', 'lte', 'nr_nsa', 'nr_sa')),
  handset TEXT,
  sim_slot INTEGER CHECK (sim_slot BETWEEN 1 AND 4),
  rsrp_dbm REAL CHECK (rsrp_dbm BETWEEN -156 AND -31),
  rsrq_db REAL CHECK (rsrq_db BETWEEN -43 AND 20),
  sinr_db REAL CHECK (sinr_db BETWEEN -23 AND 40),
  rssi_dbm REAL CHECK (rssi_dbm BETWEEN -113 AND -25),
  rscp_dbm REAL CHECK (rscp_dbm BETWEEN -120 AND -24),
  ecno_db REAL CHECK (ecno_db BETWEEN -24 AND 1),
  bars INTEGER CHECK (bars BETWEEN 0 AND 5),
  source TEXT CHECK (source IN ('typed', 'imported')),
  raw_text TEXT,
  at TEXT,
  PRIMARY KEY (visit_key, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit_photos (
  visit_key INTEGER NOT NULL REFERENCES visits (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  thumbnail_sha256 TEXT CHECK (length(thumbnail_sha256) = 64),
  kind TEXT CHECK (kind IN ('proof_screen', 'site', 'access_road', 'tower', 'power',
    'berita_acara', 'other')),
  bytes INTEGER CHECK (bytes BETWEEN 1 AND 25000000),
  width_px INTEGER CHECK (width_px BETWEEN 1 AND 30000),
  height_px INTEGER CHECK (height_px BETWEEN 1 AND 30000),
  taken_at TEXT,
  exif_time TEXT,
  exif_latitude_deg REAL CHECK (exif_latitude_deg BETWEEN -90 AND 90),
  exif_longitude_deg REAL CHECK (exif_longitude_deg BETWEEN -180 AND 180),
  camera_model TEXT,
  PRIMARY KEY (visit_key, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_photos_by_file ON visit_photos (sha256);
CREATE INDEX visit_photos_by_thumbnail ON visit_photos (thumbnail_sha256);

CREATE TABLE flags (
  visit_key INTEGER NOT NULL REFERENCES visits (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  code TEXT NOT NULL,
  evidence TEXT NOT NULL CHECK (json_valid(evidence)),
  PRIMARY KEY (visit_key, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX flags_by_code ON flags (code, visit_key);

CREATE TABLE tracks (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
  officer_key INTEGER NOT NULL REFERENCES users (key),
  revision_key INTEGER NOT NULL REFERENCES revisions (key),
  practice INTEGER NOT NULL CHECK (practice IN (0, 1)),
  campaign_id TEXT,
  started_at TEXT,
  ended_at TEXT,
  day TEXT NOT NULL,
  parts INTEGER,
  withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
  changed_seq INTEGER NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX tracks_by_officer ON tracks (officer_key, day);

-- A part may come before its header, so it names its track by id.
CREATE TABLE track_parts (
  key INTEGER PRIMARY KEY,
  track_id TEXT NOT NULL CHECK (length(track_id) = 36),
  number INTEGER NOT NULL,
  revision_key INTEGER NOT NULL UNIQUE REFERENCES revisions (key),
  points INTEGER NOT NULL CHECK (points BETWEEN 0 AND 3000),
  columns BLOB NOT NULL,
  UNIQUE (track_id, number)
) STRICT;

CREATE TABLE withdrawals (
  visit_id TEXT PRIMARY KEY CHECK (length(visit_id) = 36),
  revision_key INTEGER NOT NULL REFERENCES revisions (key),
  reason TEXT,
  at TEXT NOT NULL
) STRICT;

CREATE TABLE files (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  kind TEXT NOT NULL CHECK (kind IN ('photo', 'thumbnail', 'radio_log', 'track_file',
    'attachment')),
  content_type TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes BETWEEN 1 AND 25000000),
  officer_key INTEGER NOT NULL REFERENCES users (key),
  device_key INTEGER REFERENCES devices (key),
  stored_at TEXT NOT NULL,
  safe_at TEXT,
  erased_at TEXT
) STRICT, WITHOUT ROWID;

-- Which officers sent a file: two officers may hold the same photo.
CREATE TABLE file_officers (
  sha256 TEXT NOT NULL REFERENCES files (sha256),
  officer_key INTEGER NOT NULL REFERENCES users (key),
  PRIMARY KEY (sha256, officer_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  key INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  why TEXT NOT NULL,
  envelope TEXT NOT NULL,
  payload BLOB NOT NULL,
  officer_key INTEGER NOT NULL REFERENCES users (key),
  device_key INTEGER REFERENCES devices (key),
  received_at TEXT NOT NULL,
  settled_at TEXT,
  UNIQUE (record_id, sha256)
) STRICT;
"""
