// @ts-check
/**
 * What a text says: which number belongs to which name, and to which network. It judges no value;
 * a number that may belong to two names belongs to none. The same steps are in
 * survey/domain/typed_statements.py.
 */
import { tokensOf } from "./typed_words.js";

/** @typedef {import("./typed_words.js").Token} Token */

/**
 * A number with what it is said to be: `name` is a quantity, "signal" for a level without a name,
 * "" for a number without any. `dash`: its minus may be a hyphen. `networks`: empty when not said.
 * @typedef {{name: string, nr: boolean, antenna: boolean, value: number, sign: string, unit: string, unclear: boolean, dash: boolean, networks: string[]}} Statement
 *
 * `bare`: numbers without a name. `doubtful`: near a name, which may be theirs. `unnamed`: behind a
 * name that is not known. `modern`: the text is of an Android that writes whole dB.
 * @typedef {{said: Statement[], bare: Statement[], doubtful: Statement[], unnamed: Statement[], asu: Statement[], modern: boolean}} Statements
 */

/** @typedef {Token & {broken: boolean, dash: boolean}} Item `broken`: behind a word that says nothing */
/** @typedef {{labels: Item[], numbers: Item[]}} Group */

/** Phones write these for "not available". */
const NOT_AVAILABLE = [2147483647, 2147483646];
const UNKNOWN_ASU = [99, 255];
const LEVELS = ["rsrp", "rscp", "rssi", "rxlev", "signal", ""];

/** Labels and numbers in order, each with its networks. @param {Token[]} tokens @returns {Item[]} */
function itemsOf(tokens) {
  /** @type {Item[]} */
  const items = [];
  const spoken = new Set(tokens.filter((token) => token.kind === "network").map((token) => token.networks.join()));
  // the only network named is that of the whole text, wherever it stands
  let here = spoken.size === 1 ? [...spoken][0].split(",") : /** @type {string[]} */ ([]);
  let gathering = false;
  let broken = false;
  for (const token of tokens) {
    if (token.kind === "network") {
      here = gathering ? [...here, ...token.networks] : token.networks;
      gathering = true;
    } else if (token.kind === "word" && !token.closed) {
      broken = true;
    } else {
      const last = items.at(-1);
      // "SINR-3", "SINR - 3": a minus or a hyphen?
      const dash = token.sign === "-" && last?.kind === "label" && (last.end === token.start || token.spaced);
      items.push({ ...token, ...(token.kind === "word" ? { kind: "label", name: "unknown" } : {}), networks: here, broken, dash });
      broken = false;
      if (token.kind === "number") gathering = false;
    }
  }
  return items;
}

/** @param {Item} number @param {Item|null} label @returns {Statement} */
function statement(number, label) {
  const { value, sign, unit, unclear, dash, networks } = number;
  return { name: label?.name ?? "", nr: label?.nr ?? false, antenna: label?.antenna ?? false, value, sign, unit, unclear, dash, networks };
}

/** Runs of names, each with the run of numbers behind it. @param {Item[]} items @returns {Group[]} */
function groupsOf(items) {
  /** @type {Group[]} */
  const groups = [{ labels: [], numbers: [] }];
  for (const item of items) {
    const group = groups[groups.length - 1];
    if (item.kind === "number") group.numbers.push(item);
    else if (group.numbers.length === 0) group.labels.push(item);
    else groups.push({ labels: [item], numbers: [] });
  }
  return groups;
}

/** A level is far below zero, a ratio near it. @param {Statement} one */
const plausible = ({ name, value }) => (LEVELS.includes(name) ? value <= -24 && value >= -156 : name === "sinr" || name === "rssnr" ? value >= -23 && value <= 40 : value >= -43 && value <= 0);

/** "-108 dBm RSRP, -12 dB RSRQ": names behind their numbers. @param {Group[]} groups @returns {Statement[]|null} */
function readBackwards(groups) {
  const ends = groups[groups.length - 1];
  if (groups.length < 2 || groups[0].labels.length > 0 || groups[0].numbers.length === 0 || ends.numbers.length > 0) return null;
  const pairs = groups.slice(1).flatMap(({ labels }, n) => (labels.length === 1 && groups[n].numbers.length === 1 ? [statement(groups[n].numbers[0], labels[0])] : []));
  return pairs.length === groups.length - 1 ? pairs : null;
}

/** Names in a row above their numbers: "RSRP/RSRQ: -108/-12", but not "SINR level=2". @param {Item[]} labels */
const isHeader = (labels) => labels.every((label) => !label.closed) || labels.every((label) => label.name !== "other" && label.name !== "unknown");

/** @param {Group} group @param {Statements} out */
function readGroup({ labels, numbers }, out) {
  const names = labels.length > 1 ? labels.filter((label) => label.name !== "signal") : labels;
  const known = names.filter((label, n) => n === names.length - 1 || !label.closed);
  const last = known[known.length - 1];
  if (!last) return void out.bare.push(...numbers.map((number) => statement(number, null)));
  if (known.length === 1) {
    const [first, ...more] = numbers.map((number) => statement(number, last));
    if (!first) return;
    if (last.name === "other") return;
    if (last.name === "unknown") return void out.unnamed.push(first, ...more);
    (numbers[0].broken ? out.doubtful : out.said).push(first);
    out.bare.push(...more.map((one) => ({ ...one, name: "", nr: false, antenna: false })));
  } else if (known.length === numbers.length && !numbers.some((number) => number.broken) && isHeader(known)) {
    numbers.forEach((number, n) => known[n].name !== "other" && (known[n].name === "unknown" ? out.unnamed : out.said).push(statement(number, known[n])));
  } else {
    out.doubtful.push(...numbers.map((number) => statement(number, last)));
  }
}

/** Say what a text says. @param {string} text @returns {Statements} */
export function statementsOf(text) {
  const tokens = tokensOf(text);
  const items = itemsOf(tokens);
  /** @type {Statements} */
  const out = { said: [], bare: [], doubtful: [], unnamed: [], asu: [], modern: /cqitableindex/i.test(text) };
  const rest = items.filter((item) => item.unit !== "asu");
  items.filter((item) => item.unit === "asu").forEach((item) => out.asu.push(statement(item, null)));
  const groups = groupsOf(rest);
  groups.forEach((group) => readGroup(group, out));
  const backwards = readBackwards(groups);
  if (backwards?.every(plausible)) {
    const forwards = [...out.said, ...out.bare, ...out.doubtful, ...out.unnamed].every(plausible);
    Object.assign(out, { said: forwards ? [] : backwards, bare: [], doubtful: forwards ? backwards : [], unnamed: [] });
  }
  out.asu.push(...out.said.filter((one) => one.name === "asu"));
  out.asu = out.asu.filter((one) => !UNKNOWN_ASU.includes(one.value) && !NOT_AVAILABLE.includes(one.value));
  out.bare.unshift(...out.said.filter((one) => one.name === "signal"));
  out.said = out.said.filter((one) => one.name !== "asu" && one.name !== "signal" && one.name !== "other" && one.name !== "unknown");
  for (const list of /** @type {const} */ (["said", "bare", "doubtful", "unnamed"])) out[list] = out[list].filter((one) => !NOT_AVAILABLE.includes(one.value));
  return out;
}
