// @ts-check
/**
 * The work of the officer on duty as the screens need it: areas, assignments, drafts, visits.
 * Read from the phone's storage, and again whenever storage or a sync changed it.
 */
import { effect, signal } from "@preact/signals";
import { operators, reference, useReference } from "../core/reference.js";
import { onStorageChange } from "../storage/database.js";
import { readCards, openDevice, writeCards } from "../storage/device.js";
import { listDrafts } from "../storage/drafts.js";
import { OFFICER_DATABASE, openOfficer } from "../storage/officer.js";
import { listRemote } from "../storage/remote.js";
import { listOwnVisits } from "../storage/visits.js";
import { indexAreas } from "./areas.js";
import { today } from "./duty.js";
import { route } from "./router.js";
import { officer } from "./state.js";
import { toRescue } from "./to_rescue.js";

/** @typedef {import("../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../core/types.js").OwnVisit} OwnVisit */
/** @typedef {import("../core/types.js").SimCard} SimCard */

/**
 * @typedef {Object} Work
 * @property {string} officer_id
 * @property {import("./areas.js").AreaIndex} areas
 * @property {Object<string, any>[]} assignments
 * @property {Object<string, any>[]} campaigns
 * @property {VisitDraft[]} drafts
 * @property {OwnVisit[]} visits
 */

/** null: not read yet. */
export const work = signal(/** @type {Work|null} */ (null));
/** Storage could not be read: the text of the error. */
export const workProblem = signal(/** @type {string|null} */ (null));
/** "Kartu hari ini"; `confirmed` when they were set today. */
export const cards = signal(/** @type {{cards: SimCard[], confirmed: boolean}} */ ({ cards: [], confirmed: false }));

/** The database of the officer on duty. */
export function officerDb() {
  if (!officer.value) throw new Error("nobody is on duty");
  return openOfficer(officer.value.id);
}

/** @type {Promise<void>|null} */
let reading = null;
let again = false;
/** Areas hardly ever change and are many: read once, and after a sync named them. */
let areasStale = true;
/** @type {import("./areas.js").AreaIndex|null} */
let heldAreas = null;

/** Read everything again; calls that come meanwhile share one further reading. */
export function refreshWork() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = readWork()
    .catch((error) => {
      if (toRescue(error)) return;
      workProblem.value = error instanceof Error ? error.message : String(error);
    })
    .finally(() => {
      reading = null;
      if (again) {
        again = false;
        refreshWork();
      }
    });
  return reading;
}

async function readWork() {
  const person = officer.peek();
  if (!person) {
    work.value = null;
    heldAreas = null;
    return;
  }
  const db = openOfficer(person.id);
  const mine = work.peek()?.officer_id === person.id;
  if (areasStale || !mine || !heldAreas) {
    heldAreas = indexAreas(await listRemote(db, "area"));
    addOfficeOperators(await listRemote(db, "operator"));
    areasStale = false;
  }
  const [assignments, campaigns, drafts, visits] = await Promise.all([
    listRemote(db, "assignment"),
    listRemote(db, "campaign"),
    listDrafts(db),
    listOwnVisits(db, { limit: 500 }),
  ]);
  await readTodaysCards();
  if (officer.peek()?.id !== person.id) return;
  workProblem.value = null;
  work.value = { officer_id: person.id, areas: heldAreas, assignments, campaigns, drafts, visits };
}

/** @param {Object<string, any>[]} rows operators that this office added to the list */
function addOfficeOperators(rows) {
  const known = operators();
  const added = rows.filter((row) => !known.some((one) => one.key === row.id)).map((row) => ({ key: String(row.id), brand: String(row.brand) }));
  if (added.length > 0) useReference({ ...reference(), operators: [...known, ...added] });
}

async function readTodaysCards() {
  const found = await readCards(openDevice(), today());
  cards.value = { cards: found?.cards ?? [], confirmed: found?.day === today() };
}

/** @param {SimCard[]} chosen */
export async function setCards(chosen) {
  await writeCards(openDevice(), { day: today(), cards: chosen });
  cards.value = { cards: chosen, confirmed: true };
}

/**
 * Follow storage: what another tab, the sync or a save changed shows at once. An open form saves
 * with every touch and shows none of the lists, so they are read again when it is left.
 */
export function followStorage() {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let stale = false;
  const inForm = () => route.peek().name === "visit";
  onStorageChange(({ database, stores }) => {
    if (!officer.peek() || database !== OFFICER_DATABASE + officer.peek()?.id) return;
    if (stores.includes("remote")) areasStale = true;
    if (stores.every((store) => ["log", "meta", "file_data"].includes(store))) return;
    stale = true;
    clearTimeout(timer);
    if (!inForm()) timer = setTimeout(read, 120);
  });
  effect(() => {
    if (route.value.name !== "visit" && stale) read();
  });

  function read() {
    stale = false;
    refreshWork();
  }
}
