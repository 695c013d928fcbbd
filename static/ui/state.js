// @ts-check
/**
 * What every screen may know, as signals: who is on duty, the words, the looks, the truth about
 * sending. Values come from the rooms below; nothing here is the only copy of anything.
 */
import { signal } from "@preact/signals";

/** @typedef {import("../core/types.js").Officer} Officer */
/** @typedef {import("../core/types.js").SyncStatus} SyncStatus */

/** All officers enrolled on this phone. */
export const officers = signal(/** @type {Officer[]} */ ([]));
/** The officer on duty; null: nobody has said who, or the phone is locked. */
export const officer = signal(/** @type {Officer|null} */ (null));
export const language = signal("id");
/** "auto" | "light" | "dark" */
export const theme = signal("auto");
/** "Latihan": visits made now are kept out of every count and export. */
export const practice = signal(false);
export const sync = signal(/** @type {SyncStatus|null} */ (null));
/** A new version waits for the officer's tap. */
export const updateReady = signal(false);
/** The clock of all "5 minutes ago" texts, ms since 1970; ticks every half minute. */
export const now = signal(Date.now());
export const online = signal(navigator.onLine !== false);
/** The last known place of this phone, for "nearest first"; never sent. */
export const here = signal(/** @type {{latitude_deg: number, longitude_deg: number, at_ms: number}|null} */ (null));

setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now();
}, 30_000);
