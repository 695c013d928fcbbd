// @ts-check
/** The end of the day: everything goes up first, then phone and office count the same records. */
import { useState } from "preact/hooks";
import { failureText } from "../../core/failures.js";
import { nt, t } from "../../core/messages.js";
import { reference } from "../../core/reference.js";
import { timeNow } from "../clock.js";
import { today } from "../duty.js";
import { formatClock, formatTime } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { linkTo } from "../router.js";
import { finishSync, syncEnvironment } from "../server.js";
import { officer, sync } from "../state.js";

/** @typedef {import("../../sync/tally.js").Tally} Tally */
/** @typedef {import("../../storage/day_records.js").RecordRow} RecordRow */
/** @typedef {{step: "sending"|"asking"}|{step: "failed", words: string}|{step: "done", tally: Tally, same: boolean, at_ms: number}} Answer */

/** Send, compare, and where the office lacked something, send that and compare once more. @param {(answer: Answer) => void} tell @param {string|null} day */
async function compare(tell, day) {
  const environment = syncEnvironment();
  if (!environment || !officer.value) return;
  const [{ agrees, dayTally }, { closesTheWay }] = await Promise.all([import("../../sync/tally.js"), import("../../sync/failure.js")]);
  for (let round = 0; ; round += 1) {
    tell({ step: "sending" });
    await finishSync();
    const failure = sync.peek()?.failure;
    if (failure && closesTheWay(failure.kind)) return tell({ step: "failed", words: wordsOf(failure) });
    tell({ step: "asking" });
    const tally = await dayTally(environment, officer.value, day, reference().timezone ?? "UTC");
    if (!tally.more || round > 0) return tell({ step: "done", tally, same: agrees(tally), at_ms: timeNow() });
  }
}

/** @param {import("../../core/types.js").FailureFacts} failure */
function wordsOf(failure) {
  const { text, todo } = failureText(failure);
  return [text, todo].filter(Boolean).join(". ");
}

export function DayTally() {
  const [answer, setAnswer] = useState(/** @type {Answer|null} */ (null));
  const ask = (/** @type {string|null} */ day) => compare(setAnswer, day).catch(() => setAnswer({ step: "failed", words: t("The office could not be asked. Try again with a network.") }));
  const busy = answer?.step === "sending" || answer?.step === "asking";
  const paused = Boolean(sync.value?.paused_at);
  const wrong = answer?.step === "failed" || (answer?.step === "done" && !answer.same);
  return html`<section class="section"><h2>${t("End of the day")}</h2>
    <button type="button" class="button" data-testid="tally" disabled=${busy || paused} onClick=${() => ask(today())}><${Icon} name="check" />${t("Compare today with the office")}</button>
    ${answer?.step === "sending" && html`<p class="soft" role="status">${t("Sending first…")}</p>`}
    ${answer?.step === "asking" && html`<p class="soft" role="status">${t("Asking the office…")}</p>`}
    ${answer?.step === "failed" && html`<${Notice} tone="warn" live=${true} testid="tally-answer"><span>${answer.words}</span><//>`}
    ${answer?.step === "done" && html`<${Result} ...${answer} />
      <button type="button" class="button button--quiet" data-testid="tally-all" onClick=${() => ask(null)}>${t("Compare all that is on this phone")}</button>`}
    <a class="button ${wrong ? "button--main" : ""}" href=${linkTo("rescue")} data-testid="sending-rescue"><${Icon} name="copy" />${t("Make a copy in a file")}</a>
  </section>`;
}

/** @param {{tally: Tally, same: boolean, at_ms: number}} props */
function Result({ tally, same, at_ms }) {
  return html`<${Notice} tone=${same ? "good" : "warn"} live=${true} testid="tally-answer">
    <span data-phone=${tally.phone} data-office=${tally.server} data-same=${String(same)} data-testid="tally-counts">${t("At {time}:", { time: formatClock(at_ms) })} <strong>${t("Records: phone {phone}, office {server}.", { phone: tally.phone, server: tally.server })}</strong>
      ${tally.photos_phone > 0 && ` ${t("Photos: phone {phone}, office {server}.", { phone: tally.photos_phone, server: tally.photos_server })}`}</span>
    <span>${same ? t("They match.") : t("They do not match yet.")}</span>
    ${tally.restored && html`<span>${t("The office works with a backup. The phone sends everything it still has again.")}</span>`}
    <${Rows} rows=${tally.unsent} text=${t("not sent yet")} />
    <${Rows} rows=${tally.again} text=${t("was missing at the office, goes again")} />
    <${Rows} rows=${tally.refused} text=${t("the office does not take it")} />
    ${tally.files_on_way > 0 && html`<span>${nt("{n} photo is still on its way.", "{n} photos are still on their way.", tally.files_on_way)}</span>`}
    ${tally.files_again > 0 && html`<span>${nt("{n} photo was missing at the office and goes again.", "{n} photos were missing at the office and go again.", tally.files_again)}</span>`}
    ${tally.files_gone > 0 && html`<span>${nt("{n} photo is missing at the office and is not whole on this phone. Tell your supervisor.", "{n} photos are missing at the office and are not whole on this phone. Tell your supervisor.", tally.files_gone)}</span>`}
  <//>`;
}

const ROWS_SHOWN = 20;

/** @param {{rows: RecordRow[], text: string}} props */
function Rows({ rows, text }) {
  return html`${rows.slice(0, ROWS_SHOWN).map((row) => html`<a key=${row.sha256} href=${linkTo("record", row.subject ?? row.id)}>${row.summary.area_name} · ${formatTime(row.happened_at)}: ${text}</a>`)}
    ${rows.length > ROWS_SHOWN && html`<span>${t("and {n} more", { n: rows.length - ROWS_SHOWN })}</span>`}`;
}
