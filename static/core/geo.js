// @ts-check
/** Distances and directions on a sphere: good to 0.5 %, enough for "about 300 m north". */

/** @typedef {{latitude_deg: number, longitude_deg: number}} Point */

const EARTH_RADIUS_M = 6_371_008.8;
/** @param {number} degrees */
const radians = (degrees) => (degrees * Math.PI) / 180;

/**
 * Great-circle distance in metres.
 * @param {Point} a
 * @param {Point} b
 */
export function distanceM(a, b) {
  const dLatitude = radians(b.latitude_deg - a.latitude_deg);
  const dLongitude = radians(b.longitude_deg - a.longitude_deg);
  const h =
    Math.sin(dLatitude / 2) ** 2 +
    Math.cos(radians(a.latitude_deg)) * Math.cos(radians(b.latitude_deg)) * Math.sin(dLongitude / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * Initial bearing from a to b, 0 (north) up to but not including 360.
 * @param {Point} a
 * @param {Point} b
 */
export function bearingDeg(a, b) {
  const dLongitude = radians(b.longitude_deg - a.longitude_deg);
  const [from, to] = [radians(a.latitude_deg), radians(b.latitude_deg)];
  const y = Math.sin(dLongitude) * Math.cos(to);
  const x = Math.cos(from) * Math.sin(to) - Math.sin(from) * Math.cos(to) * Math.cos(dLongitude);
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}
