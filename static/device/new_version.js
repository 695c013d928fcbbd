// @ts-check
/**
 * A version of the app that is here and waits. What the running one cannot do any more, the next
 * may cure, so the last screens ask for it too. Imports nothing.
 */

const LONGEST_MS = 8_000;

const patience = () => new Promise((resolve) => setTimeout(resolve, LONGEST_MS));

/** Resolves when a worker is whole, or came to nothing. @param {ServiceWorker} worker */
function installed(worker) {
  return new Promise((resolve) => {
    const look = () => worker.state !== "installing" && resolve(undefined);
    worker.addEventListener("statechange", look);
    look();
  });
}

/** @param {ServiceWorkerRegistration} registration */
async function askServer(registration) {
  await registration.update().catch(() => undefined);
  if (registration.installing) await installed(registration.installing);
}

/**
 * The version that waits, after asking the server once.
 * @param {{inAHurry?: boolean}} [options] somebody stands and waits: not long for a slow network
 * @returns {Promise<ServiceWorker|null>}
 */
export async function waitingVersion({ inAHurry = false } = {}) {
  const registration = await navigator.serviceWorker?.getRegistration("/app");
  if (!registration) return null;
  await (inAHurry ? Promise.race([askServer(registration), patience()]) : askServer(registration));
  return registration.waiting;
}

/**
 * Let it take over; resolves when it did, or after a while when it does not.
 * @param {ServiceWorker} worker
 */
export async function takeOver(worker) {
  const taken = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  worker.postMessage("skip");
  await Promise.race([taken, patience()]);
}
