import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import { freshPhone } from "./phone_fixture.mjs";
import { listInbox, takeFromInbox } from "../../static/storage/inbox.js";

const SOURCE = readFileSync(new URL("../../static/sw.js", import.meta.url), "utf8");
const ORIGIN = "https://survey.test";
const sha = (text) => createHash("sha256").update(text).digest("hex");

/** The Cache API, as far as the worker uses it. */
class FakeCaches {
  constructor() {
    this.stores = new Map();
  }
  has = async (name) => this.stores.has(name);
  keys = async () => [...this.stores.keys()];
  delete = async (name) => this.stores.delete(name);
  open = async (name) => {
    if (!this.stores.has(name)) this.stores.set(name, new Map());
    const entries = this.stores.get(name);
    const path = (key) => new URL(typeof key === "string" ? key : key.url, ORIGIN).pathname;
    return {
      put: async (key, response) => void entries.set(path(key), response),
      match: async (key) => entries.get(path(key))?.clone(),
      keys: async () => [...entries.keys()].map((key) => ({ url: ORIGIN + key })),
    };
  };
}

/** A worker of one build, with a site to install from. */
function worker({ version, files, site = files, caches = new FakeCaches(), answer }) {
  const listeners = new Map();
  const fetched = [];
  const messages = [];
  const state = { claimed: false, skipped: false };
  const self = {
    location: { origin: ORIGIN },
    addEventListener: (type, listener) => listeners.set(type, listener),
    skipWaiting: async () => { state.skipped = true; },
    clients: { claim: async () => { state.claimed = true; }, matchAll: async () => [{ postMessage: (message) => messages.push(message) }] },
  };
  const build = { version, files: Object.fromEntries(Object.entries(files).map(([url, text]) => [url, sha(text)])) };
  const fetch = async (input) => {
    const url = typeof input === "string" ? input : new URL(input.url).pathname;
    fetched.push(url);
    return answer?.(url) ?? (url in site ? new Response(site[url], { headers: { "Content-Type": "text/plain", "Content-Security-Policy": "default-src 'self'" } }) : new Response("no", { status: 404 }));
  };
  const context = vm.createContext({ self, caches, fetch, crypto, indexedDB, URL, Headers, Date, Uint8Array, TextDecoder, Response: WorkerResponse });
  vm.runInContext(`const BUILD = ${JSON.stringify(build)};\n${SOURCE}`, context);
  const dispatch = async (type, event = {}) => {
    let waited;
    let given;
    listeners.get(type)({ ...event, waitUntil: (promise) => { waited = promise; }, respondWith: (response) => { given = response; } });
    await waited;
    return given === undefined ? undefined : await given;
  };
  const get = async (path, extra = {}) => {
    const response = await dispatch("fetch", { request: { url: ORIGIN + path, method: "GET", mode: "cors", ...extra } });
    return response === undefined ? undefined : response.text();
  };
  return { dispatch, get, caches, fetched, messages, state };
}

/** Node's Response.redirect wants an absolute address; a worker's resolves against its own. */
class WorkerResponse extends Response {
  static redirect(url, status) {
    return Response.redirect(new URL(url, ORIGIN), status);
  }
}

const FILES = { "/app": "shell 1", "/app/rescue": "rescue 1", "/app/reference.json": "{}", "/static/v1/app.js": "code", "/static/v1/core/a.js": "same" };

test("a whole version is kept and given out; routes of the app get the shell", async () => {
  const sw = worker({ version: "1", files: FILES });
  await sw.dispatch("install");
  await sw.dispatch("activate");
  sw.fetched.length = 0;
  assert.equal(await sw.get("/app", { mode: "navigate" }), "shell 1");
  assert.equal(await sw.get("/app/anything?x=1", { mode: "navigate" }), "shell 1");
  assert.equal(await sw.get("/app/rescue", { mode: "navigate" }), "rescue 1");
  assert.equal(await sw.get("/static/v1/app.js"), "code");
  assert.equal(await sw.get("/app/reference.json"), "{}");
  assert.deepEqual([sw.fetched, sw.state.claimed], [[], true]);
});

test("the shell keeps its security headers in the cache", async () => {
  const sw = worker({ version: "1", files: FILES });
  await sw.dispatch("install");
  const response = await sw.dispatch("fetch", { request: { url: `${ORIGIN}/app`, method: "GET", mode: "navigate" } });
  assert.equal(response.headers.get("Content-Security-Policy"), "default-src 'self'");
});

test("it keeps its hands off the API, other origins, office pages and everything but GET", async () => {
  const sw = worker({ version: "1", files: FILES });
  await sw.dispatch("install");
  assert.equal(await sw.get("/api/v1/ping"), undefined);
  assert.equal(await sw.get("/apply", { mode: "navigate" }), undefined);
  assert.equal(await sw.get("/static/v1/unknown.js"), undefined);
  assert.equal(await sw.get("/app", { method: "POST" }), undefined);
  assert.equal(await sw.dispatch("fetch", { request: { url: "https://else.test/app", method: "GET", mode: "navigate" } }), undefined);
});

test("what the system threw out of the cache comes from the network", async () => {
  const sw = worker({ version: "1", files: FILES });
  assert.equal(await sw.get("/static/v1/app.js"), "code");
});

for (const [name, answer] of [
  ["is missing", () => new Response("no", { status: 404 })],
  ["is another one", () => new Response("<html>sign in</html>")],
  ["was redirected", () => Object.defineProperty(new Response("code"), "redirected", { value: true })],
]) {
  test(`when one file ${name} nothing is installed and the old version stays`, async () => {
    const caches = new FakeCaches();
    await worker({ version: "0", files: { "/app": "shell 0" }, caches }).dispatch("install");
    const sw = worker({ version: "1", files: FILES, caches, answer: (url) => (url === "/static/v1/app.js" ? answer() : undefined) });
    await assert.rejects(sw.dispatch("install"));
    assert.deepEqual(await caches.keys(), ["app-0"]);
  });
}

