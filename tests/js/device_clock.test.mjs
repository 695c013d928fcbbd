import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { watchClock } from "../../static/device/clock_watch.js";

const MINUTE = 60_000;
let phone;
beforeEach(() => {
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  globalThis.document = document;
  const [wall, counted] = [{ ms: 1_000_000 }, { ms: 0 }];
  const steps = [];
  const watch = watchClock((step) => steps.push(step), { now: () => wall.ms, monotonic: () => counted.ms });
  phone = {
    steps, watch,
    pass(ms) { wall.ms += ms; counted.ms += ms; },
    set(ms) { wall.ms += ms; },
    sleep(ms) { wall.ms += ms; },
    show(visible) {
      document.visibilityState = visible ? "visible" : "hidden";
      document.dispatchEvent(new Event("visibilitychange"));
    },
  };
});
afterEach(() => phone.watch.stop());

test("time that passes is no step, however long", () => {
  for (const ms of [10_000, 90 * MINUTE, 0]) {
    phone.pass(ms);
    phone.watch.look();
  }
  assert.deepEqual(phone.steps, []);
});

test("a clock set forward or back under the officer's eyes is seen once, with its step", () => {
  phone.pass(10_000);
  phone.set(24 * 60 * MINUTE);
  phone.watch.look();
  phone.pass(10_000);
  phone.watch.look();
  phone.set(-3 * MINUTE);
  phone.watch.look();
  phone.watch.look();
  assert.deepEqual(phone.steps, [24 * 60 * MINUTE, -3 * MINUTE]);
});

test("two minutes are a network's correction, a millisecond more is not", () => {
  phone.set(2 * MINUTE);
  phone.watch.look();
  phone.set(-2 * MINUTE);
  phone.watch.look();
  assert.deepEqual(phone.steps, []);
  phone.set(-2 * MINUTE - 1);
  phone.watch.look();
  assert.equal(phone.steps.length, 1);
});

test("a phone that slept in the pocket was not set", () => {
  phone.show(false);
  phone.sleep(8 * 60 * MINUTE);
  phone.show(true);
  phone.pass(10_000);
  phone.watch.look();
  assert.deepEqual(phone.steps, []);
});

test("a clock set back while the app was out of view is seen on coming back", () => {
  phone.show(false);
  phone.pass(MINUTE);
  phone.set(-60 * MINUTE);
  phone.show(true);
  assert.deepEqual(phone.steps, [-60 * MINUTE]);
});

test("stopped means stopped", () => {
  phone.watch.stop();
  phone.set(-60 * MINUTE);
  phone.show(true);
  assert.deepEqual(phone.steps, []);
});
