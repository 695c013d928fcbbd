// @ts-check
/** Every version and decision of a visit, in order: nothing is ever overwritten. */
import { t } from "../../core/messages.js";
import { labelOf } from "../../core/reference.js";
import { formatTime } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";

/** @typedef {import("../../core/types.js").OwnVisit} OwnVisit */
/** @typedef {{at: string, icon: string, text: string, more: string}} Event */

/** @param {import("../../core/types.js").StoredRecord} record */
function sendText(record) {
  if (record.state === "waiting") return t("Not sent yet.");
  if (record.state === "refused") return t("Not accepted");
  if (record.state === "erased") return t("Erased by the office {time}", { time: formatTime(record.acked_at) });
  if (record.result === "conflict") return t("Kept beside the office's version.");
  return t("Received {time}", { time: formatTime(record.acked_at) });
}

/** @param {import("../../core/types.js").StoredRecord} withdrawal */
function reasonOf(withdrawal) {
  return withdrawal.payload ? String(JSON.parse(withdrawal.payload).reason ?? "") : "";
}

/** @param {OwnVisit} visit @returns {Event[]} oldest first */
export function eventsOf(visit) {
  const saved = visit.revisions.map((record) => ({
    at: record.saved_at, icon: record.revision > 1 ? "edit" : "saved",
    text: record.revision > 1 ? t("Correction {n} saved", { n: record.revision - 1 }) : t("Saved on this phone"),
    more: `${sendText(record)} · ${record.sha256.slice(0, 8)}`,
  }));
  const reviews = visit.reviews.map((review) => ({ at: String(review.at), icon: review.decision === "approved" ? "check" : "returned",
    text: `${labelOf("states", review.decision ?? null)}: ${review.reviewer ?? ""}`, more: String(review.reason ?? "") }));
  const gone = visit.withdrawal ? [{ at: visit.withdrawal.saved_at, icon: "leave", text: t("Withdrawn"), more: [reasonOf(visit.withdrawal), sendText(visit.withdrawal)].filter(Boolean).join(" · ") }] : [];
  return [...saved, ...reviews, ...gone].sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** @param {{visit: OwnVisit}} props */
export function RecordHistory({ visit }) {
  const events = eventsOf(visit);
  if (events.length === 0) return null;
  return html`<section class="section" aria-labelledby="history-title"><h2 id="history-title"><${Icon} name="history" />${t("History")}</h2>
    <ol class="thread" data-testid="history">${events.map((event, n) => html`<li key=${n} class="row row--top"><${Icon} name=${event.icon} />
      <span class="grow"><span class="block strong">${event.text}</span>${event.more && html`<span class="block small prewrap">${event.more}</span>`}<span class="block small soft number">${formatTime(event.at)}</span></span></li>`)}</ol>
  </section>`;
}
