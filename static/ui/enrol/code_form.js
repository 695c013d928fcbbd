// @ts-check
/** The code, the notice on personal data, and what may go wrong on the way. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { toInstant } from "../../core/instants.js";
import { failureText } from "../../core/pill.js";
import { askPersistent } from "../../device/storage_manager.js";
import { ensureBallast } from "../../storage/ballast.js";
import { openDevice, writeSetting } from "../../storage/device.js";
import { loadDuty, setLanguage, takeDuty } from "../duty.js";
import { Check } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { Notice } from "../kit/notice.js";
import { goInstead } from "../router.js";
import { enrolByCode, runSync } from "../server.js";
import { officers } from "../state.js";
import { refreshWork } from "../work.js";
import { storageWords } from "../visit/trouble_words.js";
import { NoticeText } from "./notice_text.js";
import { isWholeCode, showCode } from "./place.js";

/** A browser that decides by itself whether storage is protected has done so long before. */
const ANSWER_MS = 1_000;

/** @param {{code: string, onCode: (code: string) => void}} props */
export function CodeForm({ code, onCode }) {
  const [agreed, setAgreed] = useState(false);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const whole = isWholeCode(code);

  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setTried(true);
    if (!whole || !agreed || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const answer = await enrolByCode(code);
      if (answer.ok) return await welcome(answer.officer);
      setProblem(enrolWords(answer.failure));
    } catch (error) {
      setProblem(storageWords(error) ?? String(error));
    }
    setBusy(false);
  };

  return html`<form class="stack stack--loose" onSubmit=${submit} novalidate data-testid="code-form">
    <div class="field"><label for="code">${t("Code from the office")}</label>
      <input class="code-input" id="code" data-testid="code" value=${code} placeholder=${t("K7MX-42QD")} autocomplete="one-time-code" autocapitalize="characters" spellcheck=${false} enterkeyhint="go"
        aria-invalid=${tried && !whole} aria-describedby="code-hint" onInput=${(/** @type {any} */ event) => onCode(showCode(event.currentTarget.value))} />
      <span id="code-hint" class=${tried && !whole ? "error" : "hint"}>${tried && !whole ? t("The code has eight letters and digits.") : t("Eight letters and digits. Small letters are fine.")}</span></div>
    <section class="card" aria-labelledby="notice-title"><h2 id="notice-title">${t("What is kept about you")}</h2>
      <${NoticeText} />
      <${Check} label=${t("I have read this and agree")} testid="agree" checked=${agreed} onChange=${setAgreed} />
      ${tried && !agreed && html`<span class="error" role="alert">${t("Please read and agree, or ask the office.")}</span>`}</section>
    ${problem && html`<${Notice} tone="bad" live=${true} testid="enrol-problem"><span>${problem}</span><//>`}
    <button type="submit" class="button button--main button--block" data-testid="enrol-submit" aria-disabled=${busy}>${busy ? t("Asking the office…") : t("Enrol this phone")}</button>
  </form>`;
}

/** @param {import("../../core/types.js").Officer} officer */
async function welcome(officer) {
  const device = openDevice();
  const first = officers.value.length === 0;
  await writeSetting(device, "pending_code", "");
  await writeSetting(device, `notice_read.${officer.id}`, toInstant(Date.now()));
  if (first) await setLanguage(officer.language === "en" ? "en" : "id");
  await loadDuty();
  await takeDuty(officer);
  // Firefox asks the officer, who may answer late or never: enrolling goes on
  await Promise.race([askPersistent(), new Promise((resolve) => setTimeout(resolve, ANSWER_MS))]);
  await ensureBallast(device);
  await refreshWork();
  runSync("button");
  goInstead(first ? "ready" : "home");
}

/** @param {{kind: import("../../core/types.js").FailureKind, code: string|null, text: string|null}} failure */
function enrolWords(failure) {
  switch (failure.code) {
    case "enrol.unknown_code":
      return t("This code is not known. Please check it with the office.");
    case "enrol.expired_code":
      return t("This code is too old. Please ask the office for a new one.");
    case "enrol.used_code":
      return t("This code was used on another phone.");
    default:
  }
  if (failure.kind === "no_network") return t("The code is checked at the office: this once a network is needed. Try again when there is one; the code stays good.");
  const { text, todo } = failureText({ kind: failure.kind, code: failure.code, message: failure.text });
  return todo ? `${text.replace(/\.$/, "")}. ${todo}` : text;
}
