// @ts-check
/**
 * The rescue page's other half: why the officer is here, and a newer app that may be the cure. A
 * module of its own, so that nothing of it can keep the page from listing and exporting.
 */
import { takeOver, waitingVersion } from "./device/new_version.js";

/** @param {string} name */
function show(name) {
  for (const place of document.querySelectorAll(`[data-update="${name}"]`)) if (place instanceof HTMLElement) place.hidden = false;
}

async function start() {
  if (new URLSearchParams(location.search).has("upgrade")) show("failed");
  const worker = await waitingVersion();
  if (!worker) return;
  show("ready");
  document.querySelector("button[data-take]")?.addEventListener("click", async () => {
    await takeOver(worker);
    location.replace("/app");
  });
}

start().catch(() => undefined);
