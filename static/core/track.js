// @ts-check
/**
 * Track points as integer columns of deltas: the first entry is absolute, each next one is the
 * difference to the last value that is not null. Gzip then makes a day of points small.
 * Units: time ms, latitude and longitude 1e-6 deg, altitude and accuracy dm.
 */

/**
 * @typedef {Object} TrackPoint
 * @property {number} time_ms
 * @property {number} latitude_deg
 * @property {number} longitude_deg
 * @property {number|null} altitude_m
 * @property {number|null} accuracy_m
 */
/** @typedef {(number|null)[]} Column */
/** @typedef {{time_ms: Column, latitude_e6: Column, longitude_e6: Column, altitude_dm: Column, accuracy_dm: Column}} TrackColumns */

/** @param {(number|null)[]} values @returns {Column} */
function deltas(values) {
  let last = 0;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    const step = value - last;
    last = value;
    return step;
  });
}

/** @param {Column} column @returns {(number|null)[]} */
function sums(column) {
  let last = 0;
  return column.map((step) => (step === null ? null : (last += step)));
}

/** @param {number|null} value @param {number} scale */
const scaled = (value, scale) => (value === null || !Number.isFinite(value) ? null : Math.round(value * scale));

/**
 * @param {TrackPoint[]} points in the order they were recorded
 * @returns {TrackColumns}
 */
export function encodeTrack(points) {
  return {
    time_ms: deltas(points.map((point) => Math.round(point.time_ms))),
    latitude_e6: deltas(points.map((point) => scaled(point.latitude_deg, 1e6))),
    longitude_e6: deltas(points.map((point) => scaled(point.longitude_deg, 1e6))),
    altitude_dm: deltas(points.map((point) => scaled(point.altitude_m, 10))),
    accuracy_dm: deltas(points.map((point) => scaled(point.accuracy_m, 10))),
  };
}

/**
 * @param {TrackColumns} columns all of the same length
 * @returns {TrackPoint[]} a point without time or place is left out
 */
export function decodeTrack(columns) {
  const [times, latitudes, longitudes] = [sums(columns.time_ms), sums(columns.latitude_e6), sums(columns.longitude_e6)];
  const [altitudes, accuracies] = [sums(columns.altitude_dm), sums(columns.accuracy_dm)];
  /** @type {TrackPoint[]} */
  const points = [];
  times.forEach((time, i) => {
    const [latitude, longitude] = [latitudes[i], longitudes[i]];
    if (time === null || latitude === null || longitude === null) return;
    const [altitude, accuracy] = [altitudes[i] ?? null, accuracies[i] ?? null];
    points.push({
      time_ms: time,
      latitude_deg: latitude / 1e6,
      longitude_deg: longitude / 1e6,
      altitude_m: altitude === null ? null : altitude / 10,
      accuracy_m: accuracy === null ? null : accuracy / 10,
    });
  });
  return points;
}
