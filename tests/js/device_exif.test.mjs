import assert from "node:assert/strict";
import { test } from "node:test";
import { readExif } from "../../static/device/exif.js";

const NOTHING = { exif_time: null, exif_latitude_deg: null, exif_longitude_deg: null, model: null };

/** A JPEG that holds only an EXIF block, little-endian. `entries` are directories by name. */
function jpegWith({ main = [], exif = [], gps = [] }) {
  const directories = { main: [...main], exif, gps };
  const at = { main: 8 };
  const sizeOf = (list) => 2 + list.length * 12 + 4;
  const pointers = (exif.length ? 1 : 0) + (gps.length ? 1 : 0);
  at.exif = at.main + 2 + (main.length + pointers) * 12 + 4;
  at.gps = at.exif + sizeOf(exif);
  if (exif.length) directories.main.push([0x8769, 4, at.exif]);
  if (gps.length) directories.main.push([0x8825, 4, at.gps]);
  let heap = at.gps + sizeOf(gps);
  const tiff = new DataView(new ArrayBuffer(4096));
  tiff.setUint16(0, 0x4949);
  tiff.setUint16(2, 42, true);
  tiff.setUint32(4, at.main, true);
  for (const name of ["main", "exif", "gps"]) {
    if (name !== "main" && directories[name].length === 0) continue;
    tiff.setUint16(at[name], directories[name].length, true);
    directories[name].forEach(([tag, type, value], n) => {
      const entry = at[name] + 2 + n * 12;
      tiff.setUint16(entry, tag, true);
      tiff.setUint16(entry + 2, type, true);
      if (type === 4) {
        tiff.setUint32(entry + 4, 1, true);
        tiff.setUint32(entry + 8, value, true);
      } else if (type === 2) {
        const text = `${value}\0`;
        tiff.setUint32(entry + 4, text.length, true);
        const start = text.length <= 4 ? entry + 8 : heap;
        [...text].forEach((letter, m) => tiff.setUint8(start + m, letter.charCodeAt(0)));
        if (start === heap) heap += text.length;
        if (start !== entry + 8) tiff.setUint32(entry + 8, start, true);
      } else {
        tiff.setUint32(entry + 4, value.length, true);
        tiff.setUint32(entry + 8, heap, true);
        for (const [top, bottom] of value) {
          tiff.setUint32(heap, top, true);
          tiff.setUint32(heap + 4, bottom, true);
          heap += 8;
        }
      }
    });
  }
  const bytes = new Uint8Array(12 + heap + 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xffd8);
  view.setUint16(2, 0xffe1);
  view.setUint16(4, heap + 8);
  view.setUint32(6, 0x45786966);
  bytes.set(new Uint8Array(tiff.buffer, 0, heap), 12);
  view.setUint16(12 + heap, 0xffd9);
  return bytes.buffer;
}

const SOUTH_EAST = [[1, 2, "S"], [2, 5, [[1, 1], [32, 1], [30, 1]]], [3, 2, "E"], [4, 5, [[101, 1], [14, 1], [36, 1]]]];

test("time with zone, position and model are read", () => {
  const facts = readExif(jpegWith({ main: [[0x0110, 2, "Redmi 9A"]], exif: [[0x9003, 2, "2026:05:04 09:13:40"], [0x9011, 2, "+07:00"]], gps: SOUTH_EAST }));
  assert.equal(facts.exif_time, "2026-05-04T02:13:40.000Z");
  assert.equal(facts.model, "Redmi 9A");
  assert.ok(Math.abs(Number(facts.exif_latitude_deg) + 1.5416667) < 1e-6);
  assert.ok(Math.abs(Number(facts.exif_longitude_deg) - 101.2433333) < 1e-6);
});

test("a time without zone is the phone's own time", () => {
  const facts = readExif(jpegWith({ exif: [[0x9003, 2, "2026:05:04 09:13:40"]] }));
  assert.equal(facts.exif_time, new Date("2026-05-04T09:13:40").toISOString());
});

test("seconds of 0/0 count as none", () => {
  const gps = [[1, 2, "S"], [2, 5, [[1, 1], [30, 1], [0, 0]]], [3, 2, "E"], [4, 5, [[101, 1], [0, 1], [0, 0]]]];
  assert.equal(readExif(jpegWith({ gps })).exif_latitude_deg, -1.5);
});

test("0,0 is what phones write without a position", () => {
  const gps = [[1, 2, "N"], [2, 5, [[0, 1], [0, 1], [0, 1]]], [3, 2, "E"], [4, 5, [[0, 1], [0, 1], [0, 1]]]];
  assert.equal(readExif(jpegWith({ gps })).exif_latitude_deg, null);
});

test("a latitude over 90 and a date of 1999:99:99 are no facts", () => {
  const gps = [[1, 2, "S"], [2, 5, [[4294967295, 1], [0, 1], [0, 1]]], [3, 2, "E"], [4, 5, [[101, 1], [0, 1], [0, 1]]]];
  const facts = readExif(jpegWith({ exif: [[0x9003, 2, "1999:99:99 99:99:99"]], gps }));
  assert.equal(facts.exif_time, null);
  assert.equal(facts.exif_latitude_deg, null);
  assert.equal(facts.exif_longitude_deg, null);
});

test("damage of any kind gives nothing and no error", () => {
  const whole = new Uint8Array(jpegWith({ main: [[0x0110, 2, "Redmi 9A"]], exif: [[0x9003, 2, "2026:05:04 09:13:40"]], gps: SOUTH_EAST }));
  for (let length = 0; length < whole.length; length += 1) {
    assert.doesNotThrow(() => readExif(whole.slice(0, length).buffer));
  }
  for (let at = 0; at < whole.length; at += 1) {
    const damaged = whole.slice();
    damaged[at] = 0xff;
    assert.doesNotThrow(() => readExif(damaged.buffer));
  }
  assert.deepEqual(readExif(new TextEncoder().encode("<html>not a photo</html>").buffer), NOTHING);
});
