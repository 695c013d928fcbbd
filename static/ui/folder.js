// @ts-check
/**
 * The automatic copy as the screens know it: which folder, how it goes, what to tap. Follows
 * storage: every save that reached the disk is copied a moment later.
 */
import { signal } from "@preact/signals";
import { toInstant } from "../core/instants.js";
import { askFolderPermission, canChooseFolder, chooseFolder } from "../device/folder.js";
import { onStorageChange } from "../storage/database.js";
import { openDevice, readSetting, writeSetting } from "../storage/device.js";
import { OFFICER_DATABASE } from "../storage/officer.js";
import { holdersHere } from "./rescue/holders.js";

/** @typedef {import("../device/folder.js").Folder} Folder */
/** @typedef {{folder: Folder, chosen_at: number, copied: number, waiting: number, trouble: string|null, last_at: string|null}} FolderCopy */

/** null: no folder was chosen. */
export const folderCopy = signal(/** @type {FolderCopy|null} */ (null));

const SETTING = "folder";
/** A save writes once or twice; one pass after it. */
const SOON_MS = 150;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let timer;
/** @type {Promise<void>|null} */
let copying = null;
let again = false;

/** Go on with the folder chosen earlier. Call once. */
export async function startFolderCopy() {
  onStorageChange(({ database, stores }) => {
    if (!folderCopy.peek() || !database.startsWith(OFFICER_DATABASE) || !stores.includes("records")) return;
    clearTimeout(timer);
    timer = setTimeout(copyNow, SOON_MS);
  });
  if (!canChooseFolder()) return;
  folderCopy.value = await readFolder();
  if (folderCopy.peek()) await copyNow();
}

/** Copy what the folder has not yet; calls that come meanwhile share one further pass. @returns {Promise<void>} */
export function copyNow() {
  if (copying) {
    again = true;
    return copying;
  }
  copying = underLock(copyOnce)
    .catch((error) => note({ trouble: error instanceof Error ? error.name : "Error" }))
    .finally(() => {
      copying = null;
      if (again) {
        again = false;
        copyNow();
      }
    });
  return copying;
}

/** The setting is asked each time: another tab may have chosen another folder, or stopped. */
async function copyOnce() {
  const chosen = await readFolder();
  folderCopy.value = chosen;
  if (!chosen) return;
  const { copyPending } = await import("../device/folder_copy.js");
  const report = await copyPending(chosen.folder, holdersHere(), Date.now());
  if (folderCopy.peek()?.chosen_at !== chosen.chosen_at) return;
  const { copied, waiting, trouble } = report;
  const changed = copied > 0 || waiting !== chosen.waiting || trouble !== chosen.trouble;
  if (changed) await note({ copied: chosen.copied + copied, waiting, trouble, ...(copied > 0 ? { last_at: toInstant(Date.now()) } : {}) });
}

/** @returns {Promise<FolderCopy|null>} */
function readFolder() {
  return readSetting(openDevice(), SETTING, null);
}

/** Two tabs never write the same file at once. @param {() => Promise<void>} work */
async function underLock(work) {
  if (navigator.locks) await navigator.locks.request("folder-copy", work);
  else await work();
}

/** @param {Partial<FolderCopy>} changes */
async function note(changes) {
  const held = folderCopy.peek();
  if (!held) return;
  folderCopy.value = { ...held, ...changes };
  await writeSetting(openDevice(), SETTING, folderCopy.peek()).catch(() => undefined);
}

/** Let the officer choose a folder, and copy what is unsent into it. */
export async function pickFolder() {
  const folder = await chooseFolder();
  if (!folder) return;
  const { beginFolder } = await import("../device/folder_copy.js");
  for (const { db } of holdersHere()) await beginFolder(db);
  folderCopy.value = { folder, chosen_at: Date.now(), copied: 0, waiting: 0, trouble: null, last_at: null };
  await note({});
  await copyNow();
}

/** "Izinkan lagi": ask for the same folder once more. */
export async function allowFolder() {
  const held = folderCopy.peek();
  if (!held) return;
  await askFolderPermission(held.folder).catch(() => undefined);
  await copyNow();
}

/** Copy no more; what is in the folder stays there. */
export async function stopFolder() {
  folderCopy.value = null;
  await writeSetting(openDevice(), SETTING, null);
}
