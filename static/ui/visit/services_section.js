// @ts-check
/** Service per operator: the cards of the day first, then one panel a SIM, one open at a time. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { operators } from "../../core/reference.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { CardPicker } from "./card_picker.js";
import { readingOf, simKey, simsOfForm, testOf, withNoSignal, withoutResult, withReading, withResult } from "./edit.js";
import { operatorName } from "./lists.js";
import { OperatorCard } from "./operator_card.js";

/** @typedef {import("../../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../../core/types.js").SimCard} SimCard */

/**
 * @param {{draft: VisitDraft, cards: {cards: SimCard[], confirmed: boolean}, onDraft: (change: (draft: VisitDraft) => VisitDraft) => void,
 *   onCards: (cards: SimCard[]) => void}} props `confirmed`: set for today, not only left from an earlier day
 */
export function ServicesSection({ draft, cards, onDraft, onCards }) {
  const [picking, setPicking] = useState(!cards.confirmed && draft.service_tests.length === 0);
  const [chosen, setChosen] = useState(cards.cards);
  const confirm = () => {
    onCards(chosen);
    setPicking(false);
  };
  return html`<section class="card" aria-labelledby="services-title" data-testid="services-card">
    <h2 id="services-title">${t("Signal of each operator")}</h2>
    ${picking
      ? html`<p>${t("Which SIM cards are in your bag today? Asked once a day.")}</p>
          <${CardPicker} cards=${chosen} onChange=${setChosen} />
          <button type="button" class="button button--main button--block" data-testid="sims-confirm" disabled=${chosen.length === 0} onClick=${confirm}>
            <${Icon} name="check" />${t("These are my cards today")}</button>`
      : html`<${Tests} draft=${draft} cards=${cards.cards} onDraft=${onDraft} onPick=${() => { setChosen(cards.cards); setPicking(true); }} />`}
  </section>`;
}

/** @param {{draft: VisitDraft, cards: SimCard[], onDraft: (change: (draft: VisitDraft) => VisitDraft) => void, onPick: () => void}} props */
function Tests({ draft, cards, onDraft, onPick }) {
  const sims = simsOfForm(cards, draft);
  const untested = sims.filter((sim) => !testOf(draft, sim));
  const onlyNone = draft.service_tests.every((test) => test.result === "none");
  // undefined: the first SIM without an answer opens by itself
  const [chosen, setOpen] = useState(/** @type {string|null|undefined} */ (undefined));
  const open = chosen === undefined ? (untested[0] ? simKey(untested[0]) : null) : chosen;
  const choose = (/** @type {import("./edit.js").Sim} */ sim, /** @type {string|null} */ result) => {
    onDraft((now) => (result === null ? withoutResult(now, sim) : withResult(now, sim, result, Date.now())));
    if (result !== null) setOpen(testOf(draft, sim) ? null : undefined);
  };
  const noSignal = () => {
    onDraft((now) => withNoSignal(now, sims, Date.now()));
    setOpen(undefined);
  };
  const absent = operators().filter(({ key }) => !sims.some((sim) => sim.operator === key));
  return html`
    ${untested.length > 0 && onlyNone && html`<button type="button" class="button button--block" data-testid="no-signal-all" onClick=${noSignal}>
      <${Icon} name="signal-off" />${t("No signal from any of my cards")}</button>`}
    <div class="stack stack--tight">
      ${sims.map((sim) => html`<${OperatorCard} key=${simKey(sim)} sim=${sim} test=${testOf(draft, sim)} reading=${readingOf(draft, sim)}
        open=${open === simKey(sim)} onToggle=${() => setOpen(open === simKey(sim) ? null : simKey(sim))}
        onResult=${(/** @type {string|null} */ result) => choose(sim, result)}
        onReading=${(/** @type {any} */ reading) => onDraft((now) => withReading(now, sim, reading))} />`)}
    </div>
    ${absent.length > 0 && html`<p class="small soft">${t("Not tested: {operators}", { operators: absent.map(({ key }) => operatorName(key)).join(", ") })}</p>`}
    <button type="button" class="link-button" data-testid="sims-change" onClick=${onPick}>${t("Change cards")}</button>`;
}
