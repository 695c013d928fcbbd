import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { newDraft } from "../../static/core/drafts.js";
import { freezePayload, VISIT_SCHEMA } from "../../static/core/payload.js";
import { addComment, startCorrection, withdrawVisit } from "../../static/storage/corrections.js";
import { addDraftPhoto } from "../../static/storage/drafts.js";
import { saveVisit } from "../../static/storage/records.js";
import { fullDraft, OTHER_PAYLOADS, PHOTO, SAVED_MS, SAVING, START, THUMBNAIL } from "../golden/golden_phone.mjs";
import { freshPhone } from "./phone_fixture.mjs";

const REMEDY = "a field is gone or changed: see tests/golden/README.md, When a payload changes";
const golden = (name) => JSON.parse(JSON.parse(readFileSync(new URL(`../golden/payloads/${VISIT_SCHEMA}/${name}.json`, import.meta.url))).payload);
/** Made anew at each save. */
const FRESH = new Set(["id", "visit_id"]);

/** Everything that was written then is written today, at its place and in its unit; more may be. */
function assertHolds(today, then, path) {
  if (Array.isArray(then)) {
    assert.equal(today?.length, then.length, `${path}: ${REMEDY}`);
    then.forEach((item, i) => assertHolds(today[i], item, `${path}[${i}]`));
  } else if (then !== null && typeof then === "object") {
    for (const [name, value] of Object.entries(then)) {
      assert.ok(today !== null && typeof today === "object" && name in today, `${path}.${name}: ${REMEDY}`);
      if (FRESH.has(name)) assert.equal(typeof today[name], typeof value, `${path}.${name}: ${REMEDY}`);
      else assertHolds(today[name], value, `${path}.${name}`);
    }
  } else {
    assert.deepEqual(today, then, `${path}: ${REMEDY}`);
  }
}

test("today's app still writes every field of the golden records of its schema", async () => {
  const { db } = freshPhone();
  const [photo] = golden("visit").photos;
  const draft = await addDraftPhoto(db, fullDraft(newDraft(START, SAVED_MS - 211_883)), { photo, data: PHOTO, thumbnail: THUMBNAIL, type: "image/jpeg" }, SAVED_MS);
  const visit = await saveVisit(db, draft, SAVING);
  const opened = await startCorrection(db, visit.id, { reason: "salah tempat", area_name: "Pasia Talang" }, SAVED_MS + 60_000);
  const correction = await saveVisit(db, { ...opened, place_kind: "centre" }, { ...SAVING, nowMs: SAVED_MS + 90_000 });
  const comment = await addComment(db, visit.id, "Jalan putus, tunggu kering.", { ...SAVING, nowMs: SAVED_MS + 120_000 });
  const withdrawal = await withdrawVisit(db, visit.id, "salah jorong", { ...SAVING, nowMs: SAVED_MS + 150_000 });
  for (const [name, record] of Object.entries({ visit, visit_correction: correction, comment, withdrawal })) {
    assertHolds(JSON.parse(record.payload), golden(name), name);
  }
});

test("the encoding of tracks has not changed", () => {
  for (const [name, payload] of Object.entries(OTHER_PAYLOADS)) assertHolds(JSON.parse(freezePayload(payload)), golden(name), name);
});