/** The app as it is big enough for a pack, and the pack as the server makes it. */
const MANY = { ...FILES, ...Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`/static/v1/ui/${n}.js`, `module ${n} \u2248`])) };
function packOf(files) {
  const urls = Object.keys(files).filter((url) => url !== "/app" && url !== "/app/rescue");
  const head = urls.map((url) => [url, "text/javascript", Buffer.byteLength(files[url])]);
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...urls.map((url) => Buffer.from(files[url]))]);
}

test("a first install is one download beside the two pages with a policy", async () => {
  const sw = worker({ version: "1", files: MANY, answer: (url) => (url === "/app/pack/1" ? new Response(packOf(MANY)) : undefined) });
  await sw.dispatch("install");
  assert.deepEqual(sw.fetched.sort(), ["/app", "/app/pack/1", "/app/rescue"]);
  sw.fetched.length = 0;
  for (const [url, text] of Object.entries(MANY)) if (url.startsWith("/static/")) assert.equal(await sw.get(url), text);
  const module = await sw.dispatch("fetch", { request: { url: `${ORIGIN}/static/v1/app.js`, method: "GET", mode: "cors" } });
  assert.equal(module.headers.get("Content-Type"), "text/javascript");
  const shell = await sw.dispatch("fetch", { request: { url: `${ORIGIN}/app`, method: "GET", mode: "navigate" } });
  assert.equal(shell.headers.get("Content-Security-Policy"), "default-src 'self'");
  assert.deepEqual(sw.fetched, []);
});

for (const [name, answer] of [
  ["is missing", () => new Response("no", { status: 404 })],
  ["was cut", () => new Response(packOf(MANY).subarray(0, 900))],
  ["is a login page", () => new Response("<html>sign in</html>")],
  ["does not come", () => Promise.reject(new TypeError("network"))],
  ["holds other bytes", () => new Response(packOf({ ...MANY, "/static/v1/ui/3.js": "module 4 \u2248" }))],
]) {
  test(`when the pack ${name} the files come one by one`, async () => {
    const sw = worker({ version: "1", files: MANY, answer: (url) => (url === "/app/pack/1" ? answer() : undefined) });
    await sw.dispatch("install");
    assert.ok(sw.fetched.includes("/static/v1/ui/3.js"));
    for (const [url, text] of Object.entries(MANY)) if (url.startsWith("/static/")) assert.equal(await sw.get(url), text);
  });
}

test("an update fetches only what changed, waits for the tap, and clears the old version", async () => {
  const caches = new FakeCaches();
  await worker({ version: "1", files: FILES, caches }).dispatch("install");
  caches.stores.set("tiles", new Map());
  const next = { "/app": "shell 2", "/app/rescue": "rescue 1", "/app/reference.json": "{}", "/static/v2/app.js": "new code", "/static/v2/core/a.js": "same" };
  const sw = worker({ version: "2", files: next, caches });
  await sw.dispatch("install");
  assert.ok(!sw.fetched.includes("/static/v2/core/a.js"), "the same bytes are not fetched again");
  assert.equal(sw.state.skipped, false);
  await sw.dispatch("message", { data: "skip" });
  assert.equal(sw.state.skipped, true);
  await sw.dispatch("activate");
  assert.deepEqual((await caches.keys()).sort(), ["app-2", "tiles"]);
  assert.deepEqual([await sw.get("/static/v2/core/a.js"), await sw.get("/static/v2/app.js"), await sw.get("/app", { mode: "navigate" })], ["same", "new code", "shell 2"]);
});

test("other messages do not make it skip", async () => {
  const sw = worker({ version: "1", files: FILES });
  await sw.dispatch("message", { data: { type: "hello" } });
  assert.equal(sw.state.skipped, false);
});

test("Background Sync wakes the pages", async () => {
  const sw = worker({ version: "1", files: FILES });
  await sw.dispatch("sync", { tag: "outbox" });
  await sw.dispatch("sync", { tag: "other" });
  assert.deepEqual(JSON.parse(JSON.stringify(sw.messages)), [{ type: "outbox" }]);
});

function shared(...files) {
  const form = new FormData();
  form.append("title", "a log");
  for (const [name, text] of files) form.append("files", new File([text], name, { type: "text/csv" }));
  return { url: `${ORIGIN}/app/share`, method: "POST", mode: "navigate", formData: async () => form };
}

test("shared files land in the inbox and the app opens", async () => {
  const { device } = freshPhone();
  await device.open();
  const sw = worker({ version: "1", files: FILES });
  const response = await sw.dispatch("fetch", { request: shared(["log.csv", "a;b"], ["two.csv", "c"]) });
  assert.deepEqual([response.status, response.headers.get("Location")], [303, `${ORIGIN}/app#share`]);
  const inbox = await listInbox(device);
  assert.deepEqual(inbox.map((file) => [file.name, file.type, Buffer.from(file.data).toString()]), [["log.csv", "text/csv", "a;b"], ["two.csv", "text/csv", "c"]]);
  await takeFromInbox(device, inbox[0].key);
  assert.equal((await listInbox(device)).length, 1);
});

test("without the app's database the worker creates none and says so", async () => {
  freshPhone();
  const sw = worker({ version: "1", files: FILES });
  const response = await sw.dispatch("fetch", { request: shared(["log.csv", "a"]) });
  assert.equal(response.headers.get("Location"), `${ORIGIN}/app#share-failed`);
  assert.deepEqual(await indexedDB.databases(), []);
});
