"""What radio logs say: samples of cells, the files they came from, cells of public tower lists."""

SQL = """
-- One file of a log or a tower list. It is finished when all its rows were taken in.
CREATE TABLE sample_sources (
  key INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  format TEXT NOT NULL CHECK (length(format) BETWEEN 1 AND 40),
  app TEXT CHECK (length(app) <= 100),
  device TEXT CHECK (length(device) <= 100),
  officer_key INTEGER REFERENCES users (key),
  record_id TEXT CHECK (length(record_id) = 36),
  actor TEXT NOT NULL,
  received_at TEXT NOT NULL,
  finished_at TEXT,
  kept_count INTEGER NOT NULL DEFAULT 0,
  new_count INTEGER NOT NULL DEFAULT 0,
  rejected_count INTEGER NOT NULL DEFAULT 0,
  dropped_count INTEGER NOT NULL DEFAULT 0,
  reasons TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(reasons))
) STRICT;
CREATE INDEX sample_sources_by_time ON sample_sources (received_at);

-- One measurement, once, whatever files hold it; `source_key` is the file that brought it first.
-- Integers where a decimal fraction is meant keep a million rows small.
CREATE TABLE samples (
  key INTEGER PRIMARY KEY,
  sample_key BLOB NOT NULL UNIQUE CHECK (length(sample_key) = 16),
  source_key INTEGER NOT NULL REFERENCES sample_sources (key),
  line INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  latitude_e6 INTEGER NOT NULL CHECK (latitude_e6 BETWEEN -90000000 AND 90000000),
  longitude_e6 INTEGER NOT NULL CHECK (longitude_e6 BETWEEN -180000000 AND 180000000),
  accuracy_dm INTEGER CHECK (accuracy_dm >= 0),
  altitude_dm INTEGER,
  speed_cm_s INTEGER CHECK (speed_cm_s >= 0),
  technology TEXT CHECK (technology IN ('gsm', 'wcdma', 'lte', 'nr_nsa', 'nr_sa')),
  mcc TEXT CHECK (length(mcc) = 3),
  mnc TEXT CHECK (length(mnc) BETWEEN 2 AND 3),
  area_code INTEGER,
  cell_id INTEGER,
  pci INTEGER,
  arfcn INTEGER,
  serving INTEGER NOT NULL CHECK (serving IN (0, 1)),
  sim_slot INTEGER CHECK (sim_slot BETWEEN 1 AND 4),
  rsrp_dbm REAL CHECK (rsrp_dbm BETWEEN -156 AND -31),
  rsrq_db REAL CHECK (rsrq_db BETWEEN -43 AND 20),
  sinr_db REAL CHECK (sinr_db BETWEEN -23 AND 40),
  rssi_dbm REAL CHECK (rssi_dbm BETWEEN -113 AND -25),
  rscp_dbm REAL CHECK (rscp_dbm BETWEEN -120 AND -24),
  ecno_db REAL CHECK (ecno_db BETWEEN -24 AND 1),
  rxlev_dbm REAL CHECK (rxlev_dbm BETWEEN -113 AND -40),
  ta INTEGER,
  no_service INTEGER NOT NULL CHECK (no_service IN (0, 1)),
  operator TEXT,
  area_id TEXT REFERENCES areas (id) DEFERRABLE INITIALLY DEFERRED,
  area_by TEXT CHECK (area_by IN ('boundary', 'nearest')),
  area_distance_m INTEGER,
  level_dbm REAL GENERATED ALWAYS AS (
    CASE technology WHEN 'gsm' THEN rxlev_dbm WHEN 'wcdma' THEN rscp_dbm ELSE rsrp_dbm END
  ) VIRTUAL,
  CHECK (technology IS NOT NULL OR no_service = 1),
  CHECK ((area_id IS NULL) = (area_by IS NULL))
) STRICT;
CREATE INDEX samples_by_area ON samples (area_id, operator, technology);
CREATE INDEX samples_by_source ON samples (source_key);

-- Where a public list says that a cell stands. Never coverage.
CREATE TABLE reference_cells (
  key INTEGER PRIMARY KEY,
  cell_key BLOB NOT NULL UNIQUE CHECK (length(cell_key) = 16),
  source_key INTEGER NOT NULL REFERENCES sample_sources (key),
  line INTEGER NOT NULL,
  technology TEXT NOT NULL CHECK (technology IN ('gsm', 'wcdma', 'lte', 'nr_nsa', 'nr_sa')),
  mcc TEXT NOT NULL CHECK (length(mcc) = 3),
  mnc TEXT NOT NULL CHECK (length(mnc) BETWEEN 2 AND 3),
  area_code INTEGER,
  cell_id INTEGER NOT NULL,
  pci INTEGER,
  arfcn INTEGER,
  latitude_e6 INTEGER NOT NULL CHECK (latitude_e6 BETWEEN -90000000 AND 90000000),
  longitude_e6 INTEGER NOT NULL CHECK (longitude_e6 BETWEEN -180000000 AND 180000000),
  range_m INTEGER CHECK (range_m > 0),
  samples INTEGER CHECK (samples >= 0),
  updated_at TEXT,
  place TEXT CHECK (length(place) <= 200),
  operator TEXT
) STRICT;
CREATE INDEX reference_cells_by_identity ON reference_cells (cell_id, mcc, mnc);
CREATE INDEX reference_cells_by_place ON reference_cells (latitude_e6, longitude_e6);
"""
