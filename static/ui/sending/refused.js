// @ts-check
/** What no try will bring over by itself: which record or photo, why, and what to do with it. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { listStuckFiles } from "../../storage/day_records.js";
import { formatTime } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { linkTo } from "../router.js";
import { sync } from "../state.js";
import { officerDb, work } from "../work.js";

/** @typedef {import("../../core/types.js").StoredRecord} StoredRecord */
/** @typedef {Awaited<ReturnType<typeof listStuckFiles>>} StuckFiles */

/** @returns {StoredRecord[]} */
function refusedRecords() {
  const all = (work.value?.visits ?? []).flatMap((visit) => [...visit.revisions, ...visit.comments, ...(visit.withdrawal ? [visit.withdrawal] : [])]);
  return all.filter((record) => record.state === "refused");
}

/** @param {import("../../core/types.js").StoredFile} file */
function fileReason(file) {
  if (file.state === "damaged") return t("The photo is damaged on this phone. What is left of it stays here.");
  if (file.state === "lost") return t("The office asks for this photo, and it is no longer on this phone.");
  return file.refusal === "file.too_large" ? t("The photo is too large for the office.") : t("The office does not take this photo.");
}

export function Refused() {
  const [files, setFiles] = useState(/** @type {StuckFiles} */ ([]));
  useEffect(() => {
    let present = true;
    listStuckFiles(officerDb()).then((found) => present && setFiles(found), () => undefined);
    return () => {
      present = false;
    };
  }, [work.value, sync.value?.phase]);
  const records = refusedRecords();
  const photos = files.filter(({ file }) => file.kind !== "thumbnail");
  if (records.length + photos.length === 0) return null;
  return html`<section class="section" data-testid="refused"><h2>${t("The office did not take this")}</h2>
    ${records.map((record) => html`<${Notice} tone="bad" key=${record.sha256} testid="refused-record">
      <a href=${linkTo("record", record.subject ?? record.id)}><strong>${record.summary.area_name}</strong> · ${formatTime(record.happened_at ?? record.saved_at)}</a>
      <span>${t(record.refusal?.message ?? "")}</span><span class="small mono">${record.refusal?.code}</span><//>`)}
    ${photos.map(({ file, visit_id, area_name }) => html`<${Notice} tone="bad" key=${file.sha256} testid="refused-file">
      <a href=${linkTo("record", visit_id ?? "")}><strong>${area_name}</strong></a><span>${fileReason(file)}</span>${file.refusal && html`<span class="small mono">${file.refusal}</span>`}<//>`)}
    <p class="small">${t("It is safe on this phone. Make a copy in a file and give that and the code to your supervisor. “Send now” tries once more.")}</p>
    <a class="button" href=${linkTo("rescue")} data-testid="refused-copy"><${Icon} name="copy" />${t("Make a copy in a file")}</a>
  </section>`;
}
