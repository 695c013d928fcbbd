/** Phones in 1980 and in tomorrow, clocks set in the middle, servers in the past: what is believed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AGREE_MS, clockOfPayload, clockSet, clockTrouble, EARLIEST_MS, freshClock, hearServer, JUMP_MS, lookAtClock, trueInstant, trueNow } from "../../static/core/clock.js";
import { uuidv7 } from "../../static/core/uuid.js";
import { START_MS } from "./reference_fixture.mjs";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (ms) => new Date(ms).toISOString();
const hear = (clock, phone_ms, server_ms, more = {}) => hearServer(clock, { phone_ms, round_trip_ms: 0, server_time: at(server_ms), awake_ms: null, ...more });
/** A phone that was in contact, its clock wrong by `off`. */
const met = (off = 0) => hear(freshClock(), START_MS + off, START_MS);

test("the offset is measured at the middle of the way there and back", () => {
  const clock = hear(freshClock(), START_MS + 2_000, START_MS + 5_000, { round_trip_ms: 2_000 });
  assert.deepEqual([clock.server_offset_ms, clock.server_contact_at, clock.doubt], [4_000, at(START_MS + 5_000), null]);
});

test("an unreadable time and an answer before its question teach nothing", () => {
  const clock = met();
  assert.equal(hear(clock, START_MS, START_MS, { server_time: "yesterday" }), clock);
  assert.equal(hear(clock, START_MS, START_MS, { round_trip_ms: -1 }), clock);
});

test("a phone that never met the server says so and gives no offset", () => {
  const said = clockOfPayload(freshClock(), START_MS);
  assert.deepEqual(said, { server_offset_ms: null, server_contact_at: null, state: "never", step_ms: null });
  assert.equal(clockTrouble(freshClock(), START_MS), null);
  assert.equal(trueNow(freshClock(), START_MS), START_MS);
});

test("a phone in 1980 is told so before any contact, and set right by the offset after one", () => {
  const year1980 = Date.parse("1980-01-06T00:00:00.000Z");
  assert.deepEqual(clockTrouble(freshClock(), year1980), { kind: "impossible", ms: year1980 });
  const clock = hear(freshClock(), year1980, START_MS);
  assert.equal(clockTrouble(clock, year1980).kind, "impossible");
  assert.equal(trueNow(clock, year1980 + HOUR), START_MS + HOUR);
  assert.deepEqual(clockOfPayload(clock, year1980 + HOUR).state, "measured");
  assert.equal(trueInstant(at(year1980 + HOUR), clockOfPayload(clock, year1980 + HOUR)), at(START_MS + HOUR));
});

test("a phone set to tomorrow is fast by a day, one set to yesterday slow by one", () => {
  assert.deepEqual(clockTrouble(met(DAY), START_MS + DAY), { kind: "fast", ms: DAY });
  assert.deepEqual(clockTrouble(met(-DAY), START_MS - DAY), { kind: "slow", ms: DAY });
  assert.equal(trueNow(met(DAY), START_MS + DAY + HOUR), START_MS + HOUR);
});

test("ten minutes are no trouble, a millisecond more is", () => {
  assert.equal(clockTrouble(met(AGREE_MS), START_MS + AGREE_MS), null);
  assert.notEqual(clockTrouble(met(AGREE_MS + 1), START_MS + AGREE_MS + 1), null);
});

test("a clock set back is noticed over a restart by the latest time it ever showed", () => {
  const saved = lookAtClock(met(), START_MS + DAY);
  assert.equal(lookAtClock(saved, START_MS + DAY - JUMP_MS).changed, false, "networks correct by this much");
  const back = lookAtClock(saved, START_MS + DAY - JUMP_MS - 1);
  assert.deepEqual([back.changed, back.jumps, back.step_ms], [true, 1, -JUMP_MS - 1]);
  assert.equal(clockTrouble(back, START_MS + HOUR).kind, "changed");
  assert.equal(lookAtClock(back, START_MS + DAY).jumps, 1, "once is noticed once");
});

test("an offset measured before the clock was set is not used any more, until the next contact", () => {
  const set = clockSet(met(), 3 * HOUR, START_MS + 3 * HOUR);
  assert.deepEqual(clockOfPayload(set, START_MS + 3 * HOUR), { server_offset_ms: null, server_contact_at: at(START_MS), state: "changed", step_ms: 3 * HOUR });
  assert.equal(trueNow(set, START_MS + 3 * HOUR), START_MS + 3 * HOUR);
  const again = hear(set, START_MS + 4 * HOUR, START_MS + HOUR);
  assert.deepEqual([again.changed, again.server_offset_ms, again.jumps], [false, -3 * HOUR, 1]);
  assert.equal(clockOfPayload(again, START_MS + 4 * HOUR).state, "measured");
});

test("a visit during which the clock was set stays marked, also when the offset is known again", () => {
  const before = met();
  const after = hear(clockSet(before, -2 * HOUR, START_MS - 2 * HOUR), START_MS - 2 * HOUR, START_MS);
  assert.deepEqual(clockOfPayload(after, START_MS - 2 * HOUR, before.jumps), { server_offset_ms: 2 * HOUR, server_contact_at: at(START_MS), state: "changed", step_ms: -2 * HOUR });
  assert.equal(clockOfPayload(after, START_MS - 2 * HOUR, after.jumps).state, "measured");
});

