// @ts-check
/** Beginning a visit: a draft on the disk first, then its form. */
import { newDraft, nextPointDraft } from "../core/drafts.js";
import { reference } from "../core/reference.js";
import { phoneModel } from "../device/install.js";
import { saveDraft } from "../storage/drafts.js";
import { go, goInstead } from "./router.js";
import { practice } from "./state.js";
import { officerDb, work } from "./work.js";

/** @typedef {import("../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../core/types.js").OwnVisit} OwnVisit */

/** The version in the shell's head: the one the officer runs, not the newest. */
export function appVersion() {
  return document.querySelector('meta[name="app-version"]')?.getAttribute("content") ?? "";
}

/** @param {string|null} areaId @returns {string|null} the campaign of the assignment here, else the only open one */
function campaignFor(areaId) {
  if (practice.value) return reference().practice_campaign_id ?? null;
  const held = work.value;
  const assigned = held?.assignments.find((assignment) => assignment.area_id === areaId);
  if (assigned?.campaign_id) return assigned.campaign_id;
  const open = (held?.campaigns ?? []).filter((campaign) => !campaign.practice && !campaign.closed_at);
  return open.length === 1 ? open[0].id : null;
}

/**
 * @param {{area: VisitDraft["area"], area_name: string}} place
 * @param {{replace?: boolean}} [options] `replace`: the form takes this page's place in the history
 */
export async function beginVisit(place, { replace = false } = {}) {
  const draft = newDraft(
    {
      ...place,
      campaign_id: campaignFor(place.area.id),
      practice: practice.value,
      config_version: reference().config_version ?? 1,
      phone: { model: await phoneModel(), app_version: appVersion() },
    },
    Date.now(),
  );
  await saveDraft(officerDb(), draft);
  (replace ? goInstead : go)("visit", draft.id);
}

/** "Titik berikutnya di jorong ini". @param {OwnVisit} visit just saved */
export async function beginNextPoint(visit) {
  const newest = visit.revisions.at(-1);
  if (!newest?.payload) return;
  const payload = JSON.parse(newest.payload);
  const draft = nextPointDraft({ ...payload, area_name: visit.area_name }, Date.now());
  await saveDraft(officerDb(), draft);
  goInstead("visit", draft.id);
}
