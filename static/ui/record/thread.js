// @ts-check
/** What officer and office said about a visit; a new comment goes the way of all records. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { addComment } from "../../storage/corrections.js";
import { formatTime } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip, Notice } from "../kit/notice.js";
import { runSync } from "../server.js";
import { officer } from "../state.js";
import { savingNow } from "../visit/save.js";
import { storageWords } from "../visit/trouble_words.js";
import { officerDb } from "../work.js";

/** @typedef {import("../../core/types.js").OwnVisit} OwnVisit */
/** @typedef {{id: string, author: string, text: string, at: string, sent: boolean}} Line */

/** Comments saved here and those the office sent, once each. @param {OwnVisit} visit @returns {Line[]} */
export function threadOf(visit) {
  const known = new Set(visit.remote_comments.map((comment) => String(comment.id)));
  const theirs = visit.remote_comments.map((comment) => ({ id: String(comment.id), author: String(comment.author ?? ""), text: String(comment.text ?? ""), at: String(comment.at), sent: true }));
  const mine = visit.comments.filter((record) => !known.has(record.id) && record.state !== "erased").map((record) => ({
    id: record.id, author: officer.peek()?.name ?? "", text: String(JSON.parse(record.payload).text ?? ""), at: record.saved_at, sent: record.state === "acked",
  }));
  return [...theirs, ...mine].sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** @param {{visit: OwnVisit}} props */
export function RecordThread({ visit }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const lines = threadOf(visit);
  const add = async () => {
    if (!text.trim()) return;
    try {
      await addComment(officerDb(), visit.id, text.trim(), await savingNow());
      setText("");
      setProblem(null);
      runSync("save");
    } catch (error) {
      setProblem(storageWords(error) ?? t("The comment could not be saved. Try again."));
    }
  };
  return html`<section class="section" aria-labelledby="thread-title" data-testid="thread">
    <h2 id="thread-title"><${Icon} name="message" />${t("Conversation with the office")}</h2>
    ${lines.length > 0 && html`<ul class="thread">${lines.map((line) => html`<li key=${line.id}><p class="prewrap">${line.text}</p>
      <p class="small soft">${line.author} · ${formatTime(line.at)}</p>${!line.sent && html`<${Chip} icon="saved">${t("Not sent yet")}<//>`}</li>`)}</ul>`}
    <div class="field"><label for="comment">${t("Write to the office about this visit")}</label>
      <textarea id="comment" rows="2" data-testid="comment" value=${text} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)}></textarea></div>
    ${problem && html`<${Notice} tone="bad" live=${true}><span>${problem}</span><//>`}
    <button type="button" class="button" data-testid="comment-add" disabled=${!text.trim()} onClick=${add}>${t("Add comment")}</button>
  </section>`;
}
