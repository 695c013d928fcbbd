// @ts-check
/**
 * Keeps the screen on while the officer waits for a position; the browser lets go whenever the
 * page is hidden, so it is asked again on return. A refusal (low battery) is no error.
 */

/** @returns {() => void} let the screen sleep again */
export function keepScreenOn() {
  /** @type {WakeLockSentinel|null} */
  let lock = null;
  let wanted = true;
  const take = async () => {
    if (!wanted || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (!wanted) await lock.release();
    } catch {
      lock = null;
    }
  };
  document.addEventListener("visibilitychange", take);
  take();
  return () => {
    wanted = false;
    document.removeEventListener("visibilitychange", take);
    lock?.release().catch(() => undefined);
  };
}
