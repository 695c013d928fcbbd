// @ts-check
/**
 * The phone's own database: who is enrolled here, settings, the cards of the day, what was
 * shared into the app, the ballast. Holds no visit: those are in the officers' databases.
 */
import { freshClock } from "../core/clock.js";
import { Database, onQuotaExceeded, result } from "./database.js";
import { freeBallast } from "./ballast.js";

/** @typedef {import("../core/types.js").Officer} Officer */
/** @typedef {import("../core/types.js").CardsOfTheDay} CardsOfTheDay */
/** @typedef {import("../core/clock.js").KnownClock} KnownClock */

/** sw.js and rescue.js know this name and the stores' names too. */
export const DEVICE_DATABASE = "jejak-device";
const VERSION = 1;

/** @type {import("./connection.js").Upgrade} */
function upgrade(connection, oldVersion) {
  if (oldVersion < 1) {
    connection.createObjectStore("settings", { keyPath: "name" });
    connection.createObjectStore("officers", { keyPath: "id" });
    connection.createObjectStore("enrolments", { keyPath: "code" });
    connection.createObjectStore("cards", { keyPath: "day" });
    connection.createObjectStore("inbox", { keyPath: "key", autoIncrement: true });
    connection.createObjectStore("ballast", { keyPath: "name" });
  }
}

/** @type {Database|null} */
let device = null;

/** The device database of this page, opened on first use. @returns {Database} */
export function openDevice() {
  if (!device) {
    const opened = new Database(DEVICE_DATABASE, VERSION, upgrade);
    onQuotaExceeded(() => freeBallast(opened));
    device = opened;
  }
  return device;
}

/** Close it; the next openDevice() opens anew. */
export function closeDevice() {
  device?.close();
  device = null;
}

/**
 * @template T
 * @param {Database} db
 * @param {string} name
 * @param {T} fallback
 * @returns {Promise<T>}
 */
export async function readSetting(db, name, fallback) {
  const row = await db.read(["settings"], (tx) => result(tx.objectStore("settings").get(name)));
  return row ? row.value : fallback;
}

/** @param {Database} db @param {string} name @param {unknown} value */
export async function writeSetting(db, name, value) {
  await db.write(["settings"], (tx) => result(tx.objectStore("settings").put({ name, value })));
}

/** What is known of this clock and the server's. @param {Database} db @returns {Promise<KnownClock>} */
export async function readClock(db) {
  return { ...freshClock(), ...(await readSetting(db, "clock", {})) };
}

/**
 * Learn something of the clocks; several tabs may at once.
 * @param {Database} db
 * @param {(clock: KnownClock) => KnownClock} learn returns the same object when there is nothing new
 * @returns {Promise<KnownClock>} what is known now
 */
export function updateClock(db, learn) {
  return db.write(["settings"], async (tx) => {
    const settings = tx.objectStore("settings");
    /** @type {KnownClock} */
    const known = { ...freshClock(), ...(await result(settings.get("clock")))?.value };
    const next = learn(known);
    if (next !== known) await result(settings.put({ name: "clock", value: next }));
    return next;
  });
}

/** @param {Database} db @returns {Promise<Officer[]>} by name */
export async function listOfficers(db) {
  /** @type {Officer[]} */
  const officers = await db.read(["officers"], (tx) => result(tx.objectStore("officers").getAll()));
  return officers.sort((a, b) => a.name.localeCompare(b.name));
}

/** @param {Database} db @param {string} id @returns {Promise<Officer|null>} */
export async function readOfficer(db, id) {
  return (await db.read(["officers"], (tx) => result(tx.objectStore("officers").get(id)))) ?? null;
}

/**
 * Change fields of an officer; nothing when he is not enrolled here, or no longer with `ifToken`.
 * @param {Database} db
 * @param {string} id
 * @param {Partial<Omit<Officer, "id"|"token"|"device_id">>} changes
 * @param {string|null} [ifToken] an answer to an old token says nothing of a new one
 */
export async function updateOfficer(db, id, changes, ifToken = null) {
  await db.write(["officers"], async (tx) => {
    const store = tx.objectStore("officers");
    const officer = await result(store.get(id));
    if (officer && (ifToken === null || officer.token === ifToken)) await result(store.put({ ...officer, ...changes }));
  });
}

/**
 * The SIM cards in the bag on a day: those set for it, else those of the newest earlier day
 * (their `day` tells), else none.
 * @param {Database} db
 * @param {string} day "2026-05-04"
 * @returns {Promise<CardsOfTheDay|null>}
 */
export async function readCards(db, day) {
  return db.read(["cards"], async (tx) => {
    const cursor = await result(tx.objectStore("cards").openCursor(IDBKeyRange.upperBound(day), "prev"));
    return cursor ? cursor.value : null;
  });
}

/** @param {Database} db @param {CardsOfTheDay} cards */
export async function writeCards(db, cards) {
  await db.write(["cards"], (tx) => result(tx.objectStore("cards").put(cards)));
}
