// @ts-check
/** UUID version 7 (RFC 9562): sorts by time, so that the server's index grows at its end. */

/** @typedef {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>} Fill */

/** @type {Fill} */
const systemRandom = (bytes) => crypto.getRandomValues(bytes);

/**
 * Make a UUIDv7.
 * @param {number} [nowMs] ms since 1970; a phone set before 1970 counts as 1970
 * @param {Fill} [fill] source of random bytes
 * @returns {string} lower case, with dashes
 */
export function uuidv7(nowMs = Date.now(), fill = systemRandom) {
  const bytes = fill(new Uint8Array(16));
  let rest = Math.min(Math.max(0, Math.floor(nowMs)), 2 ** 48 - 1);
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
