// @ts-check
/** Takes in what changed at the office: page by page, each with its cursor in one transaction. */
import { toInstant } from "../core/instants.js";
import { readMeta, writeMeta } from "../storage/meta.js";
import { applyChanges, restartCursor } from "../storage/remote.js";
import { Failure } from "./failure.js";
import { pageArrived } from "./link.js";
import { ask, note } from "./officer_run.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */

/** More pages than this in one run mean a server that never says "no more". */
const MOST_PAGES = 1_000;

/**
 * Read the feed to its end, in pages as large as the link carries well.
 * @param {OfficerRun} run
 * @returns {Promise<void>} throws a Failure
 */
export async function receiveChanges(run) {
  let restarted = false;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const cursor = await readMeta(run.db, "cursor", /** @type {string|null} */ (null));
    const started = run.environment.monotonic();
    let answer;
    try {
      answer = await ask(run, `/changes?cursor=${encodeURIComponent(cursor ?? "")}&limit=${run.link.page_rows}`);
      pageArrived(run.link, run.environment.monotonic() - started);
    } catch (error) {
      if (error instanceof Failure && error.cutOff) pageArrived(run.link, null);
      if (!(error instanceof Failure) || error.code !== "cursor.unknown" || restarted) throw error;
      restarted = true;
      await restartCursor(run.db);
      continue;
    }
    if (!Array.isArray(answer.changes) || typeof answer.cursor !== "string") throw new Failure("unexpected", { code: "changes.malformed" });
    const more = answer.more === true;
    await applyChanges(run.db, { changes: answer.changes, cursor: answer.cursor, more }, toInstant(run.server_now()));
    await writeMeta(run.db, "last_contact_at", toInstant(run.server_now()));
    if (!more) return;
    if (!answer.changes.length && answer.cursor === cursor) break;
  }
  await note(run, "changes_stuck");
}
