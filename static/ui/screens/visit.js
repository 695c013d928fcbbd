// @ts-check
/** The visit form: a short scroll of cards over one draft, and Save below. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { discardDraft } from "../../storage/drafts.js";
import { runSync } from "../server.js";
import { Frame } from "../frame.js";
import { Dialog } from "../kit/dialog.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Empty, Loading, Notice } from "../kit/notice.js";
import { goInstead, linkTo } from "../router.js";
import { cards, officerDb, setCards, work } from "../work.js";
import { CorrectionBanner } from "../visit/correction_banner.js";
import { MoreSection } from "../visit/more_section.js";
import { PhotoSection } from "../visit/photo_section.js";
import { PlaceSection } from "../visit/place_section.js";
import { PositionCard } from "../visit/position_card.js";
import { IncompleteDialog, QuestionDialog } from "../visit/save_dialogs.js";
import { lookOver, missingIn, saveNow, withClock } from "../visit/save.js";
import { ServicesSection } from "../visit/services_section.js";
import { storageWords } from "../visit/trouble_words.js";
import { useDraft } from "../visit/use_draft.js";
import { useStand } from "../visit/use_stand.js";

/** @typedef {import("../../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../visit/use_draft.js").DraftDesk} DraftDesk */

/** @param {{args: string[]}} props */
export function VisitScreen({ args }) {
  const db = useMemo(officerDb, []);
  const desk = useDraft(db, args[0]);
  if (desk.draft && work.value) return html`<${Form} desk=${desk} draft=${desk.draft} key=${desk.draft.id} />`;
  return html`<${Frame} title=${t("Visit")} back=${true} bare=${true}>
    ${desk.draft === null
      ? html`<${Empty} icon="note" title=${t("This draft is not here any more")}><span>${t("It was saved or thrown away. Saved visits are under “Visits”.")}</span>
          <a class="button" href=${linkTo("mine")}>${t("My visits")}</a><//>`
      : html`<${Loading} label=${t("Opening the draft…")} lines=${4} />`}
    ${desk.problem !== null && html`<${Notice} tone="bad"><span>${storageWords(desk.problem) ?? String(desk.problem)}</span><//>`}
  <//>`;
}

/** A look lasts no longer than this; a position that took longer was waited for. */
const GLANCE_MS = 20_000;

/** Nothing was filled in but what the phone does by itself. @param {VisitDraft} draft */
function isUntouched(draft) {
  const glance = Date.now() - Date.parse(draft.started_at) < GLANCE_MS && draft.position?.method !== "manual";
  const answers = [draft.place_kind, draft.setting, draft.power, draft.usually_signal, glance ? null : draft.position, draft.note, draft.correction];
  const lists = [draft.service_tests, draft.readings, draft.photos, draft.services_failing];
  return answers.every((answer) => !answer) && lists.every((list) => list.length === 0);
}

