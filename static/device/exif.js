// @ts-check
/**
 * Reads from a JPEG's EXIF block when, where and with what it was taken, and nothing else.
 * Any damage gives nulls, never an error: the photo itself may still be good.
 */

/**
 * @typedef {Object} ExifFacts
 * @property {string|null} exif_time instant in UTC; a time without zone is taken as the phone's own
 * @property {number|null} exif_latitude_deg
 * @property {number|null} exif_longitude_deg
 * @property {string|null} model
 */

const NOTHING = { exif_time: null, exif_latitude_deg: null, exif_longitude_deg: null, model: null };
const TAG = { make: 0x010f, model: 0x0110, exif: 0x8769, gps: 0x8825, taken: 0x9003, zone: 0x9011 };
const GPS = { latRef: 1, lat: 2, lonRef: 3, lon: 4 };
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const MOST_ENTRIES = 512;

/**
 * @param {ArrayBuffer} buffer the whole file
 * @returns {ExifFacts}
 */
export function readExif(buffer) {
  try {
    const tiff = findTiff(new DataView(buffer));
    return tiff ? readFacts(tiff) : { ...NOTHING };
  } catch {
    return { ...NOTHING };
  }
}

/**
 * Walk the JPEG's segments to APP1 "Exif".
 * @param {DataView} view
 * @returns {DataView|null} the TIFF part
 */
function findTiff(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xda || marker === 0xd9) return null;
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    const isExif = marker === 0xe1 && view.getUint32(at + 4) === 0x45786966 && view.getUint16(at + 8) === 0;
    if (isExif) {
      const start = at + 10;
      const size = Math.min(length - 8, view.byteLength - start);
      return size > 8 ? new DataView(view.buffer, view.byteOffset + start, size) : null;
    }
    at += 2 + length;
  }
  return null;
}

/**
 * @param {DataView} tiff
 * @returns {ExifFacts}
 */
function readFacts(tiff) {
  const order = tiff.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return { ...NOTHING };
  const little = order === 0x4949;
  const main = readDirectory(tiff, tiff.getUint32(4, little), little);
  const exif = subDirectory(tiff, main.get(TAG.exif), little);
  const gps = subDirectory(tiff, main.get(TAG.gps), little);
  const latitude = coordinate(gps.get(GPS.lat), gps.get(GPS.latRef), 90, "S");
  const longitude = coordinate(gps.get(GPS.lon), gps.get(GPS.lonRef), 180, "W");
  // 0,0 is what phones write when they have no position
  const placed = latitude !== null && longitude !== null && (latitude !== 0 || longitude !== 0);
  return {
    exif_time: instantOf(text(exif.get(TAG.taken)), text(exif.get(TAG.zone))),
    exif_latitude_deg: placed ? latitude : null,
    exif_longitude_deg: placed ? longitude : null,
    model: text(main.get(TAG.model)) || text(main.get(TAG.make)) || null,
  };
}

/** @typedef {string|number[]} ExifValue */

/**
 * @param {DataView} tiff
 * @param {ExifValue|undefined} pointer
 * @param {boolean} little
 */
function subDirectory(tiff, pointer, little) {
  const at = Array.isArray(pointer) ? pointer[0] : 0;
  return at > 0 ? readDirectory(tiff, at, little) : new Map();
}

/**
 * @param {DataView} tiff
 * @param {number} at
 * @param {boolean} little
 * @returns {Map<number, ExifValue>}
 */
function readDirectory(tiff, at, little) {
  /** @type {Map<number, ExifValue>} */
  const found = new Map();
  if (at < 8 || at + 2 > tiff.byteLength) return found;
  const count = Math.min(tiff.getUint16(at, little), MOST_ENTRIES);
  for (let n = 0; n < count; n += 1) {
    const entry = at + 2 + n * 12;
    if (entry + 12 > tiff.byteLength) break;
    const value = readValue(tiff, entry, little);
    if (value !== null) found.set(tiff.getUint16(entry, little), value);
  }
  return found;
}

/**
 * @param {DataView} tiff
 * @param {number} entry
 * @param {boolean} little
 * @returns {ExifValue|null}
 */
function readValue(tiff, entry, little) {
  const type = tiff.getUint16(entry + 2, little);
  const count = tiff.getUint32(entry + 4, little);
  const bytes = (TYPE_BYTES[type] ?? 0) * count;
  if (bytes === 0 || bytes > 1024) return null;
  const at = bytes <= 4 ? entry + 8 : tiff.getUint32(entry + 8, little);
  if (at + bytes > tiff.byteLength) return null;
  if (type === 2) return asciiAt(tiff, at, count);
  /** @type {number[]} */
  const numbers = [];
  for (let n = 0; n < count; n += 1) {
    if (type === 3) numbers.push(tiff.getUint16(at + n * 2, little));
    else if (type === 4) numbers.push(tiff.getUint32(at + n * 4, little));
    else if (type === 5) numbers.push(tiff.getUint32(at + n * 8, little) / tiff.getUint32(at + n * 8 + 4, little));
    else return null;
  }
  return numbers;
}

/** @param {DataView} tiff @param {number} at @param {number} count */
function asciiAt(tiff, at, count) {
  let out = "";
  for (let n = 0; n < count; n += 1) {
    const code = tiff.getUint8(at + n);
    if (code === 0) break;
    if (code >= 32 && code < 127) out += String.fromCharCode(code);
  }
  return out.trim();
}

/** @param {ExifValue|undefined} value */
function text(value) {
  return typeof value === "string" ? value : "";
}

/**
 * @param {ExifValue|undefined} parts degrees, minutes, seconds; 0/0 seconds happen and count as 0
 * @param {ExifValue|undefined} reference
 * @param {number} limit
 * @param {string} negative
 */
function coordinate(parts, reference, limit, negative) {
  if (!Array.isArray(parts) || parts.length < 1) return null;
  const [degrees, minutes = 0, seconds = 0] = parts;
  const value = degrees + (Number.isFinite(minutes) ? minutes : 0) / 60 + (Number.isFinite(seconds) ? seconds : 0) / 3600;
  if (!Number.isFinite(value) || value > limit) return null;
  const signed = text(reference).toUpperCase() === negative ? -value : value;
  return Math.round(signed * 1e7) / 1e7;
}

/**
 * @param {string} taken "2026:05:04 09:13:40"
 * @param {string} zone "+07:00" or ""
 * @returns {string|null}
 */
function instantOf(taken, zone) {
  const m = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(taken);
  if (!m || m[1] === "0000") return null;
  const local = `${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}`;
  const date = new Date(/^[+-]\d\d:\d\d$/.test(zone) ? local + zone : local);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
