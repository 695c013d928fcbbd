// @ts-check
/** Files that another app shared into this one (sw.js puts them here), until somebody takes them. */
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {{key: number, name: string, type: string, data: ArrayBuffer, received_at: string}} SharedFile */

/** @param {Database} device @returns {Promise<SharedFile[]>} oldest first */
export function listInbox(device) {
  return device.read(["inbox"], (tx) => result(tx.objectStore("inbox").getAll()));
}

/** Remove a shared file once its content is saved elsewhere. @param {Database} device @param {number} key */
export async function takeFromInbox(device, key) {
  await device.write(["inbox"], (tx) => result(tx.objectStore("inbox").delete(key)));
}
