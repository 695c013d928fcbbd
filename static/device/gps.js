// @ts-check
/**
 * The one position watch of the phone: starts it, classifies what comes back, hands fixes on.
 * A second source (getCurrentPosition) would time out beside a running watch, so there is none.
 * Must not know of visits or of averaging: core does the sums.
 */

/** @typedef {import("../core/types.js").Fix} Fix */

/**
 * idle: not asked. asking: the browser's question is open. searching: allowed, no fix yet.
 * fixed: fixes come. approximate: only a rough area is given. denied: this app may not.
 * off: the phone's location is switched off (or Android keeps it from the browser).
 * @typedef {"idle"|"asking"|"searching"|"fixed"|"approximate"|"denied"|"off"|"missing"} GpsState
 */

/** Above this the phone gives an area, not a place: Android's "approximate" is 2 km and more. */
export const APPROXIMATE_M = 1000;
/** Network positions come first and are wide; only after this long is "approximate" the word. */
const APPROXIMATE_AFTER_MS = 8000;

/**
 * What a PositionError means, given what the browser says of the permission.
 * @param {number} code 1 denied, 2 unavailable, 3 time-out
 * @param {string} permission "granted" | "denied" | "prompt" | "unknown"
 * @param {boolean} hasFix
 * @returns {GpsState}
 */
export function classifyError(code, permission, hasFix) {
  if (code === 1) return permission === "granted" ? "off" : "denied";
  if (hasFix) return "fixed";
  return code === 2 ? "off" : "searching";
}

/**
 * @param {Fix} fix
 * @param {number} elapsedMs since the watch began
 * @returns {GpsState}
 */
export function classifyFix(fix, elapsedMs) {
  if (fix.accuracy_m <= APPROXIMATE_M) return "fixed";
  return elapsedMs >= APPROXIMATE_AFTER_MS ? "approximate" : "searching";
}

/** @returns {Promise<"granted"|"denied"|"prompt"|"unknown">} what the browser would answer now */
export async function locationPermission() {
  try {
    const status = await navigator.permissions.query({ name: "geolocation" });
    return status.state;
  } catch {
    return "unknown";
  }
}

/**
 * @param {GeolocationPosition} position
 * @returns {Fix}
 */
export function fixOf(position) {
  const c = position.coords;
  return {
    latitude_deg: c.latitude,
    longitude_deg: c.longitude,
    accuracy_m: c.accuracy,
    altitude_m: c.altitude ?? null,
    time_ms: position.timestamp,
  };
}

/** @typedef {{state: GpsState, started_ms: number, fix: Fix|null}} GpsReport */

/** @type {Set<(report: GpsReport, isNewFix: boolean) => void>} */
const listeners = new Set();
/** @type {number|null} */
let watchId = null;
/** @type {GpsReport} */
let report = { state: "idle", started_ms: 0, fix: null };
/** @type {PermissionStatus|null} */
let permissionStatus = null;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let approximateTimer;

/** @param {GpsState} state @param {boolean} [isNewFix] */
function announce(state, isNewFix = false) {
  report = { ...report, state };
  for (const listener of listeners) listener(report, isNewFix);
}

/** @param {GeolocationPosition} position */
function onPosition(position) {
  report = { ...report, fix: fixOf(position) };
  clearTimeout(approximateTimer);
  const state = classifyFix(/** @type {Fix} */ (report.fix), Date.now() - report.started_ms);
  if (state === "searching") approximateTimer = setTimeout(recheck, APPROXIMATE_AFTER_MS);
  announce(state, true);
}

function recheck() {
  if (report.fix && watchId !== null) announce(classifyFix(report.fix, Date.now() - report.started_ms));
}

/** @param {GeolocationPositionError} error */
async function onError(error) {
  const permission = await locationPermission();
  if (watchId !== null) announce(classifyError(error.code, permission, report.fix !== null));
}

async function begin() {
  if (!("geolocation" in navigator)) return announce("missing");
  report = { state: "searching", started_ms: Date.now(), fix: null };
  watchId = navigator.geolocation.watchPosition(onPosition, onError, {
    enableHighAccuracy: true,
    maximumAge: 0,
  });
  announce("searching");
  const permission = await locationPermission();
  if (report.fix === null && permission === "prompt") announce("asking");
  await followPermission();
}

function end() {
  if (watchId !== null) navigator.geolocation.clearWatch(watchId);
  watchId = null;
  clearTimeout(approximateTimer);
}

/** The officer may change the permission in the browser's own page: begin again by ourselves. */
async function followPermission() {
  if (permissionStatus || !navigator.permissions) return;
  try {
    permissionStatus = await navigator.permissions.query({ name: "geolocation" });
    permissionStatus.onchange = () => {
      if (listeners.size > 0) restartGps();
    };
  } catch {
    permissionStatus = null;
  }
}

/**
 * Listen to the position; the first listener starts the watch, the last one leaving stops it.
 * @param {(report: GpsReport, isNewFix: boolean) => void} listener
 * @returns {() => void} stop listening
 */
export function listenToGps(listener) {
  listeners.add(listener);
  if (watchId === null) begin();
  else listener(report, report.fix !== null);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      end();
      report = { state: "idle", started_ms: 0, fix: null };
    }
  };
}

/** Ask again from the start ("Coba lagi"). */
export function restartGps() {
  end();
  if (listeners.size > 0) begin();
}
