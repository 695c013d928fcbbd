import assert from "node:assert/strict";
import { test } from "node:test";
import { addFix, averagePosition, describeAveraging, newAveraging, qualityOf, withoutOutliers } from "../../static/core/position.js";
import { distanceM } from "../../static/core/geo.js";
import { useReference } from "../../static/core/reference.js";
import { REFERENCE, START_MS } from "./reference_fixture.mjs";

useReference(REFERENCE);
const HERE = { latitude_deg: -1.541671, longitude_deg: 101.243342 };
const METRE = 1 / 111_195;

let clock = START_MS;
const fix = (north = 0, east = 0, accuracy_m = 5, altitude_m = null) => ({
  latitude_deg: HERE.latitude_deg + north * METRE,
  longitude_deg: HERE.longitude_deg + east * METRE,
  accuracy_m,
  altitude_m,
  time_ms: (clock += 1000),
});
const after = (...fixes) => fixes.reduce(addFix, newAveraging(START_MS));

test("no fix is no position", () => {
  assert.equal(averagePosition(newAveraging(START_MS)), null);
  const shown = describeAveraging(newAveraging(START_MS), START_MS + 200_000);
  assert.deepEqual([shown.position, shown.quality, shown.may_take, shown.elapsed_s], [null, "none", false, 200]);
});

test("one fix is single, more are averaged", () => {
  assert.equal(averagePosition(after(fix())).method, "single");
  const two = averagePosition(after(fix(-10), fix(10)));
  assert.equal(two.method, "averaged");
  assert.ok(distanceM(HERE, two) < 0.5);
});

test("a good fix weighs more than a poor one", () => {
  const place = averagePosition(after(fix(0, 0, 5), fix(100, 0, 50)));
  assert.ok(distanceM(HERE, place) < 2, String(distanceM(HERE, place)));
});

test("an outlier is cut and counted", () => {
  const state = after(fix(1), fix(-1), fix(0, 1), fix(0, -1), fix(0.5), fix(800, 0, 5));
  const place = averagePosition(state);
  assert.equal(place.fixes, 5);
  assert.ok(distanceM(HERE, place) < 1);
  assert.equal(describeAveraging(state, START_MS).dropped, 1);
});

test("with fewer than four fixes nothing is called an outlier", () => {
  assert.equal(withoutOutliers([fix(), fix(), fix(800)]).length, 3);
  assert.equal(withoutOutliers([fix(1), fix(-1), fix(2), fix(800)]).length, 3);
});

test("a fix within its own accuracy is no outlier", () => {
  assert.equal(withoutOutliers([fix(0), fix(0), fix(0), fix(0), fix(30, 0, 40)]).length, 5);
});

test("the same fix again and fixes that cannot be true are dropped", () => {
  const first = fix();
  const bad = [
    { ...fix(), latitude_deg: 0, longitude_deg: 0 },
    { ...fix(), latitude_deg: 91 },
    { ...fix(), longitude_deg: -180.1 },
    { ...fix(), accuracy_m: NaN },
    { ...fix(), accuracy_m: -1 },
  ];
  const state = after(first, first, ...bad);
  assert.deepEqual([state.fixes.length, state.dropped], [1, 6]);
});

test("accuracy does not shrink with the number of fixes that share their error", () => {
  assert.equal(averagePosition(after(...Array.from({ length: 50 }, () => fix(0, 0, 8)))).accuracy_m, 8);
});

test("accuracy is never better than the scatter", () => {
  const place = averagePosition(after(fix(-30), fix(30), fix(0, -30), fix(0, 30)));
  assert.ok(place.accuracy_m > 25, String(place.accuracy_m));
});

test("altitude is averaged over the fixes that have one", () => {
  assert.equal(averagePosition(after(fix(0, 0, 5, 400), fix(0, 0, 5), fix(0, 0, 5, 410))).altitude_m, 405);
  assert.equal(averagePosition(after(fix())).altitude_m, null);
});

test("quality words change exactly behind their thresholds", () => {
  const words = [10, 10.1, 50, 50.1, 1000, 1000.1, null].map(qualityOf);
  assert.deepEqual(words, ["good", "fair", "fair", "poor", "poor", "approximate", "none"]);
});

test("the target is reached with three good fixes, and waiting long allows to take what there is", () => {
  assert.equal(describeAveraging(after(fix(), fix()), START_MS).target_reached, false);
  assert.equal(describeAveraging(after(fix(), fix(), fix()), START_MS).target_reached, true);
  const poor = after(fix(0, 0, 400));
  assert.equal(describeAveraging(poor, START_MS + 119_999).may_take, false);
  assert.equal(describeAveraging(poor, START_MS + 120_000).may_take, true);
});

test("a clock that jumped back shows no negative time", () => {
  assert.equal(describeAveraging(newAveraging(START_MS), START_MS - 5_000).elapsed_s, 0);
});
