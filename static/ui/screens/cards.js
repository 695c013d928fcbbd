// @ts-check
/** "Kartu hari ini" outside the form. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { goBack } from "../router.js";
import { CardPicker } from "../visit/card_picker.js";
import { cards, setCards } from "../work.js";

export function Cards() {
  const [chosen, setChosen] = useState(cards.value.cards);
  const keep = async () => {
    await setCards(chosen);
    goBack();
  };
  return html`<${Frame} title=${t("Cards today")} back=${true}>
    <div class="stack"><p>${t("Which SIM cards are in your bag today? The form opens these operators; the others stay “not tested”.")}</p>
      <${CardPicker} cards=${chosen} onChange=${setChosen} />
      <button type="button" class="button button--main button--block" data-testid="sims-confirm" disabled=${chosen.length === 0} onClick=${keep}><${Icon} name="check" />${t("These are my cards today")}</button></div>
  <//>`;
}
