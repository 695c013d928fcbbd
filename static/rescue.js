// @ts-check
/**
 * The rescue page: shows what every officer has on this phone and writes it into one text file,
 * also when the app itself cannot start. It imports nothing, opens databases as they are, and
 * only reads. The file: one JSON object a line, by its `type`: `header` (format, version), then
 * for each officer `officer` (id, name; never the token), `record` (the envelope's fields, the
 * exact payload, seal and state), `draft`, `file` (facts and `data` in base64, null when gone).
 */

const DEVICE_DATABASE = "jejak-device";
const OFFICER_DATABASE = "jejak-officer-";

/** @typedef {{id: string, name: string}} Person */
/** @typedef {{person: Person, database: IDBDatabase, records: number, unsent: number, drafts: number, files: number}} Holding */

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Open a database as it is; null when there is none. @param {string} name @returns {Promise<IDBDatabase|null>} */
async function openExisting(name) {
  const request = indexedDB.open(name);
  let absent = false;
  request.onupgradeneeded = () => {
    absent = true;
    request.transaction?.abort();
  };
  try {
    const database = await result(request);
    database.onversionchange = () => database.close();
    return database;
  } catch (error) {
    if (absent) return null;
    throw error;
  }
}

/** @param {IDBDatabase} database @param {string} store */
function storeOf(database, store) {
  return database.objectStoreNames.contains(store) ? database.transaction(store, "readonly").objectStore(store) : null;
}

/** All rows of a store; where reading them at once fails, each that can be read. @param {IDBDatabase} database @param {string} store @returns {Promise<any[]>} */
async function all(database, store) {
  try {
    const found = storeOf(database, store);
    return found ? await result(found.getAll()) : [];
  } catch {
    const keys = await result(database.transaction(store).objectStore(store).getAllKeys());
    const rows = [];
    for (const key of keys) rows.push(await one(database, store, key));
    return rows.filter(Boolean);
  }
}

/** One row; null when there is none or it cannot be read: it must not hold up the rest. @param {IDBDatabase} database @param {string} store @param {IDBValidKey} key */
async function one(database, store, key) {
  try {
    return (await result(database.transaction(store).objectStore(store).get(key))) ?? null;
  } catch {
    return null;
  }
}

/** Everybody with data here: those enrolled, and databases whose officer is not listed. @returns {Promise<Person[]>} */
async function findPeople() {
  /** @type {Map<string, Person>} */
  const people = new Map();
  try {
    const device = await openExisting(DEVICE_DATABASE);
    for (const { id, name } of device ? await all(device, "officers") : []) people.set(id, { id, name });
    device?.close();
  } catch {
    // the officers' own databases may still open
  }
  const databases = indexedDB.databases ? await indexedDB.databases().catch(() => []) : [];
  for (const { name } of databases) {
    if (!name?.startsWith(OFFICER_DATABASE)) continue;
    const id = name.slice(OFFICER_DATABASE.length);
    if (!people.has(id)) people.set(id, { id, name: id });
  }
  return [...people.values()];
}

/** @param {Person} person @returns {Promise<Holding|null>} */
async function look(person) {
  const database = await openExisting(OFFICER_DATABASE + person.id);
  if (!database) return null;
  const records = await all(database, "records");
  const files = await all(database, "files");
  const drafts = await all(database, "drafts");
  const unsentFiles = files.filter((file) => file.state !== "sent" && file.state !== "draft").length;
  return { person, database, records: records.filter(isHere).length, unsent: records.filter(isUnsent).length, drafts: drafts.length, files: unsentFiles };
}

/** What the office erased has no content here any more. @param {any} record */
const isHere = (record) => record.state !== "erased";
/** @param {any} record */
const isUnsent = (record) => isHere(record) && record.state !== "acked";

/** @param {ArrayBuffer} data @returns {Promise<string>} */
function base64(data) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(new Blob([data]));
  });
}

/** A line as bytes that the browser may keep outside memory. @param {Object<string, unknown>} value */
const line = (value) => new Blob([JSON.stringify(value), "\n"]);

