// @ts-check
/**
 * Names of rescue files: whose, of which day, how much is in them. Letters and digits only, so
 * that every phone, WhatsApp and a Windows desk take them. Not translated: the office sorts them.
 */

const LONGEST_NAME = 40;

/** A person's or a place's name as part of a file name, "BudiSantoso". @param {string} name @param {string} fallback */
export function namePart(name, fallback) {
  const plain = name.normalize("NFKD").replace(/[^A-Za-z0-9 ]/g, "");
  const words = plain.split(/\s+/).filter(Boolean).map((word) => word[0].toUpperCase() + word.slice(1));
  return words.join("").slice(0, LONGEST_NAME) || fallback;
}

/** @param {string[]} names of officers */
function people(names) {
  const [first = "", second, ...others] = names.map((name) => namePart(name, "petugas"));
  if (others.length > 0) return `${first || "petugas"}-dan-${others.length + 1}-lain`;
  return [first || "petugas", second].filter(Boolean).join("-");
}

/**
 * "jejak-sinyal_BudiSantoso_2026-11-24_7-kunjungan.txt"
 * @param {{names: string[], day: string, visits: number, ending: "txt"|"zip", part?: number, parts?: number}} facts
 */
export function rescueFileName({ names, day, visits, ending, part = 1, parts = 1 }) {
  const which = parts > 1 ? `_bagian-${part}-dari-${parts}` : "";
  return `jejak-sinyal_${people(names)}_${day}_${visits}-kunjungan${which}.${ending}`;
}

/** "2026-11-24_0914" by the phone's own clock on the wall; an instant that is none stays recognisable. @param {string} instant */
function localTime(instant) {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return "0000-00-00_0000";
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
  return `${local.slice(0, 10)}_${local.slice(11, 16).replace(":", "")}`;
}

/**
 * The copy of one record in a folder: "jejak-sinyal_BudiSantoso_2026-11-24_0914_Simancuang_9f3a02c1.txt"
 * @param {{name: string, saved_at: string, area: string, sha256: string}} facts
 */
export function copyFileName({ name, saved_at, area, sha256 }) {
  return `jejak-sinyal_${namePart(name, "petugas")}_${localTime(saved_at)}_${namePart(area, "jorong")}${copyEnding(sha256)}`;
}

/** What every copy of a record ends with, whatever the officer or jorong was called then. @param {string} sha256 */
export function copyEnding(sha256) {
  return `_${sha256.slice(0, 12)}.txt`;
}
