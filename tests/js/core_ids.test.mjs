import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { newToken, sealPayload, sha256Hex } from "../../static/core/digest.js";
import { localDay, toInstant, toMs } from "../../static/core/instants.js";
import { uuidv7 } from "../../static/core/uuid.js";

const filled = (value) => (bytes) => bytes.fill(value);

test("a UUIDv7 carries its time, version and variant", () => {
  const id = uuidv7(Date.parse("2026-05-04T02:14:41.003Z"), filled(0xff));
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(parseInt(id.replaceAll("-", "").slice(0, 12), 16), Date.parse("2026-05-04T02:14:41.003Z"));
});

test("UUIDv7s sort by time, whatever their random part", () => {
  assert.ok(uuidv7(1000, filled(0xff)) < uuidv7(1001, filled(0x00)));
});

test("a phone whose clock stands before 1970 or far ahead still gets an id", () => {
  for (const ms of [-1, 0, 2 ** 48 - 1, 2 ** 48]) assert.match(uuidv7(ms), /^[0-9a-f-]{36}$/);
  assert.equal(uuidv7(-1, filled(0)).slice(0, 13), "00000000-0000");
});

test("two ids of one millisecond differ", () => {
  assert.notEqual(uuidv7(5), uuidv7(5));
});

test("the hash is that of the UTF-8 bytes", async () => {
  assert.equal(await sha256Hex("Pasia é 😀"), createHash("sha256").update("Pasia é 😀", "utf8").digest("hex"));
  const bytes = new Uint8Array([0, 255, 10]);
  assert.equal(await sha256Hex(bytes.buffer), createHash("sha256").update(bytes).digest("hex"));
});

test("the seal is an HMAC under the hash of the token, as the server can make it", async () => {
  const token = newToken();
  const key = createHash("sha256").update(token).digest();
  assert.equal(await sealPayload(token, '{"a":1}'), createHmac("sha256", key).update('{"a":1}').digest("hex"));
});

test("a token has 256 bits in base64url", () => {
  assert.match(newToken(), /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(newToken(), newToken());
});

test("a day is the office's calendar day, not UTC's", () => {
  assert.equal(localDay("2026-05-03T16:59:59.999Z", "Asia/Jakarta"), "2026-05-03");
  assert.equal(localDay("2026-05-03T17:00:00.000Z", "Asia/Jakarta"), "2026-05-04");
  assert.equal(localDay("2026-05-03T17:00:00.000Z", "No/Where"), "2026-05-03");
});

test("instants have milliseconds and Z, and come back", () => {
  assert.equal(toInstant(1777860881003), "2026-05-04T02:14:41.003Z");
  assert.equal(toMs("2026-05-04T02:14:41.003Z"), 1777860881003);
  assert.ok(Number.isNaN(toMs(null)));
});
