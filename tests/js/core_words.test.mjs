import assert from "node:assert/strict";
import { test } from "node:test";
import { newDraft } from "../../static/core/drafts.js";
import { newestPayload, similarVisit } from "../../static/core/duplicates.js";
import { nt, t, useMessages } from "../../static/core/messages.js";
import { failureText, pill } from "../../static/core/pill.js";
import { choices, labelOf, limit, operators, question, useReference } from "../../static/core/reference.js";
import { agoText, isHeld, progressText, UNDO_MS, visitState } from "../../static/core/states.js";
import { checkDraft, mustExplain } from "../../static/core/validation.js";
import { NO_SIGNAL, POSITION, REFERENCE, start, START_MS } from "./reference_fixture.mjs";

useReference(REFERENCE);

test("texts are translated, filled, and fall back to English", () => {
  useMessages({ messages: { "Hello {name}": "Halo {name}" }, plurals: { "{n} day": ["{n} hari"] } });
  assert.equal(t("Hello {name}", { name: "Ani" }), "Halo Ani");
  assert.equal(t("Bye {name}", {}), "Bye {name}");
  assert.equal(nt("{n} day", "{n} days", 3), "3 hari");
  useMessages(null);
  assert.equal(t("Hello {name}", { name: "Ani" }), "Hello Ani");
  assert.deepEqual([nt("{n} day", "{n} days", 1), nt("{n} day", "{n} days", 0)], ["1 day", "0 days"]);
});

test("plural forms of one text or two are both understood", () => {
  useMessages({ messages: {}, plurals: { "{n} day": "{n} hari", "{n} hour": ["{n} hour!", "{n} hours!"] } });
  assert.deepEqual([nt("{n} day", "x", 2), nt("{n} hour", "x", 1), nt("{n} hour", "x", 2)], ["2 hari", "1 hour!", "2 hours!"]);
  useMessages(null);
});

test("reference data answers by technology first, and nothing is made up", () => {
  assert.deepEqual(limit("rsrp_dbm", "lte"), { minimum: -140, maximum: -43 });
  assert.equal(limit("rsrp_dbm").minimum, -156);
  assert.deepEqual([limit("unknown"), question("unknown")], [null, null]);
  assert.deepEqual([operators().length, choices("nothing"), labelOf("place_kinds", "centre"), labelOf("place_kinds", "moon"), labelOf("place_kinds", null)], [2, [], "Centre of the jorong", "moon", ""]);
});

const complete = (changes = {}) => ({ ...newDraft(start(), START_MS), place_kind: "centre", position: POSITION, service_tests: [NO_SIGNAL], ...changes });
const fields = (draft, context) => checkDraft(draft, context).map((warning) => `${warning.field}:${warning.severity}`);

test("a complete draft has nothing to ask", () => {
  assert.deepEqual(fields(complete()), []);
});

test("what is missing needs a reason, and a reason is all it needs", () => {
  const empty = newDraft(start({ area: { id: null, claimed: null } }), START_MS);
  assert.deepEqual(fields(empty), ["area:missing", "position:missing", "service_tests:missing"]);
  assert.equal(mustExplain(checkDraft(empty)), true);
  assert.equal(mustExplain(checkDraft(complete())), false);
});

test("a claimed area is an area; without a name it is none", () => {
  assert.deepEqual(fields(complete({ area: { id: null, claimed: { name: "Aia Putiah", nagari_id: null, said_by: null } } })), []);
  assert.deepEqual(fields(complete({ area: { id: null, claimed: { name: " ", nagari_id: null, said_by: null } } })), ["area:missing"]);
});

test("an accuracy just over the limit is asked about", () => {
  assert.deepEqual(fields(complete({ position: { ...POSITION, accuracy_m: 50 } })), []);
  assert.deepEqual(fields(complete({ position: { ...POSITION, accuracy_m: 50.1 } })), ["position.accuracy_m:question"]);
});