test("a clock set forward while nobody looked is found out at the next contact", () => {
  const clock = hear(met(), START_MS + HOUR + DAY, START_MS + HOUR);
  assert.deepEqual([clock.server_offset_ms, clock.jumps, clock.step_ms], [-DAY, 1, DAY]);
});

test("a server that wakes in 1970 corrects nobody", () => {
  const clock = hear(met(), START_MS + HOUR, 60_000);
  assert.deepEqual([clock.server_offset_ms, clockTrouble(clock, START_MS + HOUR)], [0, { kind: "server", ms: 60_000 }]);
  assert.deepEqual(clockOfPayload(clock, START_MS + HOUR), { server_offset_ms: 0, server_contact_at: at(START_MS), state: "doubtful", step_ms: null });
  const first = hear(freshClock(), START_MS, 60_000);
  assert.deepEqual([first.server_offset_ms, clockOfPayload(first, START_MS).state], [null, "doubtful"]);
  assert.equal(hear(clock, START_MS + 2 * HOUR, START_MS + 2 * HOUR).doubt, null, "right again, it is believed");
});

test("a phone and a server that both wake in 1970 believe nothing", () => {
  const clock = hear(freshClock(), 5_000, 5_000);
  assert.deepEqual([clock.server_offset_ms, clock.doubt.server_ms], [null, 5_000]);
  assert.notEqual(hear(freshClock(), EARLIEST_MS, EARLIEST_MS).server_offset_ms, null);
});

test("a server behind its own time is doubted, unless phone and server agree", () => {
  const clock = met(DAY);
  assert.notEqual(hear(clock, START_MS + DAY + HOUR, START_MS - HOUR).doubt, null);
  assert.notEqual(hear(clock, START_MS + DAY + HOUR, START_MS - HOUR).server_offset_ms, null);
  // it was a day ahead then, and both are right now
  const ahead = hear(freshClock(), START_MS, START_MS + DAY);
  const agreed = hear(ahead, START_MS + HOUR, START_MS + HOUR);
  assert.deepEqual([agreed.doubt, agreed.server_offset_ms], [null, 0]);
});

test("a server that jumps while the phone's clock goes on is doubted", () => {
  const clock = hear(met(), START_MS + HOUR, START_MS + HOUR + 365 * DAY, { awake_ms: HOUR });
  assert.deepEqual([clock.server_offset_ms, clock.doubt !== null], [0, true]);
  const slept = hear(met(), START_MS + 5 * HOUR, START_MS + 5 * HOUR + DAY, { awake_ms: HOUR });
  assert.deepEqual([slept.doubt, slept.server_offset_ms], [null, DAY], "who slept cannot tell, so the server is believed");
});

test("a server that stands by its time for half a day is believed after all", () => {
  let clock = met(DAY);
  for (const hours of [0, 6, 11.9]) {
    clock = hear(clock, START_MS + DAY + hours * HOUR, START_MS + (hours - 30) * HOUR);
    assert.notEqual(clock.doubt, null, String(hours));
  }
  const restless = hear(clock, START_MS + DAY + 12 * HOUR, START_MS - 90 * HOUR);
  assert.equal(restless.doubt.server_ms, START_MS - 90 * HOUR, "one that moves again begins anew");
  const steady = hear(clock, START_MS + DAY + 12 * HOUR, START_MS - 18 * HOUR);
  assert.deepEqual([steady.doubt, steady.server_offset_ms], [null, -54 * HOUR]);
});

test("how long both clocks have gone together begins anew with every jump", () => {
  const clock = met();
  assert.equal(clock.steady_since_ms, START_MS);
  assert.equal(hear(clock, START_MS + 9 * DAY, START_MS + 9 * DAY).steady_since_ms, START_MS);
  assert.equal(hear(clock, START_MS + 9 * DAY, START_MS + 5 * DAY).steady_since_ms, START_MS + 9 * DAY);
  assert.equal(hear(clockSet(clock, HOUR, START_MS + HOUR), START_MS + HOUR, START_MS).steady_since_ms, START_MS + HOUR);
});

test("instants at the ends of the calendar stay as they are", () => {
  assert.equal(trueInstant("+275760-09-13T00:00:00.000Z", { server_offset_ms: DAY }), "+275760-09-13T00:00:00.000Z");
  assert.equal(trueInstant("not a time", { server_offset_ms: 5 }), "not a time");
  assert.equal(trueInstant(at(START_MS), null), at(START_MS));
});

test("ids made under a clock of 1980, 1969 or the year 9999 are ids, each another", () => {
  for (const year of ["1980-01-06", "1969-07-20", "9999-12-31"]) {
    const ids = Array.from({ length: 200 }, () => uuidv7(Date.parse(`${year}T00:00:00.000Z`)));
    assert.equal(new Set(ids).size, 200);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});
