// @ts-check
/** A position typed by hand, only with a reason: from a map, a GPS device, another phone. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { limit } from "../../core/reference.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";

/** @typedef {import("../../core/types.js").Position} Position */

/**
 * Two numbers out of "-1.5416, 101.2433", "1,5416 LS 101,2433 BT" or two fields.
 * @param {string} text
 * @returns {number[]}
 */
export function coordinatesIn(text) {
  const decimal = /\d,\d+\s*[;\s]/.test(`${text} `) && !/\d\.\d/.test(text) ? text.replace(/(\d),(\d)/g, "$1.$2") : text;
  return [...decimal.matchAll(/(-?\d+(?:\.\d+)?)\s*°?\s*(LS|S|W|BB)?\b/gi)].map(([, digits, side]) => (side ? -Math.abs(Number(digits)) : Number(digits)));
}

/** @param {string} name @param {number|undefined} value */
function outside(name, value) {
  const bounds = limit(name);
  return value === undefined || Number.isNaN(value) || (bounds !== null && (value < bounds.minimum || value > bounds.maximum));
}

/** @param {{onKeep: (position: Position) => void, onCancel: () => void}} props */
export function ManualPosition({ onKeep, onCancel }) {
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [latitude, longitude] = coordinatesIn(text);
  const wrongPlace = outside("latitude_deg", latitude) || outside("longitude_deg", longitude);
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