/**
 * The lines of one officer: every record, draft and file, one picture in memory at a time.
 * @param {Holding} holding
 * @param {boolean} unsentOnly
 */
async function linesOf({ person, database }, unsentOnly) {
  const lines = [line({ type: "officer", id: person.id, name: person.name })];
  for (const record of await all(database, "records")) {
    if (unsentOnly ? !isUnsent(record) : !isHere(record)) continue;
    const { draft: _draft, ...kept } = record;
    lines.push(line({ type: "record", officer_id: person.id, ...kept }));
  }
  for (const draft of await all(database, "drafts")) lines.push(line({ type: "draft", officer_id: person.id, draft }));
  for (const file of await all(database, "files")) {
    if (unsentOnly && file.state === "sent") continue;
    const row = await one(database, "file_data", file.sha256);
    const { type: content_type, ...facts } = file;
    lines.push(line({ ...facts, type: "file", officer_id: person.id, content_type, data: row ? await base64(row.data) : null }));
  }
  return lines;
}

/** "jejak-sinyal_BudiSantoso_2026-11-24_7-catatan.txt": letters that every phone takes. @param {Holding[]} holdings @param {boolean} unsentOnly @param {string} made */
function nameOf(holdings, unsentOnly, made) {
  const names = holdings.map(({ person }) => person.name.normalize("NFKD").replace(/[^A-Za-z0-9]/g, "").slice(0, 40) || "petugas");
  const count = holdings.reduce((sum, holding) => sum + (unsentOnly ? holding.unsent : holding.records), 0);
  return `jejak-sinyal_${names.slice(0, 2).join("-") || "petugas"}_${made.slice(0, 10)}_${count}-catatan.txt`;
}

/** @param {Holding[]} holdings @param {boolean} unsentOnly */
async function exportAll(holdings, unsentOnly) {
  const made = new Date().toISOString();
  const parts = [line({ type: "header", format: "jejak-sinyal-rescue", version: 1, made_at: made, unsent_only: unsentOnly })];
  for (const holding of holdings) parts.push(...(await linesOf(holding, unsentOnly)));
  const file = new Blob(parts, { type: "text/plain" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = nameOf(holdings, unsentOnly, made);
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 600_000);
}

/** Show only one of the page's messages. @param {string} name @param {string} [detail] */
function say(name, detail = "") {
  for (const message of document.querySelectorAll("[data-message]")) {
    if (!(message instanceof HTMLElement)) continue;
    message.hidden = message.dataset.message !== name;
    const place = message.querySelector("[data-detail]");
    if (place && !message.hidden) place.textContent = detail;
  }
}

/** A row of the page's table from its template. @param {Holding} holding */
function showRow(holding) {
  const template = document.querySelector("#person");
  const list = document.querySelector("#people");
  if (!(template instanceof HTMLTemplateElement) || !list) return;
  const row = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const texts = { name: holding.person.name, records: holding.records, unsent: holding.unsent, files: holding.files, drafts: holding.drafts };
  for (const [name, value] of Object.entries(texts)) {
    const place = row.querySelector(`[data-fill="${name}"]`);
    if (place) place.textContent = String(value);
  }
  list.append(row);
}

async function start() {
  /** @type {Holding[]} */
  const holdings = [];
  /** @type {string[]} */
  const faults = [];
  for (const person of await findPeople()) {
    try {
      const holding = await look(person);
      if (holding) holdings.push(holding);
    } catch (error) {
      faults.push(`${person.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  holdings.forEach(showRow);
  if (faults.length) say("fault", faults.join("; "));
  else say(holdings.length ? "found" : "nothing");
  for (const button of document.querySelectorAll("button[data-export]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.disabled = !holdings.length;
    button.addEventListener("click", async () => {
      button.disabled = true;
      say("working");
      try {
        await exportAll(holdings, button.dataset.export === "unsent");
        say("done");
      } catch (error) {
        say("fault", error instanceof Error ? error.message : String(error));
      }
      button.disabled = false;
    });
  }
}

start().catch((error) => say("fault", error instanceof Error ? error.message : String(error)));
