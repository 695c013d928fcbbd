import assert from "node:assert/strict";
import { test } from "node:test";
import { draftFromPayload, newDraft, nextPointDraft } from "../../static/core/drafts.js";
import { freezePayload, payloadFiles, visitPayload } from "../../static/core/payload.js";
import { NO_SIGNAL, POSITION, start, START_MS } from "./reference_fixture.mjs";

const CLOCK = { server_offset_ms: -850, server_contact_at: "2026-05-02T01:00:00.000Z" };
const MOMENT = { saved_ms: START_MS + 212_000, clock: CLOCK, utc_offset_min: 420 };
const PHOTO = { sha256: "a".repeat(64), thumbnail_sha256: "b".repeat(64), kind: "site", bytes: 9, width_px: 3, height_px: 4, taken_at: "2026-05-04T02:13:40.000Z", original: null };

/** The fields of schema 1, in the order of docs/api.md. */
const FIELDS = [
  "id", "campaign_id", "practice", "config_version", "area", "place_kind", "setting", "power", "usually_signal", "started_at",
  "saved_at", "utc_offset_min", "clock", "position", "phone", "companions", "service_tests", "readings", "data_tests",
  "services_failing", "photos", "note", "incomplete_reason",
];

function filledDraft() {
  return { ...newDraft(start(), START_MS), place_kind: "centre", position: POSITION, service_tests: [NO_SIGNAL], photos: [PHOTO], note: "ok" };
}

test("a payload has exactly the fields of schema 1, in their order", () => {
  const payload = visitPayload(filledDraft(), MOMENT);
  assert.deepEqual(Object.keys(payload), FIELDS);
  assert.equal(payload.saved_at, "2026-05-04T02:14:41.120Z");
  assert.equal(payload.utc_offset_min, 420);
  assert.deepEqual(payload.clock, CLOCK);
  assert.equal(payload.area_name, undefined);
});

test("freezing the same payload twice gives the same text", () => {
  const payload = visitPayload(filledDraft(), MOMENT);
  assert.equal(freezePayload(payload), freezePayload(structuredClone(payload)));
});

test("lone surrogates, NUL, NaN and infinities do not get into the text", () => {
  const text = freezePayload({ note: "a\ud800b\udc00c\u0000d😀", bad: NaN, worse: -Infinity, list: [undefined, NaN, "\udfff"] });
  assert.deepEqual(JSON.parse(text), { note: "a\ufffdb\ufffdcd😀", bad: null, worse: null, list: [null, null, "\ufffd"] });
  assert.ok(text.isWellFormed?.() ?? true);
});

test("zero, false and empty text are kept", () => {
  assert.equal(freezePayload({ a: 0, b: false, c: "", d: [] }), '{"a":0,"b":false,"c":"","d":[]}');
});

test("files are named thumbnails first, each once", () => {
  const other = { ...PHOTO, sha256: "c".repeat(64), thumbnail_sha256: "d".repeat(64) };
  const names = payloadFiles({ photos: [PHOTO, other, PHOTO] }).map((file) => `${file.kind} ${file.sha256[0]}`);
  assert.deepEqual(names, ["thumbnail b", "thumbnail d", "photo a", "photo c"]);
  assert.deepEqual(payloadFiles({}), []);
});

test("the next point copies jorong, campaign and companions but no value", () => {
  const last = { ...filledDraft(), campaign_id: "c1", incomplete_reason: "rain" };
  const next = nextPointDraft(last, START_MS + 1);
  assert.notEqual(next.id, last.id);
  assert.deepEqual([next.area, next.area_name, next.campaign_id, next.companions], [last.area, last.area_name, "c1", last.companions]);
  assert.deepEqual([next.position, next.service_tests, next.readings, next.photos, next.note, next.place_kind, next.incomplete_reason], [null, [], [], [], "", null, null]);
  next.area.id = "changed";
  assert.equal(last.area.id, "13.11/j0042");
});

test("a correction opens with everything and keeps fields this app does not know", () => {
  const payload = { ...visitPayload(filledDraft(), MOMENT), from_a_newer_app: { x: 1 } };
  const draft = draftFromPayload(payload, { base: "e".repeat(64), revision: 2, seen_review: "r1", reason: "wrong jorong", area_name: "Simancuang" }, START_MS + 9);
  assert.equal(draft.id, payload.id);
  assert.deepEqual([draft.position, draft.photos, draft.note], [POSITION, [PHOTO], "ok"]);
  const again = visitPayload({ ...draft, note: "better" }, MOMENT);
  assert.deepEqual([again.note, again.from_a_newer_app, again.correction_reason, again.id], ["better", { x: 1 }, "wrong jorong", payload.id]);
});

test("a correction of a payload with missing or odd parts still opens", () => {
  const draft = draftFromPayload({ id: "x" }, { base: "e", revision: 2, seen_review: null, reason: null, area_name: "" }, START_MS);
  assert.deepEqual([draft.id, draft.photos, draft.area, draft.note], ["x", [], { id: null, claimed: null }, ""]);
});
