// @ts-check
/** Whether the officer sees the app, and when that changes. */

/** @returns {boolean} */
export function isVisible() {
  return document.visibilityState === "visible";
}

/**
 * @param {() => void} listener called when the app comes into view
 * @returns {() => void} stop
 */
export function whenVisible(listener) {
  const tell = () => {
    if (isVisible()) listener();
  };
  document.addEventListener("visibilitychange", tell);
  return () => document.removeEventListener("visibilitychange", tell);
}
