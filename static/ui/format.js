// @ts-check
/** Numbers, times and distances as people of the chosen language write them. */
let locale = "id-ID";
/** @type {string|undefined} */
let zone;

/** @param {string} language @param {string|undefined} timeZone */
export function useLocale(language, timeZone) {
  locale = language === "en" ? "en-GB" : "id-ID";
  zone = timeZone;
}

/** @param {Intl.DateTimeFormatOptions} options @param {Date} date */
function dateText(options, date) {
  if (Number.isNaN(date.getTime())) return "";
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }).format(date);
  } catch {
    return new Intl.DateTimeFormat(locale, options).format(date);
  }
}

/** @param {string|number|null|undefined} instant @returns {string} "4 Mei, 09.14", with the year when it is another one */
export function formatTime(instant) {
  if (instant === null || instant === undefined) return "";
  const date = new Date(instant);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return dateText({ day: "numeric", month: "short", year, hour: "2-digit", minute: "2-digit" }, date);
}

/** @param {string|number} instant @returns {string} "4 Mei 2026, 09.14" */
export function formatDate(instant) {
  return dateText({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }, new Date(instant));
}

/** @param {string|number} instant @returns {string} "09.14" */
export function formatClock(instant) {
  return dateText({ hour: "2-digit", minute: "2-digit" }, new Date(instant));
}

/** @param {string} day "2026-05-04" @returns {string} "4 Mei", with the year when it is another one */
export function formatDay(day) {
  const date = new Date(`${day.slice(0, 10)}T12:00:00Z`);
  const year = date.getUTCFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year, timeZone: "UTC" }).format(date);
}

/** @param {number} value @param {number} [digits] @returns {string} "1.234,5" */
export function formatNumber(value, digits = 0) {
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** @param {number} metres @returns {string} "350 m", "2,4 km" */
export function formatDistance(metres) {
  if (metres < 950) return `${formatNumber(Math.round(metres / 10) * 10)} m`;
  return `${formatNumber(metres / 1000, metres < 9950 ? 1 : 0)} km`;
}

/** @param {number|null|undefined} bytes @returns {string} "183 kB" */
export function formatBytes(bytes) {
  if (bytes === null || bytes === undefined) return "";
  if (bytes < 1e6) return `${formatNumber(Math.max(1, Math.round(bytes / 1000)))} kB`;
  if (bytes < 1e9) return `${formatNumber(bytes / 1e6, 1)} MB`;
  return `${formatNumber(bytes / 1e9, 1)} GB`;
}

/** @param {number} seconds @returns {string} "1:05" */
export function formatElapsed(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
