// @ts-check
/**
 * "Cek siap berangkat": each question about this phone, answered without a network. A check is
 * true (good), false (to do) or null (the browser cannot say).
 */
import { toMs } from "../../core/instants.js";
import { clockTrouble } from "../../core/clock.js";
import { t } from "../../core/messages.js";
import { question } from "../../core/reference.js";
import { SILENT_MS } from "../../core/risk.js";
import { agoText } from "../../core/states.js";
import { hasCamera } from "../../device/camera.js";
import { openedFromIcon } from "../../device/install.js";
import { storageState } from "../../device/storage_manager.js";
import { openDevice, readClock, readSetting } from "../../storage/device.js";
import { clockText } from "../clock.js";
import { today } from "../duty.js";
import { formatBytes, formatNumber } from "../format.js";
import { folderCopy } from "../folder.js";
import { now, sync } from "../state.js";
import { work } from "../work.js";

/**
 * @typedef {"icon"|"offline"|"location"|"camera"|"storage"|"space"|"clock"|"assignments"|"contact"|"copy"|"outbox"} CheckKey
 * @typedef {{key: CheckKey, good: boolean|null, text: string}} CheckResult
 */

/** A field day of photos and drafts with room to spare. */
const ENOUGH_BYTES = 300_000_000;
const POOR_M = 50;

/** @typedef {{day: string, accuracy_m: number}|null} FixOfDay */

/** @returns {Promise<CheckResult[]>} */
export async function runChecks() {
  const device = openDevice();
  const [fix, cameraTried, storage, clock, camera] = await Promise.all([
    readSetting(device, "fix_of_day", /** @type {FixOfDay} */ (null)),
    readSetting(device, "camera_tried", false),
    storageState(),
    readClock(device),
    hasCamera(),
  ]);
  return [
    iconCheck(),
    offlineCheck(),
    locationCheck(fix),
    { key: "camera", good: cameraTried || camera, text: cameraTried || camera ? t("The camera works.") : t("The camera was not tried yet.") },
    { key: "storage", good: storage.persisted, text: storage.persisted ? t("Storage is protected.") : t("Storage is not protected yet.") },
    spaceCheck(storage.free_bytes),
    clockCheck(clock),
    assignmentCheck(),
    contactCheck(),
    ...copyCheck(),
    outboxCheck(),
  ];
}

/** @returns {CheckResult} */
function iconCheck() {
  const good = openedFromIcon();
  return { key: "icon", good, text: good ? t("Opened from its icon.") : t("Opened in a browser tab, not from its icon.") };
}

/** @returns {CheckResult} */
function offlineCheck() {
  const good = "serviceWorker" in navigator && navigator.serviceWorker.controller !== null;
  return { key: "offline", good, text: good ? t("The app opens without a network.") : t("The app is not stored for use without a network yet.") };
}

/** @param {FixOfDay} fix @returns {CheckResult} */
function locationCheck(fix) {
  const isToday = fix?.day === today();
  const good = isToday && fix !== null && fix.accuracy_m <= (question("accuracy_poor_m") ?? POOR_M);
  const text = isToday && fix ? t("Position found today, ± {accuracy} m.", { accuracy: formatNumber(fix.accuracy_m) }) : t("No position was found today yet.");
  return { key: "location", good, text };
}

/** @param {number|null} free @returns {CheckResult} */
function spaceCheck(free) {
  if (free === null) return { key: "space", good: null, text: t("The browser does not say how much room is left.") };
  return { key: "space", good: free >= ENOUGH_BYTES, text: t("{free} free for this app.", { free: formatBytes(free) }) };
}

/** @param {import("../../core/clock.js").KnownClock} clock @returns {CheckResult} */
function clockCheck(clock) {
  const trouble = clockTrouble(clock, Date.now());
  if (trouble && trouble.kind !== "server") return { key: "clock", good: false, text: clockText(trouble) };
  if (clock.server_offset_ms === null) return { key: "clock", good: false, text: t("The clock was not compared with the office yet.") };
  return { key: "clock", good: true, text: t("The clock is right.") };
}

/** @returns {CheckResult} */
function assignmentCheck() {
  const count = work.value?.assignments.length ?? 0;
  return { key: "assignments", good: count > 0, text: count > 0 ? t("{n} assigned jorong are on this phone.", { n: count }) : t("No assignment is on this phone.") };
}

/** Who leaves should have heard of the office today: what it returned, what it assigned. @returns {CheckResult} */
function contactCheck() {
  const at = sync.value?.last_contact_at ?? null;
  if (at === null) return { key: "contact", good: false, text: t("No contact with the office yet") };
  return { key: "contact", good: now.value - toMs(at) <= SILENT_MS, text: t("Last contact {ago}", { ago: agoText(at, now.value) }) };
}

/** Only where a folder was chosen. @returns {CheckResult[]} */
function copyCheck() {
  const copy = folderCopy.value;
  if (!copy) return [];
  return [{ key: "copy", good: copy.trouble === null, text: copy.trouble === null ? t("Every save is copied into a folder.") : t("The automatic copy has stopped.") }];
}

/** @returns {CheckResult} */
function outboxCheck() {
  const left = (sync.value?.unsent_records ?? 0) + (sync.value?.unsent_files ?? 0);
  return { key: "outbox", good: left === 0, text: left === 0 ? t("Everything is sent.") : t("{n} unsent.", { n: left }) };
}
