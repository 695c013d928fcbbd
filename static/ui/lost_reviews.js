// @ts-check
/** Says that the office's server was restored and forgot decisions; nothing is to be done here. */
import { useEffect, useState } from "preact/hooks";
import { nt, t } from "../core/messages.js";
import { readMeta, writeMeta } from "../storage/meta.js";
import { LOST_REVIEWS } from "../storage/remote.js";
import { html } from "./kit/html.js";
import { Notice } from "./kit/notice.js";
import { officerDb } from "./work.js";

/** @param {{held: import("./work.js").Work}} props */
export function LostReviews({ held }) {
  const [count, setCount] = useState(0);
  useEffect(() => {
    // A storage that does not answer is said elsewhere.
    readMeta(officerDb(), LOST_REVIEWS, 0).then(setCount, () => undefined);
  }, [held]);
  if (count === 0) return null;
  const understood = () => writeMeta(officerDb(), LOST_REVIEWS, 0).then(() => setCount(0));
  return html`<${Notice} tone="warn" icon="history" testid="lost-reviews" live=${true}>
    <strong>${t("The office's server was restored from a copy.")}</strong>
    <span>${nt("{n} decision of the office was lost and is made again.", "{n} decisions of the office were lost and are made again.", count)} ${t("Your visits and photos go up again by themselves; you need not do anything.")}</span>
    <div><button type="button" class="button" data-testid="lost-reviews-read" onClick=${understood}>${t("Understood")}</button></div>
  <//>`;
}
