// @ts-check
/**
 * The app's service worker: keeps one whole version of the shell, gives it out offline, takes
 * shared files in. The server puts `const BUILD = {version, files: {url: sha256}}` before it.
 * It never touches /api and never deletes from IndexedDB.
 */
const worker = /** @type {any} */ (self);
const CACHE = `app-${BUILD.version}`;
const DEVICE_DATABASE = "jejak-device";

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

/** All or nothing: a half-filled cache is deleted, unless it was there before. */
async function install() {
  const complete = await caches.has(CACHE);
  const cache = await caches.open(CACHE);
  try {
    const held = await heldBodies();
    await Promise.all(
      Object.entries(BUILD.files).map(async ([url, hash]) => {
        const reusable = url.startsWith("/static/") ? held.get(hash) : undefined;
        await cache.put(url, reusable ? reusable.clone() : await fetchChecked(url, hash));
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
