// @ts-check
/**
 * SHA-256 names and the seal that proves who froze a payload. Needs a secure context
 * (crypto.subtle); knows nothing of what it hashes.
 */

const encoder = new TextEncoder();

/** @param {ArrayBuffer} buffer */
function toHex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * SHA-256 of text (as UTF-8) or bytes, in lower hex.
 * @param {string|ArrayBuffer|Uint8Array<ArrayBuffer>} content
 */
export async function sha256Hex(content) {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  return toHex(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * HMAC-SHA256 of a payload under the SHA-256 of the officer's token, in lower hex. The server
 * keeps that same hash and no token, so it can check the seal.
 * @param {string} token
 * @param {string} payload
 */
export async function sealPayload(token, payload) {
  const secret = await crypto.subtle.digest("SHA-256", encoder.encode(token));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return toHex(await crypto.subtle.sign("HMAC", key, encoder.encode(payload)));
}

/**
 * A fresh 256-bit token, base64url without padding.
 * @returns {string}
 */
export function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
