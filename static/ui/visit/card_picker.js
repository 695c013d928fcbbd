// @ts-check
/** "Kartu hari ini": which SIMs and handsets are in the bag. Set once a day, changed any time. */
import { t } from "../../core/messages.js";
import { choices, operators } from "../../core/reference.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { operatorName } from "./lists.js";

/** @typedef {import("../../core/types.js").SimCard} SimCard */

const SLOTS = [1, 2];

/**
 * A new card goes where there is room: this phone's two slots first, then the office phone's.
 * @param {string} operator
 * @param {SimCard[]} cards
 * @returns {SimCard}
 */
export function nextCard(operator, cards) {
  for (const handset of ["own", "office", "borrowed", "other"]) {
    const slot = SLOTS.find((one) => !cards.some((card) => card.handset === handset && card.sim_slot === one));
    if (slot) return { label: operatorName(operator), operator, handset, sim_slot: slot };
  }
  return { label: operatorName(operator), operator, handset: "other", sim_slot: null };
}

/** @param {{cards: SimCard[], onChange: (cards: SimCard[]) => void}} props */
export function CardPicker({ cards, onChange }) {
  const toggle = (/** @type {string} */ key) => {
    const has = cards.some((card) => card.operator === key);
    onChange(has ? cards.filter((card) => card.operator !== key) : [...cards, nextCard(key, cards)]);
  };
  return html`<div class="stack">
    <div class="options" role="group" aria-label=${t("Operators in my bag today")}>
      ${operators().map(({ key, brand }) => {
        const chosen = cards.some((card) => card.operator === key);
        return html`<button type="button" class="option" key=${key} aria-pressed=${chosen} data-testid="sim-${key}" onClick=${() => toggle(key)}>
          <${Icon} name=${chosen ? "check" : "plus"} /><span class="grow">${brand}</span></button>`;
      })}
    </div>
    ${cards.length > 0 && html`<details data-testid="sim-places">
      <summary>${t("Which phone and slot?")}</summary>
      <div class="stack">
        ${cards.map((card, n) => html`<${CardPlace} key=${n} card=${card} onChange=${(/** @type {SimCard} */ next) => onChange(cards.map((other, m) => (m === n ? next : other)))}
          onRemove=${() => onChange(cards.filter((_, m) => m !== n))} onDouble=${() => onChange([...cards, nextCard(card.operator, cards)])} />`)}
      </div>
    </details>`}
  </div>`;
}

/** @param {{card: SimCard, onChange: (card: SimCard) => void, onRemove: () => void, onDouble: () => void}} props */
function CardPlace({ card, onChange, onRemove, onDouble }) {
  const name = operatorName(card.operator);
  return html`<fieldset class="field card card--sunk">
    <legend class="visually-hidden">${name}</legend>
    <strong aria-hidden="true">${name}</strong>
    <select aria-label=${t("{operator}: in which phone", { operator: name })} value=${card.handset}
      onChange=${(/** @type {any} */ event) => onChange({ ...card, handset: event.currentTarget.value })}>
      ${choices("handsets").map(({ key, label }) => html`<option value=${key} key=${key}>${t(label)}</option>`)}
    </select>
    <select aria-label=${t("{operator}: in which slot", { operator: name })} value=${card.sim_slot === null ? "" : String(card.sim_slot)}
      onChange=${(/** @type {any} */ event) => onChange({ ...card, sim_slot: event.currentTarget.value ? Number(event.currentTarget.value) : null })}>
      ${SLOTS.map((slot) => html`<option value=${String(slot)} key=${slot}>${t("SIM {slot}", { slot })}</option>`)}
      <option value="">${t("Slot not known")}</option>
    </select>
    <span class="cluster">
      <button type="button" class="button button--small" onClick=${onDouble}>${t("A second {operator} card", { operator: name })}</button>
      <button type="button" class="button button--small button--quiet" onClick=${onRemove}>${t("Take out")}</button>
    </span>
  </fieldset>`;
}
