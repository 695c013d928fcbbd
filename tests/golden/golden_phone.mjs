/**
 * The phone whose records the golden files hold: one officer, one day, every field filled. Used
 * once a schema to write them (write.mjs), and by the test that holds today's app to them.
 */
import { encodeTrack } from "../../static/core/track.js";

export const TOKEN = "golden-token-of-no-phone-golden-token-of-no";
export const OFFICER = { id: "01970000-0000-7000-8000-00000000901d", name: "Sari Dewi" };
export const SAVED_MS = Date.parse("2026-05-04T02:14:41.003Z");
export const SAVING = {
  token: TOKEN,
  clock: { server_offset_ms: -850, server_contact_at: "2026-05-02T01:00:00.000Z" },
  nowMs: SAVED_MS,
  utc_offset_min: 420,
};

const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
export const PHOTO = fromBase64("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAMABADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwAl3srYJQg54YEAE85/Ln+VPGQWi2qQfu7V2YJ/n2/TrVJLp/KHyIdoyOvBAPPX2/n61ZuHaJAUYhkUHOeTk1Ti16BZLof/2Q==");
export const THUMBNAIL = fromBase64("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAGAAgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwBWG8iNycDGRkkHOPU/X9KKKK1pq97m9OEXe6P/2Q==");

/** What an officer filled in, as the form hands it over; the photo comes by addDraftPhoto. */
export function fullDraft(empty) {
  return {
    ...empty,
    place_kind: "last_house",
    setting: "outdoor",
    power: "on",
    usually_signal: "weak",
    position: { latitude_deg: -1.541671, longitude_deg: 101.243342, accuracy_m: 6.2, altitude_m: 431, fixes: 14, position_time: "2026-05-04T02:12:00.000Z", method: "averaged", reason: null },
    service_tests: [
      { operator: "telkomsel", handset: "own", sim_slot: 1, result: "none", proof: "proven", technology: null, waited_s: 60, airplane_toggled: true, networks_heard: ["XL"], at: "2026-05-04T02:12:40.000Z" },
      { operator: "xl", handset: "HP kantor", sim_slot: 2, result: "data", proof: null, technology: "lte", waited_s: null, airplane_toggled: false, networks_heard: [], at: "2026-05-04T02:13:00.000Z" },
    ],
    readings: [
      { operator: "xl", technology: "lte", handset: "HP kantor", sim_slot: 2, rsrp_dbm: -108, rsrq_db: -12.5, sinr_db: 3, rssi_dbm: -77, bars: 1, source: "typed", raw_text: "-108 dBm 32 asu", at: "2026-05-04T02:13:10.000Z" },
      { operator: "telkomsel", technology: "wcdma", handset: "own", sim_slot: 1, rscp_dbm: -99, ecno_db: -7, bars: 2, source: "imported", raw_text: null, at: "2026-05-04T02:13:20.000Z" },
    ],
    data_tests: [{ operator: "xl", down_kbit_s: 812, at: "2026-05-04T02:13:30.000Z" }],
    services_failing: ["absensi-online", "nagari-sigap"],
    note: "Jorong Pasia — “tidak ada sinyal” di rumah gadang 😀",
    incomplete_reason: "hujan",
  };
}

export const START = {
  area: { id: null, claimed: { name: "Pasia Talang", nagari_id: "13.11.01.2001", said_by: "Wali jorong" } },
  area_name: "Pasia Talang",
  campaign_id: "golden-campaign",
  practice: false,
  config_version: 3,
  phone: { model: "Redmi 9A", app_version: "1.0.0" },
  companions: ["Budi", "Wali jorong"],
};

const moment = { saved_at: "2026-05-04T02:14:41.003Z", utc_offset_min: 420, clock: SAVING.clock };
const at = (n) => Date.parse("2026-05-04T02:00:00.000Z") + n * 1000;

/** Payloads of kinds that no screen of the app writes yet, in the form of docs/api.md. */
export const OTHER_PAYLOADS = {
  track: { id: "01970000-0000-7000-8000-000000009a01", campaign_id: "golden-campaign", practice: false, started_at: "2026-05-04T02:00:00.000Z", ended_at: "2026-05-04T02:00:05.000Z", ...moment, phone: START.phone, parts: 1, points: 5 },
  track_part: {
    id: "01970000-0000-7000-8000-000000009a02",
    track_id: "01970000-0000-7000-8000-000000009a01",
    number: 1,
    segment_starts: [0, 3],
    columns: encodeTrack([0, 1, 2, 4, 5].map((n) => ({ time_ms: at(n), latitude_deg: -1.5 + n / 1e5, longitude_deg: 101.2 - n / 1e5, altitude_m: n === 2 ? null : 430 + n, accuracy_m: 5 + n / 10 }))),
  },
  jorong_profile: { id: "01970000-0000-7000-8000-000000009a03", area: { id: "13.11/j0001", claimed: null }, households: 84, power: "on", road: "motorcycle", ...moment, photos: [{ sha256: "c".repeat(64), thumbnail_sha256: "d".repeat(64), kind: "access_road" }] },
  radio_log: { id: "01970000-0000-7000-8000-000000009a04", visit_id: "01970000-0000-7000-8000-000000009a05", app: "Network Cell Info", ...moment, files: [{ sha256: "e".repeat(64), bytes: 1234 }] },
};
