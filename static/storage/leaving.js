// @ts-check
/**
 * What becomes of transactions when the browser puts the page aside to show another one. WebKit
 * lets a page that is put aside keep its transaction, and with it its locks: the app opened anew
 * would wait for ever. So they are broken off, and done again if the page comes back.
 */

/** @type {Set<IDBTransaction>} */
const alive = new Set();
/** @type {Promise<void>} */
let here = Promise.resolve();
let comeBack = () => {};

if (typeof window !== "undefined" && typeof window.addEventListener === "function") {
  window.addEventListener("pagehide", ({ persisted }) => {
    if (!persisted) return; // it ends here, and its transactions with it
    here = new Promise((resolve) => {
      comeBack = resolve;
    });
    for (const transaction of alive) breakOff(transaction);
  });
  window.addEventListener("pageshow", () => comeBack());
}

/** @param {IDBTransaction} transaction */
function breakOff(transaction) {
  try {
    transaction.abort();
  } catch {
    // it was over already
  }
}

/** Resolves at once, unless the page is put aside: then when it is shown again. @returns {Promise<void>} */
export const whenHere = () => here;

/** Break this transaction off when the page is put aside. @param {IDBTransaction} transaction @returns {() => void} call when it is over */
export function keepWatch(transaction) {
  alive.add(transaction);
  return () => alive.delete(transaction);
}
