// @ts-check
/**
 * The app's service worker: keeps one whole version of the shell, gives it out offline, takes
 * shared files in. The server puts `const BUILD = {version, files: {url: sha256}}` before it.
 * It never touches /api and never deletes from IndexedDB.
 */
const worker = /** @type {any} */ (self);
const CACHE = `app-${BUILD.version}`;
const DEVICE_DATABASE = "jejak-device";
/** From so many missing files on, one download of all of them costs a thin link less. */
const PACK_FROM = 40;

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What older versions hold, by hash: an update carries only what is new. */
async function heldBodies() {
  const bodies = new Map();
  for (const name of await caches.keys()) {
    if (!name.startsWith("app-") || name === CACHE) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (!new URL(request.url).pathname.startsWith("/static/")) continue;
      const response = await cache.match(request);
      if (response) bodies.set(await sha256(await response.clone().arrayBuffer()), response);
    }
  }
  return bodies;
}

/** One file, checked: a login page, a redirect or a half file never gets into the cache. @param {string} url @param {string} hash */
async function fetchChecked(url, hash) {
  const response = await fetch(url, { cache: "reload", credentials: "omit" });
  if (response.status !== 200 || response.redirected) throw new Error(`${url}: ${response.status}`);
  const body = await response.arrayBuffer();
  if ((await sha256(body)) !== hash) throw new Error(`${url}: wrong hash`);
  const headers = new Headers(response.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  return new Response(body, { status: 200, headers });
}

/**
 * The files of one download of the whole app, by hash; those that are damaged are left out. The
 * pack is a line of JSON, [url, type, bytes] for each file, then the files.
 */
async function fetchPack() {
  const bodies = new Map();
  const response = await fetch(`/app/pack/${BUILD.version}`, { credentials: "omit" });
  if (response.status !== 200 || response.redirected) return bodies;
  const pack = new Uint8Array(await response.arrayBuffer());
  let at = pack.indexOf(10) + 1;
  for (const [, type, bytes] of JSON.parse(new TextDecoder().decode(pack.subarray(0, at)))) {
    const body = pack.slice(at, at + bytes).buffer;
    at += bytes;
    bodies.set(await sha256(body), new Response(body, { status: 200, headers: { "Content-Type": type } }));
  }
  return bodies;
}

/** What need not be fetched file by file: held from older versions, or come in one download. */
async function bodiesAtHand() {
  const held = await heldBodies();
  const missing = Object.entries(BUILD.files).filter(([url, hash]) => !(url.startsWith("/static/") && held.has(hash)));
  if (missing.length < PACK_FROM) return held;
  // A pack that does not come, or is cut, costs nothing but its try.
  const packed = await fetchPack().catch(() => new Map());
  return new Map([...held, ...packed]);
}

/** All or nothing: a half-filled cache is deleted, unless it was there before. */
async function install() {
  const complete = await caches.has(CACHE);
  const cache = await caches.open(CACHE);
  try {
    const bodies = await bodiesAtHand();
    await Promise.all(
      Object.entries(BUILD.files).map(async ([url, hash]) => {
        const body = url.startsWith("/app") && !url.endsWith(".json") ? undefined : bodies.get(hash);
        await cache.put(url, body ? body.clone() : await fetchChecked(url, hash));
      }),
    );
  } catch (error) {
    if (!complete) await caches.delete(CACHE);
    throw error;
  }
}

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith("app-") && name !== CACHE) await caches.delete(name);
  await worker.clients.claim();
}

/** From this version's cache, else from the network. @param {Request} request @param {string} key */
async function give(request, key) {
  const cache = await caches.open(CACHE);
  return (await cache.match(key)) ?? fetch(request);
}

/** The inbox of the device database; the worker never creates it. @returns {Promise<IDBDatabase>} */
function openInbox() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DEVICE_DATABASE);
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Keep what another app shared, then show the app. @param {Request} request */
async function takeShared(request) {
  try {
    const form = await request.formData();
    const rows = [];
    for (const [, file] of form) {
      if (typeof file === "string") continue;
      rows.push({ name: file.name, type: file.type, data: await file.arrayBuffer(), received_at: new Date().toISOString() });
    }
    const database = await openInbox();
    const transaction = database.transaction("inbox", "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    for (const row of rows) transaction.objectStore("inbox").add(row);
    await done.finally(() => database.close());
    return Response.redirect("/app#share", 303);
  } catch {
    return Response.redirect("/app#share-failed", 303);
  }
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== worker.location.origin) return;
  if (request.method === "POST" && url.pathname === "/app/share") return event.respondWith(takeShared(request));
  if (request.method !== "GET" || url.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") {
    if (url.pathname !== "/app" && !url.pathname.startsWith("/app/")) return;
    return event.respondWith(give(request, url.pathname === "/app/rescue" ? "/app/rescue" : "/app"));
  }
  if (url.pathname in BUILD.files) event.respondWith(give(request, url.pathname));
});

// An update waits until the officer taps; the page then says so.
worker.addEventListener("message", (/** @type {any} */ event) => {
  if (event.data === "skip" || event.data?.type === "skip") event.waitUntil(worker.skipWaiting());
});

// Background Sync: the pages own the sync, so the worker only wakes them.
worker.addEventListener("sync", (/** @type {any} */ event) => {
  if (event.tag !== "outbox") return;
  const wake = async () => {
    for (const client of await worker.clients.matchAll({ type: "window", includeUncontrolled: true })) client.postMessage({ type: "outbox" });
  };
  event.waitUntil(wake());
});
