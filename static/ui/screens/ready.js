// @ts-check
/** Cek siap berangkat: one screen, works offline; its result goes to the office with the next sync. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { toInstant } from "../../core/instants.js";
import { nt, t } from "../../core/messages.js";
import { openDevice, writeSetting } from "../../storage/device.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Loading, Notice } from "../kit/notice.js";
import { CheckAction } from "../ready/actions.js";
import { runChecks } from "../ready/checks.js";
import { KeepData } from "../rescue/offer.js";
import { sync } from "../state.js";
import { work } from "../work.js";

/** @typedef {import("../ready/checks.js").CheckResult} CheckResult */

/** A check that says the same again is news after this long. */
const SAME_AGAIN_MS = 10 * 60_000;
/** @type {{said: string, at_ms: number}} */
let told = { said: "", at_ms: 0 };

/** What the office is told. @param {CheckResult[]} results */
function readinessOf(results) {
  return { at: toInstant(Date.now()), ready: results.every((one) => one.good !== false), checks: Object.fromEntries(results.map((one) => [one.key, one.good])) };
}

export function Ready() {
  const [results, setResults] = useState(/** @type {CheckResult[]|null} */ (null));
  const look = useCallback(async () => {
    const found = await runChecks();
    setResults(found);
    const readiness = readinessOf(found);
    const said = JSON.stringify(readiness.checks);
    if (said === told.said && Date.now() - told.at_ms < SAME_AGAIN_MS) return;
    told = { said, at_ms: Date.now() };
    await writeSetting(openDevice(), "readiness", readiness);
  }, []);
  useEffect(() => {
    look();
  }, [work.value, sync.value?.phase, sync.value?.unsent_records, sync.value?.unsent_files]);
  const todo = results?.filter((one) => one.good === false) ?? [];
  return html`<${Frame} title=${t("Ready to leave?")} place="ready">
    ${!results && html`<${Loading} label=${t("Looking at this phone…")} lines=${5} />`}
    ${results && html`<div class="stack" data-testid="ready">
      ${todo.length === 0
        ? html`<${Notice} tone="good" testid="ready-yes"><strong>${t("Ready. Safe travels.")}</strong><//>`
        : html`<${Notice} tone="warn" testid="ready-no"><strong>${nt("{n} thing to do before you leave", "{n} things to do before you leave", todo.length)}</strong><//>`}
      <div class="card">${results.map((one) => html`<${CheckLine} key=${one.key} result=${one} onDone=${look} />`)}</div>
      <section class="card" aria-labelledby="out-title"><h2 id="out-title">${t("So that nothing is lost on the way")}</h2>
        <${KeepData} />
        <p class="small row row--top"><${Icon} name="power" /><span>${t("Charge the phone, take a power bank.")}</span></p>
        <p class="small row row--top"><${Icon} name="copy" /><span>${t("No network for days? Make a copy each evening: Settings, Rescue.")}</span></p></section>
      <p class="small soft">${t("The result goes to the office with the next sending.")}</p>
    </div>`}
  <//>`;
}

/** @param {{result: CheckResult, onDone: () => void}} props */
function CheckLine({ result, onDone }) {
  const look = result.good === true ? { tone: "good", icon: "check", word: t("Good") } : result.good === false ? { tone: "bad", icon: "cross", word: t("To do") } : { tone: "plain", icon: "question", word: t("Not known") };
  return html`<div class="check-line check-line--${look.tone}" data-testid="check-${result.key}" data-good=${String(result.good)}>
    <span class="check-line__mark"><${Icon} name=${look.icon} /></span>
    <span><strong>${look.word}</strong> · ${result.text}</span>
    ${result.good === false && html`<div class="check-line__act stack stack--tight"><${CheckAction} check=${result.key} onDone=${onDone} /></div>`}
  </div>`;
}
