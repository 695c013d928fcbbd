// @ts-check
/**
 * Five megabytes kept for the day the phone is full: freed so that the record in hand can be
 * saved. Knows nothing of records.
 */
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */

export const BALLAST_BYTES = 5 * 1024 * 1024;

/** Bytes that do not compress, or the ballast would weigh nothing. */
function incompressible() {
  const words = new Uint32Array(BALLAST_BYTES / 4);
  let x = 0x9e3779b9;
  for (let i = 0; i < words.length; i += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return words.buffer;
}

/**
 * Take ballast on board when there is none. A phone that is full already goes without.
 * @param {Database} device
 * @returns {Promise<boolean>} whether ballast is on board
 */
export async function ensureBallast(device) {
  const held = await device.read(["ballast"], (tx) => result(tx.objectStore("ballast").count()));
  if (held > 0) return true;
  try {
    const data = incompressible();
    await device.write(["ballast"], (tx) => result(tx.objectStore("ballast").put({ name: "ballast", data })));
    return true;
  } catch {
    return false;
  }
}

/**
 * Throw the ballast overboard.
 * @param {Database} device
 * @returns {Promise<boolean>} whether there was any
 */
export async function freeBallast(device) {
  const held = await device.read(["ballast"], (tx) => result(tx.objectStore("ballast").count()));
  if (held === 0) return false;
  await device.write(["ballast"], (tx) => result(tx.objectStore("ballast").clear()));
  return true;
}
