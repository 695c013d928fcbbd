/**
 * A server that keeps to docs/api.md, in this process: `server.fetch` stands in for fetch. Faults
 * are put in front of it: `server.fault(match, act)` acts on the next matching request.
 */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

const sha = (content) => createHash("sha256").update(content).digest("hex");
export const html = (status = 200) => new Response("<html>Welcome to Hotel Wi-Fi</html>", { status, headers: { "Content-Type": "text/html" } });
export const problem = (status, code, headers = {}) => new Response(JSON.stringify({ ok: false, code, message: `say ${code}`, errors: [], status }), { status, headers: { "Content-Type": "application/json", ...headers } });

export class FakeServer {
  constructor({ now = () => 0 } = {}) {
    this.now = now;
    this.store_id = "store-1";
    this.codes = new Map();
    this.tokens = new Map();
    this.records = new Map();
    this.heads = new Map();
    this.files = new Map();
    /** Ids of visits that the office erased. */
    this.erased = new Set();
    this.partials = new Map();
    this.feed = [];
    this.states = [];
    this.log = [];
    this.faults = [];
    this.inFlight = 0;
    this.mostInFlight = 0;
    this.fetch = this.fetch.bind(this);
  }

  enrolled(officer) {
    this.tokens.set(officer.token, officer.id);
  }

  /** `act(request, answer)`: give an answer of its own, throw, or call answer() first. */
  fault(match, act, times = 1) {
    this.faults.push({ match, act, left: times });
  }

  paths(method = null) {
    return this.log.filter((request) => !method || request.method === method).map((request) => request.path);
  }

