// @ts-check
/** Photos of the visit: the draft is on the disk before the camera opens, each photo at once after. */
import { useRef, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { reference } from "../../core/reference.js";
import { PHOTO_LIMITS, preparePhoto } from "../../device/camera.js";
import { addDraftPhoto, removeDraftPhoto } from "../../storage/drafts.js";
import { formatBytes } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { StoredImage } from "../stored_image.js";
import { officerDb } from "../work.js";
import { optionsOf } from "./lists.js";
import { storageWords } from "./trouble_words.js";

/** @typedef {import("../../core/types.js").Photo} Photo */

/** @returns {import("../../device/camera.js").PhotoLimits} */
function limits() {
  const wire = reference().wire ?? {};
  return {
    side_px: Number(wire.photo_side_px ?? PHOTO_LIMITS.side_px),
    bytes: Number(wire.photo_target_bytes ?? PHOTO_LIMITS.bytes),
    thumbnail_bytes: Number(wire.thumbnail_bytes ?? PHOTO_LIMITS.thumbnail_bytes),
  };
}

/** @param {{desk: import("./use_draft.js").DraftDesk, photos: Photo[]}} props */
export function PhotoSection({ desk, photos }) {
  const [busy, setBusy] = useState(0);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));

  const add = async (/** @type {File[]} */ files) => {
    setProblem(null);
    setBusy(files.length);
    for (const file of files) {
      try {
        const made = await preparePhoto(file, limits());
        await desk.flush();
        const photo = { ...made.facts, kind: "site" };
        const next = await addDraftPhoto(officerDb(), desk.current(), { photo, data: made.bytes, thumbnail: made.thumbnail, type: "image/jpeg" });
        desk.change((draft) => ({ ...draft, photos: next.photos }));
      } catch (error) {
        setProblem(storageWords(error) ?? t("{name} cannot be opened as a photo. Take another one.", { name: file.name }));
      }
      setBusy((left) => left - 1);
    }
  };
  const setKind = (/** @type {Photo} */ photo, /** @type {string} */ kind) =>
    desk.change((draft) => ({ ...draft, photos: draft.photos.map((other) => (other.sha256 === photo.sha256 ? { ...other, kind } : other)) }));
  const remove = async (/** @type {Photo} */ photo) => {
    const next = await removeDraftPhoto(officerDb(), desk.current(), photo.sha256);
    desk.change((draft) => ({ ...draft, photos: next.photos }));
  };

  return html`<section class="card" aria-labelledby="photos-title" data-testid="photos-card">
    <h2 id="photos-title">${t("Photos")}</h2>
    <p class="small soft">${t("The place, the screen as proof, a tower in view. Please no faces and no house numbers.")}</p>
    <div class="options">
      <${PickButton} icon="camera" label=${t("Camera")} capture=${true} testid="photo-camera" desk=${desk} onFiles=${add} />
      <${PickButton} icon="image" label=${t("From gallery")} capture=${false} testid="photo-gallery" desk=${desk} onFiles=${add} />
    </div>
    ${busy > 0 && html`<p role="status" data-testid="photo-busy">${t("Making the photo smaller…")}</p>`}
    ${problem && html`<${Notice} tone="bad" testid="photo-problem" live=${true}><span>${problem}</span><//>`}
    ${photos.length > 0 && html`<div class="photos">
      ${photos.map((photo) => html`<${PhotoCard} key=${photo.sha256} photo=${photo} onKind=${(/** @type {string} */ kind) => setKind(photo, kind)} onRemove=${() => remove(photo)} />`)}
    </div>`}
  </section>`;
}

/** @param {{icon: string, label: string, capture: boolean, testid: string, desk: import("./use_draft.js").DraftDesk, onFiles: (files: File[]) => void}} props */
function PickButton({ icon, label, capture, testid, desk, onFiles }) {
  const input = useRef(/** @type {HTMLInputElement|null} */ (null));
  const open = async () => {
    await desk.flush();
    input.current?.click();
  };
  const chosen = (/** @type {any} */ event) => {
    const files = [...event.currentTarget.files];
    event.currentTarget.value = "";
    if (files.length > 0) onFiles(files);
  };
  return html`<button type="button" class="option" data-testid="${testid}-button" onClick=${open}><${Icon} name=${icon} /><span class="grow">${label}</span></button>
    <input hidden type="file" accept="image/*" capture=${capture ? "environment" : undefined} multiple=${!capture} ref=${input} data-testid=${testid} aria-label=${label} onChange=${chosen} />`;
}

/** @param {{photo: Photo, onKind: (kind: string) => void, onRemove: () => void}} props */
function PhotoCard({ photo, onKind, onRemove }) {
  const kinds = optionsOf("photo_kinds");
  const kind = kinds.find((one) => one.key === photo.kind)?.label ?? photo.kind;
  return html`<figure class="photo" data-testid="photo">
    <span class="photo__frame"><${StoredImage} sha256=${photo.thumbnail_sha256} kind="thumbnail" alt=${kind} /></span>
    <select aria-label=${t("What the photo shows")} value=${photo.kind} data-testid="photo-kind" onChange=${(/** @type {any} */ event) => onKind(event.currentTarget.value)}>
      ${kinds.map(({ key, label }) => html`<option value=${key} key=${key}>${label}</option>`)}
    </select>
    <figcaption class="row row--between"><span class="tiny soft number">${formatBytes(photo.bytes)}</span>
      <button type="button" class="button button--icon button--quiet" aria-label=${t("Remove this photo")} data-testid="photo-remove" onClick=${onRemove}><${Icon} name="trash" /></button>
    </figcaption>
  </figure>`;
}
