// @ts-check
/** Taking a visit back, with a reason: a record of its own, never a deletion. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { withdrawVisit } from "../../storage/corrections.js";
import { Dialog } from "../kit/dialog.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { runSync } from "../server.js";
import { savingNow } from "../visit/save.js";
import { storageWords } from "../visit/trouble_words.js";
import { officerDb } from "../work.js";

/** @param {{visit: import("../../core/types.js").OwnVisit, onClose: () => void}} props */
export function WithdrawDialog({ visit, onClose }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const withdraw = async () => {
    if (!reason.trim()) return setProblem(t("Please say why. A few words are enough."));
    try {
      await withdrawVisit(officerDb(), visit.id, reason.trim(), await savingNow());
      onClose();
      runSync("save");
    } catch (error) {
      setProblem(storageWords(error) ?? t("It could not be saved. Try again."));
    }
  };
  return html`<${Dialog} title=${t("Withdraw this visit?")} onClose=${onClose} testid="withdraw-dialog">
    <p>${t("It stays on record but counts nowhere. Correct it instead if only something in it is wrong.")}</p>
    <div class="field"><label for="withdraw-reason">${t("Why?")}</label>
      <input id="withdraw-reason" data-testid="withdraw-reason" value=${reason} autocomplete="off" aria-invalid=${problem !== null} onInput=${(/** @type {any} */ event) => setReason(event.currentTarget.value)} />
      ${problem && html`<span class="error" role="alert"><${Icon} name="warning" />${problem}</span>`}</div>
    <button type="button" class="button button--danger button--block" data-testid="withdraw-yes" onClick=${withdraw}>${t("Withdraw")}</button>
    <button type="button" class="button button--block" onClick=${onClose}>${t("Keep it")}</button>
  <//>`;
}
