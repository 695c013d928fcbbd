import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { BACKOFF_FIRST_MS, BACKOFF_LONGEST_MS, backoffMs } from "../../static/core/backoff.js";
import { bearingDeg, distanceM } from "../../static/core/geo.js";
import { foldName, searchAreas } from "../../static/core/spelling.js";
import { decodeTrack, encodeTrack } from "../../static/core/track.js";

const vectors = JSON.parse(readFileSync(new URL("../shared/spelling_vectors.json", import.meta.url), "utf8"));

test("spellings that mean one place fold to one key, as on the server", () => {
  for (const [one, other] of vectors.same) assert.equal(foldName(one), foldName(other), `${one} / ${other}`);
  for (const [one, other] of vectors.different) assert.notEqual(foldName(one), foldName(other), `${one} / ${other}`);
  for (const [name, key] of Object.entries(vectors.keys)) assert.equal(foldName(name), key);
});

const AREAS = [
  { id: "1", name: "Gunung Pasir" },
  { id: "2", name: "Lubuk Rasak" },
  { id: "3", name: "Koto Tangah", aliases: ["Kapau"] },
  { id: "4", name: "Koto Tinggi" },
  { id: "5", name: "Bukit Malintang" },
];
const found = (query, limit) => searchAreas(AREAS, query, limit).map(({ area, suggested }) => `${area.id}${suggested ? "?" : ""}`);

test("a name as spelled comes first, another spelling is a suggestion", () => {
  assert.deepEqual(found("Pasir"), ["1"]);
  assert.deepEqual(found("Gunuang Pasia"), ["1?"]);
  assert.deepEqual(found("bukik"), ["5?"]);
  assert.deepEqual(found("lubuak"), ["2?"]);
  assert.deepEqual(found("kota tengah"), ["3?"]);
});

test("search goes by beginnings, in any order, over aliases, up to a limit", () => {
  assert.deepEqual(found("ko"), ["3", "4"]);
  assert.deepEqual(found("ting ko"), ["4"]);
  assert.deepEqual(found("kapau"), ["3"]);
  assert.deepEqual(found("ko", 1), ["3"]);
  assert.deepEqual(found("   "), []);
  assert.deepEqual(found("nothing"), []);
});

test("distance and bearing of known pairs", () => {
  const padang = { latitude_deg: -0.9492, longitude_deg: 100.3543 };
  const solok = { latitude_deg: -0.7885, longitude_deg: 100.655 };
  assert.ok(Math.abs(distanceM(padang, solok) - 37_900) < 300, String(distanceM(padang, solok)));
  assert.equal(distanceM(padang, padang), 0);
  const origin = { latitude_deg: 0, longitude_deg: 0 };
  const round = (a, b) => Math.round(bearingDeg(a, b));
  assert.equal(round(origin, { latitude_deg: 1, longitude_deg: 0 }), 0);
  assert.equal(round(origin, { latitude_deg: 0, longitude_deg: 1 }), 90);
  assert.equal(round(origin, { latitude_deg: -1, longitude_deg: 0 }), 180);
  assert.equal(round(origin, { latitude_deg: 0, longitude_deg: -1 }), 270);
});

test("distance does not break at the antipode or across the date line", () => {
  assert.ok(Math.abs(distanceM({ latitude_deg: 0, longitude_deg: 0 }, { latitude_deg: 0, longitude_deg: 180 }) - 20_015_115) < 1_000);
  assert.ok(distanceM({ latitude_deg: 0, longitude_deg: 179.999 }, { latitude_deg: 0, longitude_deg: -179.999 }) < 300);
});

const walk = (n) => Array.from({ length: n }, (_, i) => ({
  time_ms: 1_777_860_669_120 + i * 1000 + (i % 7),
  latitude_deg: Math.round((-1.541671 + Math.sin(i / 50) * 0.001 + i * 1e-5) * 1e6) / 1e6,
  longitude_deg: Math.round((101.243342 + Math.cos(i / 40) * 0.001) * 1e6) / 1e6,
  altitude_m: i % 10 === 0 ? null : Math.round((431 + Math.sin(i / 30) * 20) * 10) / 10,
  accuracy_m: 5 + (i % 4) / 10,
}));

test("a track comes back as it was, gaps in altitude included", () => {
  const points = walk(3000);
  assert.deepEqual(decodeTrack(encodeTrack(points)), points);
  assert.deepEqual(decodeTrack(encodeTrack([])), []);
});

test("columns are integers: the first absolute, then steps", () => {
  const columns = encodeTrack(walk(3));
  assert.equal(columns.time_ms[0], 1_777_860_669_120);
  assert.deepEqual(columns.time_ms.slice(1), [1001, 1001]);
  assert.equal(columns.altitude_dm[0], null);
  assert.ok(Object.values(columns).flat().every((value) => value === null || Number.isInteger(value)));
});

test("a day of points stays within the wire's budget", () => {
  const points = walk(28_800);
  assert.ok(gzipSync(JSON.stringify(encodeTrack(points))).byteLength < 150_000);
});

test("back-off doubles from 5 s to 5 min with full jitter", () => {
  const ceilings = [1, 2, 3, 6, 7, 8, 100].map((tries) => backoffMs(tries, () => 1));
  assert.deepEqual(ceilings, [BACKOFF_FIRST_MS, 10_000, 20_000, 160_000, BACKOFF_LONGEST_MS, BACKOFF_LONGEST_MS, BACKOFF_LONGEST_MS]);
  assert.equal(backoffMs(5, () => 0), 0);
});

test("Retry-After is the least wait, and at most an hour is believed", () => {
  assert.equal(backoffMs(1, () => 0, 120), 120_000);
  assert.equal(backoffMs(1, () => 0, 1e9), 3_600_000);
  assert.equal(backoffMs(1, () => 0, -5), 0);
});
