// @ts-check
/** Chooses the screen: nobody enrolled, nobody on duty, else what the address says. */
import { useEffect } from "preact/hooks";
import { t } from "../core/messages.js";
import { Frame } from "./frame.js";
import { html } from "./kit/html.js";
import { Empty } from "./kit/notice.js";
import { linkTo, route } from "./router.js";
import { AreaScreen } from "./screens/area.js";
import { Cards } from "./screens/cards.js";
import { Claim } from "./screens/claim.js";
import { Correct } from "./screens/correct.js";
import { Enrol } from "./screens/enrol.js";
import { Home } from "./screens/home.js";
import { Mine } from "./screens/mine.js";
import { NoticeScreen } from "./screens/notice.js";
import { Ready } from "./screens/ready.js";
import { RecordScreen } from "./screens/record.js";
import { Saved } from "./screens/saved.js";
import { Sending } from "./screens/sending.js";
import { Settings } from "./screens/settings.js";
import { VisitScreen } from "./screens/visit.js";
import { Who } from "./screens/who.js";
import { language, officer, officers } from "./state.js";

/** @type {Object<string, any>} */
const SCREENS = {
  home: Home, visit: VisitScreen, saved: Saved, mine: Mine, record: RecordScreen, correct: Correct, area: AreaScreen, claim: Claim,
  ready: Ready, settings: Settings, cards: Cards, sending: Sending, who: Who, enrol: Enrol, notice: NoticeScreen, practice: Settings,
};

export function App() {
  const { name, args } = route.value;
  const screen = officers.value.length === 0 ? "enrol" : officer.value === null && name !== "enrol" ? "who" : name;
  const Screen = SCREENS[screen] ?? Unknown;
  // another language or officer: everything is drawn anew
  const key = [language.value, officer.value?.id ?? "", screen, ...args].join(" ");
  useEffect(() => {
    const title = document.querySelector("h1");
    document.title = title ? `${title.textContent} · Jejak Sinyal` : "Jejak Sinyal";
    title?.focus({ preventScroll: true });
  }, [screen, args.join("/"), language.value]);
  return html`<${Screen} key=${key} args=${args} />`;
}

function Unknown() {
  return html`<${Frame} title="Jejak Sinyal" back=${true}><${Empty} icon="question" title=${t("There is no such page")}><a class="button" href=${linkTo("home")}>${t("To the home screen")}</a><//><//>`;
}
