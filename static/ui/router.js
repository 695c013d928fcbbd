// @ts-check
/**
 * Where the officer is, from the address's fragment: "#visit/<id>" is {name: "visit", args: [id]}.
 * The server never sees a fragment, so an enrolment code in it stays on the phone.
 */
import { signal } from "@preact/signals";

/** @typedef {{name: string, args: string[]}} Route */

/**
 * @param {string} hash "#visit/<id>" or "#enrol=<code>"
 * @returns {Route}
 */
export function parseRoute(hash) {
  const path = hash.replace(/^#\/?/, "");
  if (path === "") return { name: "home", args: [] };
  const enrol = /^enrol=(.*)$/.exec(path);
  if (enrol) return { name: "enrol", args: [safeDecode(enrol[1])] };
  const [name, ...args] = path.split("/").map(safeDecode);
  return { name, args };
}

/** @param {string} text */
function safeDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const route = signal(parseRoute(location.hash));

/** How many pages of ours lie behind this one; kept in the history itself, so it outlives a reload. */
const depth = () => Number(history.state?.depth ?? 0);
if (history.state?.depth === undefined) history.replaceState({ depth: 0 }, "");
let before = depth();

window.addEventListener("hashchange", () => {
  // a page new to the history has no state yet
  if (history.state?.depth === undefined) history.replaceState({ depth: before + 1 }, "");
  arrive();
});

function arrive() {
  before = depth();
  route.value = parseRoute(location.hash);
  window.scrollTo(0, 0);
}

/** @param {string} name @param {...string} args @returns {string} "#visit/<id>" */
export function linkTo(name, ...args) {
  return `#${[name, ...args].map(encodeURIComponent).join("/")}`;
}

/** @param {string} name @param {...string} args */
export function go(name, ...args) {
  location.hash = linkTo(name, ...args);
}

/** Go without leaving the present page in the history. @param {string} name @param {...string} args */
export function goInstead(name, ...args) {
  history.replaceState({ depth: depth() }, "", linkTo(name, ...args));
  arrive();
}

/** Back to the page before; home when the app was opened here. */
export function goBack() {
  if (depth() > 0) history.back();
  else goInstead("home");
}
