// @ts-check
/** A position typed by hand, only with a reason: from a map, a GPS device, another phone. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { limit } from "../../core/reference.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { coordinatesIn } from "./coordinates.js";

/** @typedef {import("../../core/types.js").Position} Position */

/** @param {string} name @param {number|undefined} value */
function outside(name, value) {
  const bounds = limit(name);
  return value === undefined || Number.isNaN(value) || (bounds !== null && (value < bounds.minimum || value > bounds.maximum));
}

/** The position said back, so that a forgotten minus is seen. @param {number} latitude @param {number} longitude */
function readAs(latitude, longitude) {
  const south = latitude < 0 ? t("{degrees}° south", { degrees: -latitude }) : t("{degrees}° north", { degrees: latitude });
  const east = longitude < 0 ? t("{degrees}° west", { degrees: -longitude }) : t("{degrees}° east", { degrees: longitude });
  return `${south}, ${east}`;
}

/** @param {{onKeep: (position: Position) => void, onCancel: () => void}} props */
export function ManualPosition({ onKeep, onCancel }) {
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const numbers = coordinatesIn(text);
  const [latitude, longitude] = numbers;
  const wrongPlace = numbers.length !== 2 || outside("latitude_deg", latitude) || outside("longitude_deg", longitude);
  const wrongReason = reason.trim() === "";

  const keep = () => {
    setTried(true);
    if (wrongPlace || wrongReason) return;
    onKeep({
      latitude_deg: latitude, longitude_deg: longitude, accuracy_m: null, altitude_m: null,
      fixes: 0, position_time: null, method: "manual", reason: reason.trim(),
    });
  };

  return html`<div class="stack" data-testid="manual-position">
    <div class="field">
      <label for="manual-coordinates">${t("Latitude and longitude")}</label>
      <input id="manual-coordinates" data-testid="manual-coordinates" inputmode="text" autocomplete="off" placeholder="-1.5416, 101.2433"
        value=${text} aria-invalid=${tried && wrongPlace} aria-describedby="manual-coordinates-note"
        onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} />
      <span class=${tried && wrongPlace ? "error" : "hint"} id="manual-coordinates-note">
        ${tried && wrongPlace ? t("Type both numbers, like -1.5416, 101.2433.") : t("From a map, a GPS device or another phone. South is negative.")}</span>
      ${!wrongPlace && html`<span class="strong number" data-testid="manual-read">${readAs(latitude, longitude)}</span>`}
    </div>
    <div class="field">
      <label for="manual-reason">${t("Why by hand?")}</label>
      <input id="manual-reason" data-testid="manual-reason" value=${reason} aria-invalid=${tried && wrongReason}
        onInput=${(/** @type {any} */ event) => setReason(event.currentTarget.value)} />
      ${tried && wrongReason && html`<span class="error"><${Icon} name="warning" />${t("Please say why.")}</span>`}
    </div>
    <div class="cluster">
      <button type="button" class="button" data-testid="manual-save" onClick=${keep}>${t("Use this position")}</button>
      <button type="button" class="button button--quiet" onClick=${onCancel}>${t("Cancel")}</button>
    </div>
  </div>`;
}
