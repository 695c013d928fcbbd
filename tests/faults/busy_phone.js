// What a page of the app does while it is about to be killed: saves visits with photos, saves a
// draft, makes photos smaller and sends, all at once and for ever, through the app's own modules.
// Each write that resolved (`oncomplete`) is told to the witness, a process outside the browser.
async ({ witness, officerId, areaId, pause }) => {
  const src = document.querySelector('script[type="module"]').src;
  const load = (name) => import(new URL(name, src).href);
  const { openDevice, readOfficer } = await load("storage/device.js");
  const { openOfficer } = await load("storage/officer.js");
  const { sha256Hex } = await load("core/digest.js");
  const { addDraftPhoto, saveDraft } = await load("storage/drafts.js");
  const { saveVisit } = await load("storage/records.js");
  const { newDraft } = await load("core/drafts.js");
  const { preparePhoto } = await load("device/camera.js");
  const { runSync } = await load("ui/server.js");
  const { token } = await readOfficer(openDevice(), officerId);
  const db = openOfficer(officerId);

  const tell = (what) => fetch(witness, { method: "POST", mode: "no-cors", body: JSON.stringify(what) }).catch(() => undefined);
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const wrong = (error) => tell({ kind: "wrong", text: String(error) });
  const noise = (size) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    return bytes.buffer;
  };
  const begin = () => newDraft({ area: { id: areaId, claimed: null }, area_name: "Simancuang", campaign_id: null,
                                 practice: false, config_version: 1, phone: { model: null, app_version: "1" } }, Date.now());
  // Saved long enough ago that undo is over and sending may begin at once.
  const saving = () => ({ token, clock: { server_offset_ms: null, server_contact_at: null },
                          nowMs: Date.now() - 20_000, utc_offset_min: 420 });
  const save = async (draft) => {
    const record = await saveVisit(db, { ...draft, place_kind: "centre" }, saving());
    tell({ kind: "saved", id: record.id, sha256: record.sha256, files: record.files });
  };

  const visits = async () => {
    for (;;) {
      const [data, thumbnail] = [noise(40_000 + Math.floor(Math.random() * 80_000)), noise(4_000)];
      const photo = { sha256: await sha256Hex(data), thumbnail_sha256: await sha256Hex(thumbnail), kind: "site", bytes: data.byteLength,
                      width_px: 30, height_px: 40, taken_at: new Date().toISOString(), original: null };
      await save(await addDraftPhoto(db, begin(), { photo, data, thumbnail, type: "image/jpeg" }));
      await sleep(pause);
    }
  };
  const writing = async () => {
    const draft = begin();
    for (let n = 1; ; n += 1) {
      await saveDraft(db, { ...draft, note: String(n) });
      tell({ kind: "draft", id: draft.id, n });
      await sleep(pause);
    }
  };
  const camera = async () => {
    const canvas = new OffscreenCanvas(2400, 1800);
    const pen = canvas.getContext("2d");
    const dot = (side) => {
      pen.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
      pen.fillRect(Math.random() * 2400, Math.random() * 1800, side, side);
    };
    for (let i = 0; i < 200; i += 1) dot(200);
    for (;;) {
      let draft = begin();
      for (let n = 0; n < 3; n += 1) {
        await sleep(pause * 10);
        dot(400); // so that each photo is another
        const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
        const made = await preparePhoto(new File([blob], "hill.jpg", { type: "image/jpeg" }));
        const photo = { ...made.facts, kind: "site" };
        draft = await addDraftPhoto(db, draft, { photo, data: made.bytes, thumbnail: made.thumbnail, type: "image/jpeg" });
        tell({ kind: "photo", id: draft.id, sha256: photo.sha256 });
      }
      await save(draft);
    }
  };
  const sending = async () => {
    for (;;) {
      runSync("button");
      await sleep(100);
    }
  };
  for (const loop of [visits, writing, camera, sending]) loop().catch(wrong);
}
