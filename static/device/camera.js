// @ts-check
/**
 * Makes of one camera file the photo that travels: first reads what the original says of itself,
 * then decodes it once, draws it small, and lets it go. One photo in memory at a time.
 * Must not know of drafts or of storage.
 */

import { sha256Hex } from "../core/digest.js";
import { readExif } from "./exif.js";

/** @typedef {import("../core/types.js").Photo} Photo */
/** @typedef {{side_px: number, bytes: number, thumbnail_bytes: number}} PhotoLimits */
/** @typedef {{facts: Omit<Photo, "kind">, bytes: ArrayBuffer, thumbnail: ArrayBuffer}} PreparedPhoto */

/** @type {PhotoLimits} */
export const PHOTO_LIMITS = { side_px: 1600, bytes: 350_000, thumbnail_bytes: 12_000 };
const THUMBNAIL_SIDE_PX = 320;
const QUALITIES = [0.82, 0.72, 0.62, 0.52, 0.42];

/** Thrown when the browser cannot open the file as a picture. */
export class UnreadablePhoto extends Error {}

/** @type {Promise<unknown>} */
let queue = Promise.resolve();

/**
 * @param {File} file
 * @param {PhotoLimits} [limits]
 * @returns {Promise<PreparedPhoto>} rejects with UnreadablePhoto
 */
export function preparePhoto(file, limits = PHOTO_LIMITS) {
  const turn = queue.then(() => prepare(file, limits));
  queue = turn.catch(() => undefined);
  return turn;
}

/**
 * @param {File} file
 * @param {PhotoLimits} limits
 * @returns {Promise<PreparedPhoto>}
 */
async function prepare(file, limits) {
  const original = await readOriginal(file);
  const bitmap = await decode(file);
  try {
    const full = await encodeWithin(bitmap, limits.side_px, limits.bytes);
    const small = await encodeWithin(bitmap, THUMBNAIL_SIDE_PX, limits.thumbnail_bytes);
    const bytes = await full.blob.arrayBuffer();
    const thumbnail = await small.blob.arrayBuffer();
    return {
      bytes,
      thumbnail,
      facts: {
        sha256: await sha256Hex(bytes),
        thumbnail_sha256: await sha256Hex(thumbnail),
        bytes: bytes.byteLength,
        width_px: full.width,
        height_px: full.height,
        taken_at: original.taken_at,
        original: original.facts,
      },
    };
  } finally {
    bitmap.close();
  }
}

/**
 * A photo from the gallery was taken when its EXIF says; one from the camera now.
 * @param {File} file
 */
async function readOriginal(file) {
  const buffer = await file.arrayBuffer();
  const exif = readExif(buffer);
  const lastChange = file.lastModified > 0 ? new Date(file.lastModified).toISOString() : new Date().toISOString();
  return {
    taken_at: exif.exif_time ?? lastChange,
    facts: { sha256: await sha256Hex(buffer), bytes: buffer.byteLength, ...exif },
  };
}

/** @param {Blob} file @returns {Promise<ImageBitmap>} upright, as EXIF says */
async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    throw new UnreadablePhoto(error instanceof Error ? error.message : "not a picture");
  }
}

/**
 * The best JPEG that fits: lower the quality first, then the size.
 * @param {ImageBitmap} bitmap
 * @param {number} side longest side, px
 * @param {number} mostBytes
 */
async function encodeWithin(bitmap, side, mostBytes) {
  for (let scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height)); ; scale *= 0.8) {
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const canvas = draw(bitmap, width, height);
    for (const quality of QUALITIES) {
      const blob = await toJpeg(canvas, quality);
      if (blob.size <= mostBytes || Math.max(width, height) < 64) return { blob, width, height };
    }
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @param {number} width
 * @param {number} height
 * @returns {HTMLCanvasElement}
 */
function draw(bitmap, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { alpha: false });
  if (!pen) throw new UnreadablePhoto("no canvas");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} quality
 * @returns {Promise<Blob>}
 */
function toJpeg(canvas, quality) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new UnreadablePhoto("no JPEG"))), "image/jpeg", quality);
  });
}

/** @returns {Promise<boolean|null>} whether the phone has a camera; null when the browser won't say */
export async function hasCamera() {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.some((device) => device.kind === "videoinput");
  } catch {
    return null;
  }
}