test("a position by hand needs its reason", () => {
  assert.deepEqual(fields(complete({ position: { ...POSITION, method: "manual" } })), ["position.reason:missing"]);
  assert.deepEqual(fields(complete({ position: { ...POSITION, method: "manual", reason: "no GPS" } })), []);
});

test("far from the jorong's own point is asked about", () => {
  const point = { latitude_deg: POSITION.latitude_deg + 0.044, longitude_deg: POSITION.longitude_deg };
  assert.deepEqual(fields(complete(), { area_point: point }), []);
  assert.deepEqual(fields(complete(), { area_point: { ...point, latitude_deg: point.latitude_deg + 0.002 } }), ["position:question"]);
});

test("no signal during a power cut, and no signal beside a reading, are asked about", () => {
  assert.deepEqual(fields(complete({ power: "off" })), ["power:question"]);
  const reading = { operator: "telkomsel", technology: "lte", handset: "own", sim_slot: 1, rsrp_dbm: -108, bars: 1, source: "typed", raw_text: "-108", at: "" };
  assert.deepEqual(fields(complete({ readings: [reading] })), ["service_tests:question"]);
  assert.deepEqual(fields(complete({ readings: [{ ...reading, sim_slot: 2 }] })), []);
});

test("a reading out of range and swapped powers are asked about", () => {
  const reading = { operator: "xl", technology: "lte", handset: "own", sim_slot: 2, bars: 1, source: "typed", raw_text: "", at: "" };
  assert.deepEqual(fields(complete({ readings: [{ ...reading, rsrp_dbm: -141 }] })), ["readings.0.rsrp_dbm:question"]);
  assert.deepEqual(fields(complete({ readings: [{ ...reading, rsrp_dbm: -70, rssi_dbm: -90 }] })), ["readings.0.rsrp_dbm:question"]);
});

const record = (changes = {}) => ({ sha256: "h1", id: "v1", kind: "visit", revision: 1, state: "acked", result: "stored", draft: null, send_after_ms: 0, refusal: null, payload: "{}", ...changes });
const visit = (changes = {}) => ({
  id: "v1", area_name: "", area_id: null, practice: false, saved_at: "", revisions: [record()], withdrawal: null, comments: [], remote: null, reviews: [], remote_comments: [],
  progress: { text_sent: true, files_total: 4, files_sent: 4, photos_total: 2, photos_sent: 2, bytes_left: 0 }, ...changes,
});
const key = (changes) => visitState(visit(changes), START_MS).key;

test("a saved visit is on the phone until the server has its text, sent until it has all", () => {
  assert.equal(key({ revisions: [record({ state: "waiting", draft: {}, send_after_ms: START_MS + 1 })] }), "held");
  assert.equal(key({ revisions: [record({ state: "waiting" })] }), "waiting");
  const half = visit().progress;
  assert.equal(key({ progress: { ...half, files_sent: 3, photos_sent: 1 } }), "sent");
  assert.equal(visitState(visit({ progress: { ...half, files_sent: 3, photos_sent: 1 } }), START_MS).detail, "Text sent, photo 1 of 2.");
  assert.equal(key({}), "received");
});

test("the office's decision shows once it is about the newest revision", () => {
  const remote = { head: "h1", state: "has_issues", conflict: false };
  const reviews = [{ id: "r1", reason: "Photo is dark", decision: "has_issues" }];
  const returned = visitState(visit({ remote, reviews }), START_MS);
  assert.deepEqual([returned.key, returned.detail], ["returned", "Photo is dark"]);
  assert.notEqual(returned.todo, null);
  assert.equal(key({ remote: { ...remote, state: "approved" } }), "approved");
  assert.equal(key({ remote: { ...remote, state: "rejected" }, reviews }), "rejected");
  assert.equal(key({ remote: { ...remote, state: "received" } }), "received");
  assert.equal(key({ remote, reviews, revisions: [record(), record({ sha256: "h2", revision: 2 })] }), "edited");
  assert.equal(key({ remote, reviews, revisions: [record(), record({ sha256: "h2", revision: 2, state: "waiting" })] }), "waiting");
});

