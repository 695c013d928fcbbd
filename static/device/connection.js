// @ts-check
/**
 * What the browser hints of the network. Only hints: the server's own answer decides (sync).
 * `navigator.connection` exists in Chrome only; elsewhere the kind is "unknown".
 */

/** @typedef {"wifi"|"cellular"|"unknown"} ConnectionKind */

/** @returns {ConnectionKind} */
export function connectionKind() {
  const type = /** @type {any} */ (navigator).connection?.type;
  if (type === "wifi" || type === "ethernet") return "wifi";
  if (type === "cellular" || type === "wimax") return "cellular";
  return "unknown";
}

/** @returns {boolean} false is certain, true is only a hope */
export function maybeOnline() {
  return navigator.onLine !== false;
}

/**
 * @param {() => void} listener called when the network may have changed
 * @returns {() => void} stop
 */
export function listenToConnection(listener) {
  const connection = /** @type {EventTarget|undefined} */ (/** @type {any} */ (navigator).connection);
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  connection?.addEventListener("change", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
    connection?.removeEventListener("change", listener);
  };
}
