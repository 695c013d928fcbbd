import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { startTriggers } from "../../static/sync/triggers.js";
import { createStatus } from "../../static/sync/status.js";
import { callApi } from "../../static/sync/api.js";
import { freshPhone, savedVisit, putOfficer, TOKEN } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";
import { addComment } from "../../static/storage/corrections.js";
import { openOfficer } from "../../static/storage/officer.js";

/** A page: targets for the events that the triggers listen to. */
function page() {
  const [window, document, worker] = [new EventTarget(), Object.assign(new EventTarget(), { visibilityState: "visible" }), new EventTarget()];
  const tags = [];
  const registration = { sync: { register: async (tag) => void tags.push(tag) } };
  Object.assign(worker, { ready: Promise.resolve(registration) });
  globalThis.window = window;
  globalThis.document = document;
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true, serviceWorker: worker }, configurable: true });
  return { window, document, worker, tags };
}

const turn = async () => {
  for (let i = 0; i < 30; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

let world;
beforeEach(async () => {
  const { device } = freshPhone();
  const status = createStatus();
  const reasons = [];
  const clock = { ms: START_MS };
  world = {
    ...page(), device, status, reasons, clock,
    sync: { status, refresh: async () => undefined, run: async (reason) => { reasons.push(reason); } },
    environment: { now: () => clock.ms, device, officer: openOfficer, online: () => true },
  };
  world.started = startTriggers(world.sync, world.environment);
  await turn();
});
afterEach(() => {
  world.started.stop();
  mock.timers.reset();
});

test("it runs at start and asks for Background Sync", () => {
  assert.deepEqual([world.reasons, world.tags], [["start"], ["outbox"]]);
});

test("the network, the officer and the worker coming back each make a run", async () => {
  for (const [target, event, reason] of [[world.window, new Event("online"), "online"], [world.document, new Event("visibilitychange"), "visible"], [world.worker, new MessageEvent("message", { data: { type: "outbox" } }), "worker"]]) {
    world.clock.ms += 5_000;
    target.dispatchEvent(event);
    await turn();
    assert.equal(world.reasons.at(-1), reason);
  }
});

test("going out of view and other messages make none", async () => {
  world.clock.ms += 5_000;
  world.document.visibilityState = "hidden";
  world.document.dispatchEvent(new Event("visibilitychange"));
  world.worker.dispatchEvent(new MessageEvent("message", { data: { type: "else" } }));
  await turn();
  assert.deepEqual(world.reasons, ["start"]);
});

test("triggers close together are one, the button is always heard", async () => {
  world.clock.ms += 1_000;
  world.started.request("online");
  await turn();
  assert.deepEqual(world.reasons, ["start"]);
  world.started.request("button");
  await turn();
  assert.deepEqual(world.reasons, ["start", "button"]);
});

test("a server that asked for time is left alone until then, except by the button", async () => {
  world.status.set({ failure: { kind: "busy", code: null, message: null, officer_id: null }, next_try_ms: START_MS + 120_000 });
  world.clock.ms += 60_000;
  world.started.request("online");
  await turn();
  assert.deepEqual(world.reasons, ["start"]);
  world.started.request("button");
  await turn();
  assert.deepEqual(world.reasons, ["start", "button"]);
});

/** The waits that were asked of the timer meanwhile. */
async function waitsOf(act) {
  const waits = [];
  const original = globalThis.setTimeout;
  globalThis.setTimeout = (work, ms, ...rest) => {
    waits.push(ms);
    return original(work, ms, ...rest);
  };
  try {
    act();
    await turn();
  } finally {
    globalThis.setTimeout = original;
  }
  return waits;
}

test("after a save it runs by itself once undo is over", async () => {
  await putOfficer(world.device, "ani");
  await savedVisit(openOfficer("ani"), { nowMs: world.clock.ms, token: TOKEN });
  const waits = await waitsOf(() => world.started.request("save"));
  assert.ok(waits.includes(10_100), String(waits));
});

test("a save whose undo ended while a run was under way is sent right after it, once", async () => {
  await putOfficer(world.device, "ani");
  await savedVisit(openOfficer("ani"), { nowMs: world.clock.ms, token: TOKEN });
  world.status.set({ unsent_records: 1 });
  // a run that began before and is slow: what it passed by is due when it ends
  world.sync.run = async (reason) => { world.reasons.push(reason); world.clock.ms += 12_000; };
  assert.deepEqual((await waitsOf(() => world.started.request("button"))).filter((ms) => ms >= 50), [50]);
  // the next run did not take it either (its officer needs a code): no reason to hurry any more
  assert.deepEqual((await waitsOf(() => world.started.request("button"))).filter((ms) => ms >= 50), [300_000]);
});

test("a comment, which cannot be undone, goes at once", async () => {
  await putOfficer(world.device, "ani");
  const db = openOfficer("ani");
  const visit = await savedVisit(db, { nowMs: world.clock.ms - 3_600_000, token: TOKEN });
  await world.started.finish();
  world.clock.ms += 60_000;
  await addComment(db, visit.id, "fotonya gelap", { nowMs: world.clock.ms, token: TOKEN, clock: null, utc_offset_min: 420 });
  world.status.set({ unsent_records: 2 });
  world.clock.ms += 300;
  const waits = await waitsOf(() => world.started.request("save"));
  assert.deepEqual(waits.filter((ms) => ms >= 50), [50]);
});

const failed = (kind, more = {}) => ({ failure: { kind, code: null, message: null, officer_id: null, ...more }, next_try_ms: START_MS + 240_000 });

test("one officer's missing code does not keep another's save waiting; a closed way does", async () => {
  await putOfficer(world.device, "ani");
  await savedVisit(openOfficer("ani"), { nowMs: world.clock.ms, token: TOKEN });
  world.status.set(failed("needs_code"));
  assert.ok((await waitsOf(() => world.started.request("save"))).includes(10_100));
  world.status.set(failed("server_down"));
  const waits = await waitsOf(() => world.started.request("save"));
  assert.ok(waits.includes(240_000) && !waits.includes(10_100), String(waits));
});

/** The app is opened with this left from before. */
async function opened(status) {
  world.started.stop();
  world.reasons.length = 0;
  world.status.set(status);
  return waitsOf(() => { world.started = startTriggers(world.sync, world.environment); });
}

test("a reload does not cut a back-off short; it is waited out", async () => {
  for (const kind of ["server_down", "no_network", "slow", "busy"]) {
    const waits = await opened(failed(kind));
    assert.deepEqual([world.reasons, waits.includes(240_000)], [[], true], kind);
  }
});

test("a network that came while the app was closed is used at once", async () => {
  await opened(failed("no_network", { offline: true }));
  assert.deepEqual(world.reasons, ["start"]);
});

test("while the sending is paused nothing starts it but the officer", async () => {
  await opened({ failure: null, next_try_ms: null, paused_at: "2026-05-04T00:00:00.000Z" });
  for (const reason of ["save", "online", "visible", "worker"]) {
    world.clock.ms += 60_000;
    world.started.request(reason);
    await turn();
  }
  assert.deepEqual(world.reasons, []);
  for (const reason of ["button", "resume"]) {
    world.started.request(reason);
    await turn();
  }
  assert.deepEqual(world.reasons, ["button", "resume"]);
});

test("the tally's run is waited for and does not stand for the button, which spends mobile data", async () => {
  await world.started.finish();
  assert.equal(world.reasons.at(-1), "tally");
});

test("without a network the browser's own wake-up is asked for again, with one it is not", async () => {
  world.status.set(failed("server_down"));
  world.tags.length = 0;
  world.started.request("button");
  await turn();
  assert.deepEqual(world.tags, []);
  world.environment.online = () => false;
  world.started.request("button");
  await turn();
  assert.deepEqual(world.tags, ["outbox"]);
});

test("stopped means stopped", async () => {
  world.started.stop();
  world.clock.ms += 60_000;
  world.window.dispatchEvent(new Event("online"));
  world.started.request("button");
  await turn();
  assert.deepEqual(world.reasons, ["start"]);
});

const alarm = () => () => undefined;

test("small requests go as they are, larger ones gzipped, none with cookies or redirects", async () => {
  const seen = [];
  const environment = { base: "/api/v1", alarm, fetch: async (url, init) => { seen.push({ url, ...init }); return Response.json({ ok: true }); } };
  await callApi(environment, "/records", { token: "tok", json: { a: 1 } });
  await callApi(environment, "/records", { json: { a: "x".repeat(1000) } });
  assert.deepEqual(seen.map((init) => init.headers["Content-Encoding"] ?? null), [null, "gzip"]);
  assert.deepEqual([seen[0].headers.Authorization, seen[1].headers.Authorization], ["Bearer tok", undefined]);
  for (const init of seen) assert.deepEqual([init.credentials, init.redirect, init.cache, init.method, Boolean(init.signal)], ["omit", "manual", "no-store", "POST", true]);
});

test("a redirect is a portal, a broken body is no network", async () => {
  const answer = (response) => ({ base: "", alarm, fetch: async () => response });
  const redirected = { type: "opaqueredirect", status: 0, ok: false, headers: new Headers(), body: null, arrayBuffer: async () => new ArrayBuffer(0) };
  await assert.rejects(callApi(answer(redirected), "/ping"), { kind: "captive_portal" });
  const cutShort = new Response(new ReadableStream({ pull: (stream) => stream.error(new TypeError("network")) }));
  await assert.rejects(callApi(answer(cutShort), "/ping"), { kind: "no_network" });
});
