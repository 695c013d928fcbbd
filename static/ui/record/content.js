// @ts-check
/** What a visit's payload says, for reading. Any field may be missing: a payload may be old. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { qualityOf, qualityWord } from "../../core/position.js";
import { QUANTITIES } from "../../core/readings.js";
import { labelOf, publicServices, technologies } from "../../core/reference.js";
import { formatNumber, formatTime } from "../format.js";
import { Dialog } from "../kit/dialog.js";
import { html } from "../kit/html.js";
import { Chip } from "../kit/notice.js";
import { StoredImage } from "../stored_image.js";
import { operatorName, serviceIcon, serviceTone, simPlace } from "../visit/lists.js";

/** @typedef {Object<string, any>} Payload */

/** @param {{payload: Payload}} props */
export function RecordContent({ payload }) {
  const tests = Array.isArray(payload.service_tests) ? payload.service_tests : [];
  const readings = Array.isArray(payload.readings) ? payload.readings : [];
  const photos = Array.isArray(payload.photos) ? payload.photos : [];
  return html`
    <section class="card" aria-labelledby="content-services"><h2 id="content-services">${t("Signal of each operator")}</h2>
      ${tests.length === 0 && html`<p class="soft">${t("No operator was tested.")}</p>`}
      <ul class="list">${tests.map((/** @type {any} */ test, /** @type {number} */ n) => html`<li key=${n} class="row row--top">
        <span class="grow"><strong class="block">${operatorName(test.operator)}</strong><span class="small soft">${simPlace(test)}</span>
          ${readings.filter((/** @type {any} */ reading) => reading.operator === test.operator && reading.handset === test.handset && reading.sim_slot === test.sim_slot)
            .map((/** @type {any} */ reading, /** @type {number} */ m) => html`<span class="small block number" key=${m}>${readingText(reading)}</span>`)}</span>
        <${Chip} tone=${serviceTone(test.result)} icon=${serviceIcon(test.result)}>${labelOf("service_results", test.result)}<//></li>`)}</ul>
    </section>
    <section class="card" aria-labelledby="content-place"><h2 id="content-place">${t("Place")}</h2><${Facts} payload=${payload} /></section>
    ${photos.length > 0 && html`<section class="card" aria-labelledby="content-photos"><h2 id="content-photos">${t("Photos")}</h2><${Photos} photos=${photos} /></section>`}`;
}

/** @param {Payload} reading */
function readingText(reading) {
  const parts = QUANTITIES.filter(([field]) => typeof reading[field] === "number").map(([field, name, unit]) => `${name} ${formatNumber(reading[field], Number.isInteger(reading[field]) ? 0 : 1)} ${unit}`);
  if (typeof reading.bars === "number") parts.push(t("{n} bars", { n: reading.bars }));
  const technology = technologies().find((one) => one.key === reading.technology);
  return [technology ? t(technology.label) : String(reading.technology ?? ""), ...parts].join(" · ");
}

/** @param {Payload|null|undefined} position */
function positionText(position) {
  if (typeof position?.latitude_deg !== "number" || typeof position.longitude_deg !== "number") return t("No position");
  const place = `${position.latitude_deg.toFixed(5)}, ${position.longitude_deg.toFixed(5)}`;
  if (position.method === "manual") return `${place} · ${t("By hand: {reason}", { reason: position.reason ?? "" })}`;
  const accuracy = position.accuracy_m ?? null;
  return accuracy === null ? place : `${place} · ± ${formatNumber(accuracy)} m (${qualityWord(qualityOf(accuracy))})`;
}

/** @param {{payload: Payload}} props */
function Facts({ payload }) {
  const failing = (payload.services_failing ?? []).map((/** @type {string} */ key) => publicServices().find((one) => one.key === key)?.label ?? key);
  /** @type {[string, string][]} */
  const facts = [
    [t("Position"), positionText(payload.position)],
    [t("Stand"), [labelOf("place_kinds", payload.place_kind ?? null), labelOf("settings", payload.setting ?? null)].filter(Boolean).join(", ")],
    [t("Power"), labelOf("power", payload.power ?? null)],
    [t("Residents say"), labelOf("usually_signal", payload.usually_signal ?? null)],
    [t("Fails here"), failing.join(", ")],
    [t("With"), (payload.companions ?? []).join(", ")],
    [t("Begun"), formatTime(payload.started_at)],
    [t("Saved"), formatTime(payload.saved_at)],
    [t("Incomplete because"), payload.incomplete_reason ?? ""],
    [t("Corrected because"), payload.correction_reason ?? ""],
    [t("Note"), payload.note ?? ""],
  ];
  return html`<dl class="facts">${facts.filter(([, value]) => value !== "").map(([name, value]) => html`<dt key=${name}>${name}</dt><dd class="prewrap">${value}</dd>`)}</dl>`;
}

/** @param {{photos: any[]}} props */
function Photos({ photos }) {
  const [open, setOpen] = useState(/** @type {any|null} */ (null));
  return html`<div class="photos">${photos.map((photo, n) => html`<figure class="photo" key=${photo.sha256 ?? n}>
      <button type="button" class="photo__frame" aria-label=${t("Enlarge: {kind}", { kind: labelOf("photo_kinds", photo.kind ?? null) })} onClick=${() => setOpen(photo)}>
        <${StoredImage} sha256=${photo.thumbnail_sha256 ?? photo.sha256} kind="thumbnail" alt="" /></button>
      <figcaption class="small">${labelOf("photo_kinds", photo.kind ?? null)}</figcaption></figure>`)}</div>
    ${open && html`<${Dialog} title=${labelOf("photo_kinds", open.kind ?? null)} onClose=${() => setOpen(null)} testid="photo-viewer">
      <div class="photo__viewer"><${StoredImage} sha256=${open.sha256} kind="photo" alt=${labelOf("photo_kinds", open.kind ?? null)} /></div>
      <p class="small soft">${formatTime(open.taken_at)}</p>
      <button type="button" class="button button--block" onClick=${() => setOpen(null)}>${t("Close")}</button><//>`}`;
}