  async fetch(url, init = {}) {
    const request = { method: init.method ?? "GET", path: url.replace("/api/v1", ""), headers: new Headers(init.headers), signal: init.signal, alarm: init.alarm, body: init.body ? Buffer.from(init.body instanceof ArrayBuffer ? new Uint8Array(init.body) : init.body) : null };
    this.log.push(request);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      const fault = this.faults.find((one) => one.left > 0 && one.match(request));
      if (fault) {
        fault.left -= 1;
        return await fault.act(request, () => this.answer(request));
      }
      return this.answer(request);
    } finally {
      this.inFlight -= 1;
    }
  }

  json(body, status = 200) {
    return new Response(JSON.stringify({ ok: true, store_id: this.store_id, time: new Date(this.now()).toISOString(), ...body }), { status, headers: { "Content-Type": "application/json" } });
  }

  answer(request) {
    const path = request.path.split("?")[0];
    if (path === "/ping") return this.json({ name: "Jejak Sinyal", version: "1" });
    if (path === "/enrol") return this.enrol(this.read(request));
    const officer = this.tokens.get((request.headers.get("Authorization") ?? "").replace("Bearer ", ""));
    if (!officer) return problem(401, "auth.revoked");
    if (path === "/records") return this.takeRecords(officer, this.read(request));
    if (path === "/records/status") return this.status(this.read(request));
    if (path === "/changes") return this.changes(officer, request.path);
    if (path.startsWith("/files/")) return this.file(request, officer, path.slice(7));
    return problem(404, "request.not_found");
  }

  read(request) {
    const gzip = request.headers.get("Content-Encoding") === "gzip";
    request.json = JSON.parse(gzip ? gunzipSync(request.body) : request.body);
    return request.json;
  }

  enrol({ code, device_id, token }) {
    const known = this.codes.get(code);
    if (!known) return problem(404, "enrol.unknown_code");
    if (known.device_id && known.device_id !== device_id) return problem(409, "enrol.used_code");
    const status = known.device_id ? 200 : 201;
    known.device_id = device_id;
    this.tokens.set(token, known.officer);
    return this.json({ officer: { id: known.officer, name: known.officer, language: "id" }, device: { id: device_id } }, status);
  }

  takeRecords(officer, { records, device_state }) {
    this.states.push({ officer, ...device_state });
    const size = records.reduce((sum, record) => sum + Buffer.byteLength(record.payload), 0);
    if (records.length > 50 || size > (records.length > 1 ? 256_000 : 1_000_000)) return problem(413, "request.too_large");
    return this.json({ results: records.map((record) => this.takeRecord(officer, record)) });
  }

  takeRecord(officer, record) {
    const said = { id: record.id, sha256: record.sha256, missing_files: [], errors: [] };
    if (sha(record.payload) !== record.sha256) return { ...said, result: "refused", code: "record.wrong_hash", message: "wrong hash" };
    if (this.erased.has(record.id) || this.erased.has(JSON.parse(record.payload).visit_id)) return { ...said, result: "refused", code: "record.erased", message: "erased" };
    const owner = [...this.records.values()].find((known) => known.id === record.id)?.officer;
    if (owner && owner !== officer) return { ...said, result: "refused", code: "record.foreign_officer", message: "not yours" };
    const again = this.records.has(record.sha256);
    if (!again) this.records.set(record.sha256, { ...record, officer });
    const missing_files = this.missing(record);
    if (again) return { ...said, result: "already_stored", missing_files };
    if (record.kind !== "visit") return { ...said, result: "stored" };
    if ((this.heads.get(record.id) ?? null) !== record.base) return { ...said, result: "conflict", missing_files };
    this.heads.set(record.id, record.sha256);
    return { ...said, result: "stored", missing_files };
  }

  missing(record) {
    const photos = JSON.parse(record.payload).photos ?? [];
    return photos.flatMap((photo) => [photo.thumbnail_sha256, photo.sha256]).filter((hash) => !this.files.has(hash));
  }

  status({ records }) {
    return this.json({ records: records.map(({ id, sha256 }) => {
      const known = this.records.get(sha256);
      return { id, sha256, known: Boolean(known), missing_files: known ? this.missing(known) : [] };
    }) });
  }

  changes(officer, path) {
    const query = new URL(`http://x${path}`).searchParams;
    const cursor = query.get("cursor");
    if (cursor && !cursor.startsWith(`${this.store_id}:`)) return problem(400, "cursor.unknown");
    const [from, limit] = [cursor ? Number(cursor.split(":")[1]) : 0, Number(query.get("limit"))];
    const mine = this.feed.map((change, i) => ({ ...change, i })).filter((change) => change.i >= from && (change.officer ?? officer) === officer);
    const page = mine.slice(0, limit);
    const next = page.length ? page.at(-1).i + 1 : from;
    return this.json({ changes: page.map(({ kind, id, deleted = false, data = null }) => ({ kind, id, deleted, data })), cursor: `${this.store_id}:${next}`, more: mine.length > limit });
  }

  file(request, officer, hash) {
    const key = `${officer}/${hash}`;
    const headers = (offset, length) => ({ "Upload-Offset": String(offset), "Upload-Length": String(length), "X-Store-Id": this.store_id });
    const held = this.files.get(hash);
    const partial = this.partials.get(key) ?? Buffer.alloc(0);
    if (request.method === "GET") return held ? new Response(held, { headers: { "Content-Type": "image/jpeg" } }) : problem(404, "file.not_found");
    if (request.method === "HEAD") {
      if (held) return new Response(null, { headers: headers(held.length, held.length) });
      return partial.length ? new Response(null, { headers: headers(partial.length, partial.length + 1) }) : new Response(null, { status: 404 });
    }
    const [offset, length] = ["Upload-Offset", "Upload-Length"].map((name) => Number(request.headers.get(name)));
    if (!request.headers.get("X-File-Kind")) return problem(400, "request.malformed");
    if (held) return new Response(null, { status: 200, headers: headers(length, length) });
    if (offset !== partial.length) return problem(409, "file.wrong_offset", headers(partial.length, length));
    const now = Buffer.concat([partial, request.body]);
    this.partials.set(key, now);
    if (now.length > length) return problem(413, "file.too_large");
    if (now.length < length) return new Response(null, { status: 204, headers: headers(now.length, length) });
    this.partials.delete(key);
    if (sha(now) !== hash) return problem(422, "file.wrong_hash");
    this.files.set(hash, now);
    return new Response(null, { status: 201, headers: headers(length, length) });
  }

  /** Bytes of a chunk that arrived before the link was cut. */
  keepPartial(officer, request, bytes) {
    const key = `${officer}/${request.path.slice(7)}`;
    this.partials.set(key, Buffer.concat([this.partials.get(key) ?? Buffer.alloc(0), request.body.subarray(0, bytes)]));
  }
}
