// @ts-check
/**
 * Who is on duty on this phone, and how the app looks: kept in the phone's own database. Signing
 * out only locks; it never clears anything.
 */
import { localDay, toInstant } from "../core/instants.js";
import { reference, useReference } from "../core/reference.js";
import { useMessages } from "../core/messages.js";
import { listOfficers, openDevice, readSetting, updateOfficer, writeSetting } from "../storage/device.js";
import { timeNow } from "./clock.js";
import { useLocale } from "./format.js";
import { language, officer, officers, practice, theme } from "./state.js";

/** @typedef {import("../core/types.js").Officer} Officer */

/** Today in the office's time zone, also on a phone whose clock is known to be wrong. */
export function today() {
  return localDay(toInstant(timeNow()), reference().timezone ?? "UTC");
}

/** Read the officers again; whoever is on duty today stays so, also after the camera killed us. */
export async function loadDuty() {
  const device = openDevice();
  officers.value = await listOfficers(device);
  const duty = await readSetting(device, "on_duty", /** @type {{officer_id: string, day: string}|null} */ (null));
  const locked = await readSetting(device, "locked", false);
  const only = officers.value.length === 1 ? officers.value[0] : null;
  const named = officers.value.find((one) => one.id === duty?.officer_id && duty.day === today()) ?? null;
  officer.value = locked ? null : (named ?? only);
  practice.value = await readSetting(device, "practice", false);
}

/** @param {Officer} chosen */
export async function takeDuty(chosen) {
  const device = openDevice();
  await writeSetting(device, "on_duty", { officer_id: chosen.id, day: today() });
  await writeSetting(device, "locked", false);
  officers.value = await listOfficers(device);
  officer.value = officers.value.find((one) => one.id === chosen.id) ?? chosen;
}

/** Lock: everything stays, sending goes on. */
export async function leaveDuty() {
  await writeSetting(openDevice(), "locked", true);
  officer.value = null;
}

/** @param {boolean} on */
export async function setPractice(on) {
  await writeSetting(openDevice(), "practice", on);
  practice.value = on;
}

/**
 * Speak this language from now on.
 * @param {string} code "id" | "en"
 * @param {boolean} [remember]
 */
export async function setLanguage(code, remember = true) {
  const answer = await fetch(`/app/messages/${code}.json`).catch(() => null);
  useMessages(answer?.ok ? await answer.json() : null);
  useLocale(code, reference().timezone);
  document.documentElement.lang = code;
  language.value = code;
  if (!remember) return;
  await writeSetting(openDevice(), "language", code);
  if (officer.value) await updateOfficer(openDevice(), officer.value.id, { language: code });
}

/** @returns {Promise<string>} the language chosen on this phone, else Indonesian */
export function storedLanguage() {
  return readSetting(openDevice(), "language", "id");
}

const THEME = "theme";

/** The look chosen earlier; read at once, before the first paint (so not from the database). */
export function showStoredTheme() {
  try {
    showTheme(localStorage.getItem(THEME) ?? "auto");
  } catch {
    showTheme("auto");
  }
}

/** @param {string} choice "auto" | "light" | "dark" */
function showTheme(choice) {
  theme.value = choice;
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

/** @param {string} choice "auto" | "light" | "dark" */
export function setTheme(choice) {
  showTheme(choice);
  try {
    localStorage.setItem(THEME, choice);
  } catch {
    // it holds until the app closes
  }
}

/** Limits, operators and choices of the office; from the worker's cache when offline. */
export async function loadReference() {
  const answer = await fetch("/app/reference.json").catch(() => null);
  if (answer?.ok) useReference(await answer.json());
}