test("a visit known from the server only shows its state", () => {
  assert.equal(key({ revisions: [], remote: { head: "h9", state: "has_issues", revision: 1 }, reviews: [{ reason: "x" }] }), "returned");
  assert.equal(key({ revisions: [], remote: { head: "h9", state: "edited", revision: 2 } }), "edited");
});

test("conflict, refusal, quarantine and withdrawal each have their words and a thing to do", () => {
  assert.equal(key({ revisions: [record({ result: "conflict" })], remote: { head: "other", conflict: true, state: "received" } }), "conflict");
  assert.equal(key({ revisions: [record({ result: "conflict" })] }), "conflict");
  assert.equal(key({ revisions: [record({ result: "conflict" })], remote: { head: "other", conflict: false, state: "approved" } }), "approved");
  const refused = visitState(visit({ revisions: [record({ state: "refused", refusal: { code: "record.wrong_hash", message: "no" } })] }), START_MS);
  assert.deepEqual([refused.key, refused.detail], ["refused", "no"]);
  assert.match(refused.todo, /record\.wrong_hash/);
  assert.equal(key({ revisions: [record({ result: "quarantined" })] }), "quarantined");
  assert.equal(key({ revisions: [record({ result: "quarantined" })], remote: { head: "older", state: "received" } }), "quarantined");
  assert.equal(key({ revisions: [record({ result: "quarantined" })], remote: { head: "h1", state: "approved" } }), "approved", "read after the server's update");
  assert.equal(key({ withdrawal: record({ kind: "withdrawal", state: "waiting" }) }), "withdrawn");
  assert.equal(key({ withdrawal: record({ kind: "withdrawal", result: "conflict" }) }), "conflict");
  assert.equal(key({ remote: { head: "h1", state: "withdrawn" } }), "withdrawn");
});

test("undo lasts ten seconds, and a clock that jumped back does not hold a record for days", () => {
  const saved = record({ state: "waiting", draft: {}, send_after_ms: START_MS + UNDO_MS });
  assert.deepEqual([START_MS, START_MS + UNDO_MS - 1, START_MS + UNDO_MS, START_MS - 1].map((now) => isHeld(saved, now)), [true, true, false, false]);
  assert.equal(isHeld({ ...saved, draft: null }, START_MS), false);
});

test("progress speaks of photos, not of files", () => {
  const base = { text_sent: true, files_total: 0, files_sent: 0, photos_total: 0, photos_sent: 0, bytes_left: 0 };
  assert.equal(progressText({ ...base, text_sent: false }), "Not sent yet.");
  assert.equal(progressText(base), "Everything sent.");
  assert.equal(progressText({ ...base, files_total: 1 }), "Text sent.");
});

test("times ago change at the minute, the hour and two days", () => {
  const at = "2026-05-04T00:00:00.000Z";
  const after = (seconds) => agoText(at, Date.parse(at) + seconds * 1000);
  assert.deepEqual([-5, 59, 60, 3599, 3600, 48 * 3600 - 1, 48 * 3600].map(after), ["just now", "just now", "1 minute ago", "59 minutes ago", "1 hour ago", "47 hours ago", "2 days ago"]);
});

const status = (changes = {}) => ({ phase: "idle", unsent_records: 0, unsent_files: 0, done: 0, total: 0, photos_waiting_for_wifi: 0, last_contact_at: null, failure: null, next_try_ms: null, paused_at: null, moved_ms: null, officers: {}, ...changes });

