// @ts-check
/**
 * Opens the app. On the first visit it waits until the worker has the whole app in one
 * download, instead of fetching each module twice over a thin link; where there is no worker,
 * or it could not be installed, the modules come one by one.
 */

const PATIENCE_MS = 180_000;

/** Resolves when modules come from the worker, or will not. */
async function workerIsReady() {
  const workers = navigator.serviceWorker;
  if (!workers || workers.controller) return;
  const registration = await workers.register("/sw.js", { scope: "/app", updateViaCache: "none" });
  const worker = registration.installing;
  // A page loaded past its worker on purpose gets none; a new version beside an active one may
  // wait for other tabs.
  if (!worker || registration.active) return;
  await new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS);
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated" || worker.state === "redundant") resolve(undefined);
    });
  });
}

workerIsReady()
  .catch(() => undefined)
  .then(() => import("./app.js"));
