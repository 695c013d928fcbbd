/** Reference data as the server gives it, as far as the tests need it. */
export const REFERENCE = {
  config_version: 3,
  timezone: "Asia/Jakarta",
  limits: { rsrp_dbm: { minimum: -156, maximum: -31 }, rssi_dbm: { minimum: -113, maximum: -25 }, accuracy_m: { minimum: 0, maximum: 100000 } },
  technology_limits: {
    gsm: { rssi_dbm: [-113, -47] },
    wcdma: { rscp_dbm: [-120, -24], ecno_db: [-24, 1] },
    lte: { rsrp_dbm: [-140, -43], rsrq_db: [-34, 3], sinr_db: [-20, 30], rssi_dbm: [-113, -25] },
    nr_sa: { rsrp_dbm: [-156, -31] },
  },
  main_quantity: { gsm: "rssi_dbm", wcdma: "rscp_dbm", lte: "rsrp_dbm", nr_nsa: "rsrp_dbm", nr_sa: "rsrp_dbm" },
  wire: { batch_records: 50, batch_bytes: 256000, single_record_bytes: 1000000, chunk_bytes: [64000, 256000] },
  questions: { accuracy_target_m: 10, accuracy_poor_m: 50, accuracy_approximate_m: 1000, same_place_m: 100, fix_patience_s: 120, clock_offset_ms: 600000, area_distance_m: 5000 },
  operators: [{ key: "telkomsel", brand: "Telkomsel" }, { key: "xl", brand: "XL" }],
  technologies: [{ key: "lte", label: "4G (LTE)" }],
  choices: { place_kinds: [{ key: "centre", label: "Centre of the jorong" }] },
  public_services: [{ key: "absensi-online", label: "Absensi online" }],
};

export const START_MS = Date.parse("2026-05-04T02:11:09.120Z");

/** What is known when a visit starts. */
export function start(changes = {}) {
  return {
    area: { id: "13.11/j0042", claimed: null },
    area_name: "Simancuang",
    campaign_id: null,
    practice: false,
    config_version: 3,
    phone: { model: "Redmi 9A", app_version: "1.0.0" },
    companions: ["Wali jorong"],
    ...changes,
  };
}

export const POSITION = {
  latitude_deg: -1.541671,
  longitude_deg: 101.243342,
  accuracy_m: 6.2,
  altitude_m: 431,
  fixes: 14,
  position_time: "2026-05-04T02:12:00.000Z",
  method: "averaged",
  reason: null,
};

export const NO_SIGNAL = {
  operator: "telkomsel",
  handset: "own",
  sim_slot: 1,
  result: "none",
  proof: "quick",
  technology: null,
  waited_s: 20,
  airplane_toggled: false,
  networks_heard: [],
  at: "2026-05-04T02:12:40.000Z",
};
