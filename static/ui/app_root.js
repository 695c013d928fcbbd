// @ts-check
/**
 * Chooses the screen: nobody enrolled, nobody on duty, else what the address says. Only the screen
 * shown first is loaded with the start; the others come when it stands, before anybody taps.
 */
import { useEffect, useState } from "preact/hooks";
import { t } from "../core/messages.js";
import { Frame } from "./frame.js";
import { html } from "./kit/html.js";
import { Empty, Loading } from "./kit/notice.js";
import { linkTo, route } from "./router.js";
import { language, officer, officers } from "./state.js";

/** @type {Object<string, () => Promise<any>>} */
const LOADERS = {
  home: () => import("./screens/home.js").then((room) => room.Home),
  visit: () => import("./screens/visit.js").then((room) => room.VisitScreen),
  saved: () => import("./screens/saved.js").then((room) => room.Saved),
  mine: () => import("./screens/mine.js").then((room) => room.Mine),
  record: () => import("./screens/record.js").then((room) => room.RecordScreen),
  correct: () => import("./screens/correct.js").then((room) => room.Correct),
  area: () => import("./screens/area.js").then((room) => room.AreaScreen),
  claim: () => import("./screens/claim.js").then((room) => room.Claim),
  ready: () => import("./screens/ready.js").then((room) => room.Ready),
  settings: () => import("./screens/settings.js").then((room) => room.Settings),
  practice: () => import("./screens/settings.js").then((room) => room.Settings),
  cards: () => import("./screens/cards.js").then((room) => room.Cards),
  rescue: () => import("./screens/rescue.js").then((room) => room.Rescue),
  sending: () => import("./screens/sending.js").then((room) => room.Sending),
  who: () => import("./screens/who.js").then((room) => room.Who),
  enrol: () => import("./screens/enrol.js").then((room) => room.Enrol),
  notice: () => import("./screens/notice.js").then((room) => room.NoticeScreen),
};

/** Screens that are here. @type {Map<string, any>} */
const loaded = new Map();

/** @param {string} name */
async function load(name) {
  if (!loaded.has(name)) loaded.set(name, await LOADERS[name]());
}

/** Load the other screens one after the other, when there is time. */
export async function loadOtherScreens() {
  for (const name of Object.keys(LOADERS)) await load(name).catch(() => undefined);
}

/** Which screen the address and the people on this phone lead to. */
function currentScreen() {
  const { name } = route.value;
  if (officers.value.length === 0) return "enrol";
  return officer.value === null && name !== "enrol" ? "who" : name;
}

/** Load the screen that is shown first, so that nothing else travels before it. */
export async function loadFirstScreen() {
  const name = currentScreen();
  if (LOADERS[name]) await load(name);
}

/** Before it is known who is here, the address is a good guess. */
export function loadLikelyScreen() {
  const { name } = route.value;
  if (LOADERS[name]) load(name).catch(() => undefined);
}

export function App() {
  const { args } = route.value;
  const screen = currentScreen();
  // another language or officer: everything is drawn anew
  const key = [language.value, officer.value?.id ?? "", screen, ...args].join(" ");
  return html`<${ScreenOf} key=${key} name=${screen} args=${args} />`;
}

/** @param {{name: string, args: string[]}} props */
function ScreenOf({ name, args }) {
  const [here, setHere] = useState(loaded.has(name));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const Screen = loaded.get(name) ?? (LOADERS[name] ? Waiting : Unknown);
  useEffect(() => {
    // also when it came between drawing and now: nobody else would draw it
    if (!here && LOADERS[name]) load(name).then(() => setHere(true), setProblem);
  }, []);
  useEffect(() => {
    const title = document.querySelector("h1");
    document.title = title ? `${title.textContent} · Jejak Sinyal` : "Jejak Sinyal";
    title?.focus({ preventScroll: true });
  }, [Screen]);
  if (problem !== null) throw problem;
  return html`<${Screen} args=${args} />`;
}

function Waiting() {
  return html`<${Frame} title="Jejak Sinyal"><${Loading} label=${t("Opening…")} /><//>`;
}

function Unknown() {
  return html`<${Frame} title="Jejak Sinyal" back=${true}><${Empty} icon="question" title=${t("There is no such page")}><a class="button" href=${linkTo("home")}>${t("To the home screen")}</a><//><//>`;
}