/** @param {{desk: DraftDesk, draft: VisitDraft}} props */
function Form({ desk, draft }) {
  const [asking, setAsking] = useState(/** @type {"incomplete"|"question"|"discard"|null} */ (null));
  const [look, setLook] = useState(/** @type {ReturnType<typeof lookOver>|null} */ (null));
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  const edit = (/** @type {Partial<VisitDraft>} */ part) => desk.change((now) => ({ ...now, ...part }));
  const keepPosition = (/** @type {VisitDraft["position"]} */ position) => edit({ position });
  const stand = useStand(draft.position, keepPosition);

  const finish = async (/** @type {string|null} */ reason) => {
    stand.stop();
    try {
      await desk.flush();
      const record = await saveNow({ ...desk.current(), incomplete_reason: reason });
      desk.forget();
      goInstead("saved", record.id);
      runSync("save");
    } catch (error) {
      setAsking(null);
      setProblem(storageWords(error) ?? (error instanceof Error ? error.message : String(error)));
    }
  };
  const save = () => {
    if (draft.correction && !draft.correction.reason?.trim()) return document.getElementById("correction-reason")?.focus();
    const found = lookOver(desk.current());
    setLook(found);
    if (found.missing.length > 0) return setAsking("incomplete");
    return found.questions.length > 0 ? setAsking("question") : finish(null);
  };
  useEffect(() => desk.change(withClock), []);
  // also by the phone's own back button: a form that was only looked at leaves nothing behind
  useEffect(() => () => {
    if (!desk.isOver() && isUntouched(desk.current())) {
      desk.forget();
      discardDraft(officerDb(), draft.id).catch(() => undefined);
    }
  }, []);
  const discard = async () => {
    stand.stop();
    desk.forget();
    await discardDraft(officerDb(), draft.id);
    goInstead("home");
  };

  return html`<${Frame} title=${draft.area_name || t("Visit")} back=${true} bare=${true} practising=${draft.practice}>
    <div class="stack" data-testid="visit-form">
      ${draft.correction && html`<${CorrectionBanner} draft=${draft} onReason=${(/** @type {string} */ reason) => desk.change((now) => (now.correction ? { ...now, correction: { ...now.correction, reason } } : now))} />`}
      <${PositionCard} position=${draft.position} stand=${stand} onKeep=${keepPosition} />
      <${ServicesSection} draft=${draft} cards=${cards.value} onDraft=${desk.change} onCards=${setCards} />
      <${PlaceSection} draft=${draft} onChange=${edit} />
      <${PhotoSection} desk=${desk} photos=${draft.photos} />
      <${MoreSection} draft=${draft} onChange=${edit} />
      <button type="button" class="button button--quiet" data-testid="discard" onClick=${() => setAsking("discard")}><${Icon} name="trash" />${draft.correction ? t("Drop this correction") : t("Throw this draft away")}</button>
      ${desk.problem !== null && html`<${Notice} tone="bad" testid="draft-problem" live=${true}><span>${storageWords(desk.problem) ?? String(desk.problem)}</span><//>`}
      <${SaveBar} missing=${missingIn(draft)} problem=${problem} onSave=${save} />
    </div>
    ${look && asking === "incomplete" && html`<${IncompleteDialog} missing=${look.missing} questions=${look.questions} reason=${draft.incomplete_reason} onSave=${finish} onClose=${() => setAsking(null)} />`}
    ${look && asking === "question" && html`<${QuestionDialog} questions=${look.questions} similar=${look.similar} onSave=${() => finish(null)} onClose=${() => setAsking(null)} />`}
    ${asking === "discard" && html`<${Dialog} title=${t("Throw this draft away?")} onClose=${() => setAsking(null)} testid="discard-dialog">
      <p>${t("Its answers and photos go. This cannot be undone.")}</p>
      <button type="button" class="button button--danger button--block" data-testid="discard-yes" onClick=${discard}>${t("Throw away")}</button>
      <button type="button" class="button button--block" onClick=${() => setAsking(null)}>${t("Keep it")}</button>
    <//>`}
  <//>`;
}

/** Where each missing thing is asked. @type {Object<string, string>} */
const CARD_OF = { position: "position-title", service_tests: "services-title", place_kind: "place-title" };

/** @param {{missing: import("../../core/types.js").Warning[], problem: string|null, onSave: () => void}} props */
function SaveBar({ missing, problem, onSave }) {
  const first = missing[0];
  const show = () => document.getElementById(CARD_OF[first.field] ?? "")?.scrollIntoView({ block: "center", behavior: "smooth" });
  return html`<div class="savebar stack stack--tight">
    ${problem && html`<${Notice} tone="bad" testid="save-problem" live=${true}><strong>${t("Not saved.")}</strong><span>${problem}</span><//>`}
    ${first && html`<button type="button" class="save-missing" data-testid="save-missing" onClick=${show}><${Icon} name="warning" /><span>${first.message}${missing.length > 1 && ` (+${missing.length - 1})`}</span></button>`}
    <button type="button" class="button ${first ? "button--tall" : "button--main"} button--block" data-testid="save" onClick=${onSave}><${Icon} name=${first ? "note" : "check"} />${first ? t("Save incomplete…") : t("Save visit")}</button>
  </div>`;
}
