// @ts-check
/**
 * One database per officer: nobody sees another's visits, and signing out only closes it.
 * Upgrades only ever add; nothing here deletes a database.
 */
import { Database } from "./database.js";

/** rescue.js knows this name and the stores' names too. */
export const OFFICER_DATABASE = "jejak-officer-";
const VERSION = 1;

/** @type {import("./connection.js").Upgrade} */
function upgrade(connection, oldVersion) {
  if (oldVersion < 1) {
    connection.createObjectStore("drafts", { keyPath: "id" });
    const records = connection.createObjectStore("records", { keyPath: "sha256" });
    records.createIndex("by_subject", "subject");
    records.createIndex("by_state", ["state", "order"]);
    records.createIndex("by_saved", "saved_at");
    records.createIndex("by_file", "files", { multiEntry: true });
    const files = connection.createObjectStore("files", { keyPath: "sha256" });
    files.createIndex("by_state", "state");
    connection.createObjectStore("file_data", { keyPath: "sha256" });
    connection.createObjectStore("points", { keyPath: ["track_id", "n"] });
    const remote = connection.createObjectStore("remote", { keyPath: ["kind", "id"] });
    remote.createIndex("by_kind", "kind");
    remote.createIndex("by_visit", ["kind", "data.visit_id"]);
    remote.createIndex("by_time", ["kind", "sort_at"]);
    connection.createObjectStore("meta", { keyPath: "name" });
    connection.createObjectStore("log", { keyPath: "n", autoIncrement: true });
  }
}

/** @type {Map<string, Database>} */
const open = new Map();

/**
 * The database of an officer, opened on first use.
 * @param {string} officerId
 * @returns {Database}
 */
export function openOfficer(officerId) {
  const found = open.get(officerId);
  if (found) return found;
  const database = new Database(OFFICER_DATABASE + officerId, VERSION, upgrade);
  open.set(officerId, database);
  return database;
}

/** Close every officer's database; the next openOfficer() opens anew. */
export function closeAll() {
  for (const database of open.values()) database.close();
  open.clear();
}
