// @ts-check
/**
 * A draft under the officer's hands: shown at once, on the disk within 300 ms, and at once when
 * the page is hidden, left, or the camera opens. Knows no form.
 */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { readDraft, saveDraft } from "../../storage/drafts.js";

/** @typedef {import("../../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../../storage/database.js").Database} Database */

const PAUSE_MS = 300;

/**
 * @typedef {Object} DraftDesk
 * @property {VisitDraft|null|undefined} draft  undefined: reading; null: there is none
 * @property {() => VisitDraft} current         the newest, also between two renders
 * @property {(change: (draft: VisitDraft) => VisitDraft) => void} change
 * @property {() => Promise<void>} flush        resolves when it is on the disk
 * @property {() => void} forget                save no more: it became a record or was discarded
 * @property {() => boolean} isOver
 * @property {unknown} problem                  why the last save failed; null when it did not
 */

/**
 * @param {Database} db
 * @param {string} id
 * @returns {DraftDesk}
 */
export function useDraft(db, id) {
  const [draft, setDraft] = useState(/** @type {VisitDraft|null|undefined} */ (undefined));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const latest = useRef(/** @type {VisitDraft|null} */ (null));
  const dirty = useRef(false);
  const over = useRef(false);
  const writing = useRef(Promise.resolve());
  const timer = useRef(/** @type {ReturnType<typeof setTimeout>|undefined} */ (undefined));

  const write = async (/** @type {VisitDraft} */ newest) => {
    dirty.current = false;
    try {
      const kept = await saveDraft(db, newest);
      setProblem(kept ? null : t("This visit was saved in another window. What you change here is kept once you save it here too."));
    } catch (error) {
      dirty.current = true;
      setProblem(error);
    }
  };

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    if (dirty.current && !over.current && latest.current) writing.current = write(latest.current);
    // one that the timer began a moment ago is waited for too
    return writing.current;
  }, [db]);

  const change = useCallback((/** @type {(draft: VisitDraft) => VisitDraft} */ edit) => {
    if (!latest.current || over.current) return;
    latest.current = edit(latest.current);
    dirty.current = true;
    setDraft(latest.current);
    clearTimeout(timer.current);
    timer.current = setTimeout(flush, PAUSE_MS);
  }, [flush]);

  useEffect(() => {
    let present = true;
    readDraft(db, id).then(
      (found) => {
        if (!present) return;
        latest.current = found;
        setDraft(found);
      },
      (error) => present && setProblem(error),
    );
    const hidden = () => document.visibilityState === "hidden" && flush();
    document.addEventListener("visibilitychange", hidden);
    window.addEventListener("pagehide", flush);
    return () => {
      present = false;
      document.removeEventListener("visibilitychange", hidden);
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [db, id]);

  const current = () => /** @type {VisitDraft} */ (latest.current);
  const forget = () => {
    over.current = true;
    clearTimeout(timer.current);
  };
  const isOver = () => over.current;
  return { draft, current, change, flush, forget, isOver, problem };
}