test("the pill tells the truth, the worst news first", () => {
  assert.equal(pill(status(), START_MS).text, "All sent");
  assert.equal(pill(status({ unsent_records: 2, unsent_files: 1 }), START_MS).text, "3 unsent");
  assert.equal(pill(status({ phase: "sending_records", done: 2, total: 7, unsent_records: 5 }), START_MS).text, "Sending 3 of 7");
  assert.equal(pill(status({ phase: "sending_files", done: 7, total: 7 }), START_MS).text, "Sending 7 of 7");
  const failed = (kind) => pill(status({ unsent_records: 1, failure: { kind, code: null, message: null, officer_id: null } }), START_MS);
  assert.equal(failed("no_network").text, "1 unsent · waiting for network");
  assert.equal(failed("no_network").tone, "calm");
  assert.equal(failed("captive_portal").tone, "attention");
  const locked = pill(status({ officers: { a: { needs_code: true, unsent_records: 1, unsent_files: 0, last_contact_at: null } }, phase: "sending_records", total: 3 }), START_MS, "Bu Rina");
  assert.deepEqual([locked.text, locked.tone], ["This phone needs a new code", "bad"]);
  assert.match(locked.todo, /Bu Rina.*safe/);
});

test("every failure has words and, except waiting for the network, a thing to do", () => {
  const said = ["slow", "captive_portal", "blocked", "server_down", "server_full", "busy", "needs_code", "refused", "storage_full", "storage_broken"].map((kind) => {
    const { text, todo } = failureText({ kind, code: "x.y", message: null });
    assert.ok(text && todo, kind);
    return text;
  });
  assert.equal(new Set(said).size, said.length, "each kind has its own words");
  assert.equal(failureText({ kind: "no_network", code: null, message: null }).todo, null);
});

test("a network without a way to the office is not called a missing network", () => {
  const online = failureText({ kind: "no_network", code: null, message: null, offline: false });
  assert.deepEqual([online.text, online.action], ["the office cannot be reached", "portal"]);
  assert.equal(failureText({ kind: "no_network", code: null, message: null, offline: true }).text, "waiting for network");
});

test("a pause is said before everything else, with what it costs", () => {
  const paused = pill(status({ paused_at: "2026-05-04T00:00:00.000Z", unsent_records: 3, failure: { kind: "server_down", code: null, message: null, officer_id: null } }), START_MS);
  assert.deepEqual([paused.text, paused.tone, paused.todo], ["Paused · 3 unsent", "attention", "Nothing is sent until you go on."]);
});

test("sending in which nothing arrives for long says that the network is slow and that it goes on", () => {
  const sending = (moved_ms) => pill(status({ phase: "sending_files", total: 3, moved_ms }), START_MS).todo;
  assert.deepEqual([sending(START_MS - 40_000), sending(null)], [null, null]);
  assert.match(sending(START_MS - 40_001), /slow.*keeps trying/);
});

test("a visit of the same jorong and day within 100 m may be a repetition", () => {
  const other = (changes = {}, position = {}) => visit({ id: "v9", revisions: [record({ payload: JSON.stringify({ practice: false, area: { id: "13.11/j0042", claimed: null }, started_at: "2026-05-04T01:00:00.000Z", position: { ...POSITION, ...position }, ...changes }) })] });
  const find = (...visits) => similarVisit(complete(), visits, "Asia/Jakarta")?.id ?? null;
  assert.equal(find(other()), "v9");
  assert.equal(find(other({}, { latitude_deg: POSITION.latitude_deg + 0.00089 })), "v9");
  assert.equal(find(other({}, { latitude_deg: POSITION.latitude_deg + 0.00091 })), null);
  assert.equal(find(other({ area: { id: "else", claimed: null } })), null);
  assert.equal(find(other({ started_at: "2026-05-03T16:00:00.000Z" })), null);
  assert.equal(find(other({ practice: true })), null);
  assert.equal(find({ ...other(), withdrawal: record() }), null);
  assert.equal(similarVisit(complete({ position: null }), [other()], "Asia/Jakarta"), null);
});

test("a payload that is not JSON is nobody's twin", () => {
  assert.equal(newestPayload(visit({ revisions: [record({ payload: "{oops" })] })), null);
  assert.deepEqual(newestPayload(visit({ revisions: [], remote: { payload: '{"id":"a"}' } })), { id: "a" });
});
