// @ts-check
/**
 * Asks the browser how safe and how full this app's storage is. Feature-tested: some engines
 * have no StorageManager at all, and Chromium's quota says little about a full phone.
 */

/**
 * @typedef {Object} StorageState
 * @property {boolean|null} persisted  null: the browser cannot say
 * @property {number|null} usage_bytes
 * @property {number|null} free_bytes  what the browser would still give us
 */

/** @returns {Promise<StorageState>} */
export async function storageState() {
  const storage = navigator.storage;
  if (!storage) return { persisted: null, usage_bytes: null, free_bytes: null };
  const [persisted, estimate] = await Promise.all([
    storage.persisted ? storage.persisted().catch(() => null) : null,
    storage.estimate ? storage.estimate().catch(() => null) : null,
  ]);
  const usage = estimate?.usage ?? null;
  const quota = estimate?.quota ?? null;
  return {
    persisted,
    usage_bytes: usage,
    free_bytes: usage === null || quota === null ? null : Math.max(0, quota - usage),
  };
}

/** @returns {Promise<boolean|null>} the browser's answer; null when it cannot be asked */
export async function askPersistent() {
  if (!navigator.storage?.persist) return null;
  try {
    return await navigator.storage.persist();
  } catch {
    return false;
  }
}
