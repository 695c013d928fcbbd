// @ts-check
/** The automatic copy in words: choose a folder, see that it works, give the permission again. */
import { useState } from "preact/hooks";
import { nt, t } from "../../core/messages.js";
import { canChooseFolder } from "../../device/folder.js";
import { allowFolder, copyNow, folderCopy, pickFolder, stopFolder } from "../folder.js";
import { formatTime } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";

/** @typedef {import("../folder.js").FolderCopy} FolderCopy */

/** What stopped the copy. @param {string} trouble */
function troubleText(trouble) {
  switch (trouble) {
    case "permission":
      return t("The automatic copy has stopped: allow it again.");
    case "NotFoundError":
      return t("The folder of the automatic copy is gone.");
    case "QuotaExceededError":
      return t("The folder of the automatic copy is full.");
    default:
      return t("The automatic copy did not work: {error}", { error: trouble });
  }
}

/** @param {FolderCopy} copy what waits, and that it is tried again */
const waitingText = (copy) => (copy.waiting > 0 ? nt("{n} record is not copied yet; saving works all the same.", "{n} records are not copied yet; saving works all the same.", copy.waiting) : "");

/** @param {{copy: FolderCopy}} props */
function Remedy({ copy }) {
  if (copy.trouble === "permission") return html`<button type="button" class="button button--small" data-testid="folder-allow" onClick=${allowFolder}><${Icon} name="lock" />${t("Allow again")}</button>`;
  return html`<button type="button" class="button button--small" data-testid="folder-again" onClick=${copyNow}><${Icon} name="refresh" />${t("Try again")}</button>`;
}

/** One small line where the copy needs a hand; nothing where it works. */
export function FolderLine() {
  const copy = folderCopy.value;
  if (!copy?.trouble) return null;
  return html`<${Notice} tone="warn" icon="copy" testid="folder-line"><span class="small">${troubleText(copy.trouble)} ${waitingText(copy)}</span><${Remedy} copy=${copy} /><//>`;
}

export function FolderCard() {
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const copy = folderCopy.value;
  if (!canChooseFolder()) return null;
  const pick = () => pickFolder().then(() => setProblem(null), (error) => setProblem(error instanceof Error ? error.name : String(error)));
  return html`<section class="card" aria-labelledby="folder-title" data-testid="folder-card"><h2 id="folder-title">${t("Automatic copy")}</h2>
    ${!copy && html`<p>${t("Every visit is copied into a folder of the phone or its memory card the moment it is saved.")}</p>`}
    ${copy && !copy.trouble && html`<${Notice} tone="good" testid="folder-works"><span>${nt("Copies go to “{folder}”: {n} so far.", "Copies go to “{folder}”: {n} so far.", copy.copied, { folder: copy.folder.name })} ${copy.last_at && t("The newest {time}.", { time: formatTime(copy.last_at) })}</span><//>`}
    <${FolderLine} />
    ${problem && html`<p class="small strong" role="status">${t("This folder cannot be used: {error}", { error: problem })}</p>`}
    <div class="cluster"><button type="button" class="button" data-testid="folder-pick" onClick=${pick}><${Icon} name="copy" />${copy ? t("Another folder") : t("Choose a folder")}</button>
      ${copy && html`<button type="button" class="button button--quiet" data-testid="folder-stop" onClick=${stopFolder}>${t("Stop copying")}</button>`}</div>
    <p class="small soft">${t("Whoever holds the phone can read these files. The office takes them as they are.")}</p>
  </section>`;
}
