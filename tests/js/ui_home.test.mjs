import assert from "node:assert/strict";
import { test } from "node:test";
import { distanceTo, findByNagari, findJorong, indexAreas, ownPoint, pathOf, pointOf } from "../../static/ui/areas.js";
import { homeLines, returnedVisits } from "../../static/ui/home_list.js";

const AREAS = indexAreas([
  { id: "13.11", level: "kabupaten", name: "Solok Selatan", parent_id: null, latitude_deg: -1.4, longitude_deg: 101.2 },
  { id: "13.11.01", level: "kecamatan", name: "Sangir", parent_id: "13.11", latitude_deg: -1.55, longitude_deg: 101.3 },
  { id: "13.11.01.2001", level: "nagari", name: "Lubuk Gadang", parent_id: "13.11.01", latitude_deg: -1.5, longitude_deg: 101.25 },
  { id: "j1", level: "jorong", name: "Bukik Malintang", parent_id: "13.11.01.2001", latitude_deg: -1.501, longitude_deg: 101.25 },
  { id: "j2", level: "jorong", name: "Gunung Pasia", parent_id: "13.11.01.2001", latitude_deg: null, longitude_deg: null },
  { id: "j3", level: "jorong", name: "Lubuk Rasak", parent_id: "13.11.01", latitude_deg: null, longitude_deg: null, aliases: ["Lubuak Rasak"] },
]);
const HERE = { latitude_deg: -1.5, longitude_deg: 101.25 };
const area = (id) => AREAS.byId.get(id);

/** A visit as the storage joins it, held by the office in a state. */
function visit(areaId, state) {
  return {
    id: `v-${areaId}-${state}`, area_id: areaId, area_name: "", practice: false, saved_at: "2026-05-04T02:14:41.003Z", revisions: [], withdrawal: null, comments: [], remote_comments: [],
    remote: { state, head: "x", revision: 1 }, reviews: state === "has_issues" ? [{ id: "r", reason: "foto", at: "2026-05-05T02:14:41.003Z" }] : [],
    progress: { text_sent: true, files_total: 0, files_sent: 0, photos_total: 0, photos_sent: 0, bytes_left: 0 },
  };
}

const work = (changes = {}) => ({
  officer_id: "o", areas: AREAS, campaigns: [{ id: "c1", closed_at: null }], drafts: [], visits: [],
  assignments: [{ area_id: "j3", campaign_id: "c1", due_on: null }, { area_id: "j2", campaign_id: "c1", due_on: null }, { area_id: "j1", campaign_id: "c1", due_on: "2026-05-20" }],
  ...changes,
});

test("a jorong without a point stands at its nearest parent's, and says so", () => {
  assert.equal(pointOf(AREAS, area("j1"))?.approximate, false);
  assert.deepEqual(pointOf(AREAS, area("j2")), { latitude_deg: -1.5, longitude_deg: 101.25, approximate: true });
  assert.equal(distanceTo(AREAS, area("j2"), HERE)?.metres, 0);
  assert.equal(distanceTo(AREAS, area("j2"), null), null);
});

test("a parent's point is never taken for the jorong's own", () => {
  assert.equal(ownPoint(area("j2")), null);
  assert.deepEqual(ownPoint(area("j1")), { latitude_deg: -1.501, longitude_deg: 101.25 });
});

test("the path names nagari and district, not the regency", () => {
  assert.equal(pathOf(AREAS, area("j1")), "Nagari Lubuk Gadang, Kec. Sangir");
});

test("search suggests the Minang spelling and finds by nagari", () => {
  assert.deepEqual(findJorong(AREAS, "bukit malintang").map((hit) => [hit.area.id, hit.suggested]), [["j1", true]]);
  assert.deepEqual(findByNagari(AREAS, "lubuk gadang").map((group) => group.jorong.map((one) => one.id)), [["j1", "j2"]]);
});

test("assigned jorong come nearest first, by name where nobody knows where one stands", () => {
  assert.deepEqual(homeLines(work(), HERE, 0).map((line) => line.area.id), ["j2", "j1", "j3"]);
  assert.deepEqual(homeLines(work(), null, 0).map((line) => line.area.id), ["j1", "j2", "j3"]);
});

test("what came back is more urgent than what is done", () => {
  const lines = homeLines(work({ visits: [visit("j1", "approved"), visit("j1", "has_issues"), visit("j2", "approved")] }), HERE, 0);
  assert.deepEqual(Object.fromEntries(lines.map((line) => [line.area.id, line.state])), { j1: "returned", j2: "done", j3: "untouched" });
});

test("a draft shows on its jorong, a practice draft does not", () => {
  const drafts = [{ area: { id: "j1" }, practice: false }, { area: { id: "j2" }, practice: true }];
  const lines = homeLines(work({ drafts }), HERE, 0);
  assert.deepEqual(lines.map((line) => line.state), ["untouched", "draft", "untouched"]);
});

test("a closed campaign asks for nothing more", () => {
  assert.deepEqual(homeLines(work({ campaigns: [{ id: "c1", closed_at: "2026-06-01T00:00:00.000Z" }] }), HERE, 0), []);
});

test("a withdrawn visit leaves its jorong unvisited", () => {
  const [line] = homeLines(work({ assignments: [{ area_id: "j1", campaign_id: "c1" }], visits: [visit("j1", "withdrawn")] }), HERE, 0);
  assert.equal(line.state, "untouched");
  assert.equal(line.visits, 0);
});

test("returned visits are those the office waits for", () => {
  const found = returnedVisits(work({ visits: [visit("j1", "has_issues"), visit("j2", "approved")] }), 0);
  assert.deepEqual(found.map((one) => one.area_id), ["j1"]);
});
