// @ts-check
/** The position card of the form: accuracy as number, word, colour and icon; time; remedies. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { qualityOf, qualityWord } from "../../core/position.js";
import { question } from "../../core/reference.js";
import { formatClock, formatElapsed, formatNumber } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { GpsTrouble } from "./gps_trouble.js";
import { ManualPosition } from "./manual_position.js";

/** @typedef {import("../../core/types.js").Position} Position */
/** @typedef {import("./use_stand.js").Stand} Stand */

/** @type {Object<string, {tone: string, icon: string}>} */
const LOOK = {
  good: { tone: "good", icon: "check" },
  fair: { tone: "warn", icon: "gps" },
  poor: { tone: "bad", icon: "warning" },
  approximate: { tone: "bad", icon: "warning" },
  none: { tone: "info", icon: "gps" },
};

/** @param {{position: Position|null, stand: Stand, onKeep: (position: Position|null) => void}} props */
export function PositionCard({ position, stand, onKeep }) {
  const [byHand, setByHand] = useState(false);
  const kept = !stand.measuring && position !== null;
  const body = () => {
    if (byHand) {
      return html`<${ManualPosition} onCancel=${() => setByHand(false)}
        onKeep=${(/** @type {Position} */ typed) => { stand.stop(); onKeep(typed); setByHand(false); }} />`;
    }
    if (stand.measuring) return html`<${Measuring} stand=${stand} position=${position} />`;
    return kept ? html`<${Kept} position=${position} />` : html`<${NotStarted} onStart=${stand.start} />`;
  };
  return html`<section class="card" aria-labelledby="position-title" data-testid="position-card">
    <h2 id="position-title">${t("Position")}</h2>
    ${body()}
    ${!byHand && html`<div class="cluster">
      ${kept && html`<button type="button" class="button button--small" data-testid="position-again" onClick=${stand.start}>
        <${Icon} name="refresh" />${t("Measure again")}</button>`}
      ${(stand.measuring || position === null) && html`<button type="button" class="button button--quiet button--small" data-testid="position-by-hand"
        onClick=${() => setByHand(true)}>${t("Type it by hand")}</button>`}
    </div>`}
  </section>`;
}

/** @param {{onStart: () => void}} props */
function NotStarted({ onStart }) {
  return html`<p class="soft">${t("The phone will ask to use its location. Choose “Precise” and “While using the app”.")}</p>
    <button type="button" class="button button--main button--block" data-testid="position-start" onClick=${onStart}>
      <${Icon} name="gps" />${t("Take the position")}</button>`;
}

/** @param {{position: Position|null, searching?: boolean}} props number, word, colour, icon */
function Gauge({ position, searching = false }) {
  const quality = qualityOf(position?.accuracy_m ?? null);
  const look = LOOK[position?.method === "manual" ? "fair" : quality];
  const accuracy = position?.accuracy_m ?? null;
  const word = position?.method === "manual" ? t("By hand") : qualityWord(quality);
  return html`<div class="gauge gauge--${look.tone} ${searching ? "gauge--searching" : ""}" data-quality=${quality}>
    <span class="gauge__ring"><${Icon} name=${look.icon} large=${true} /></span>
    ${accuracy !== null && html`<span class="huge" data-testid="position-accuracy">± ${formatNumber(accuracy, accuracy < 10 ? 1 : 0)} m</span>`}
    <strong data-testid="position-word">${word}</strong>
  </div>`;
}

/** @param {{position: Position|null}} props */
function Coordinates({ position }) {
  if (!position || position.latitude_deg === null || position.longitude_deg === null) return null;
  const parts = [`${position.latitude_deg.toFixed(5)}, ${position.longitude_deg.toFixed(5)}`];
  if (position.altitude_m !== null) parts.push(t("{height} m above sea", { height: formatNumber(position.altitude_m) }));
  return html`<p class="small number soft" data-testid="position-coordinates">${parts.join(" · ")}</p>`;
}

/** @param {{stand: Stand, position: Position|null}} props */
function Measuring({ stand, position }) {
  const measure = stand.measure;
  const target = question("accuracy_target_m") ?? 10;
  const patience = question("fix_patience_s") ?? 120;
  const elapsed = measure?.elapsed_s ?? 0;
  const found = measure?.position ?? null;
  return html`<div class="stack">
    ${found && html`<${Gauge} position=${found} searching=${true} /><${Coordinates} position=${found} />
      <p class="number" data-testid="position-progress">${t("{fixes} measurements in {time}. Aim: ± {target} m. Stand still.", { fixes: measure?.fixes ?? 0, time: formatElapsed(elapsed), target })}</p>`}
    ${stand.gps !== "fixed" && html`<${GpsTrouble} stand=${stand} />`}
    ${found && (measure?.may_take
      ? html`<button type="button" class="button button--block" data-testid="position-take" onClick=${stand.take}>
          <${Icon} name="check" />${t("Take what there is (± {accuracy} m)", { accuracy: formatNumber(found.accuracy_m ?? 0) })}</button>`
      : html`<p class="small soft">${t("“Take what there is” comes in {time}. You can fill in the rest meanwhile.", { time: formatElapsed(Math.max(0, patience - elapsed)) })}</p>`)}
  </div>`;
}

/** @param {{position: Position}} props */
function Kept({ position }) {
  const from = position.method === "manual"
    ? t("By hand: {reason}", { reason: position.reason ?? "" })
    : t("{fixes} measurements, {time}", { fixes: position.fixes, time: position.position_time ? formatClock(position.position_time) : "" });
  return html`<div class="stack stack--tight" data-testid="position-kept">
    <${Gauge} position=${position} /><${Coordinates} position=${position} /><p class="small soft">${from}</p>
  </div>`;
}
