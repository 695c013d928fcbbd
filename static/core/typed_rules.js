// @ts-check
/**
 * The value a text means, or a question. Nothing is corrected by itself and nothing is forbidden:
 * what is odd has answers to tap, and what the officer insists on. The same rules are in
 * survey/domain/typed_rules.py. Sources of the traps: TS 27.007, 36.133, AOSP, netmonster-core.
 */
import { reference } from "./reference.js";
import { statementsOf } from "./typed_statements.js";
import { askWhich, FORMULAS, judgeLevel, judgeRatio, placeBare } from "./typed_values.js";

/** @typedef {import("./types.js").Technology} Technology */
/** @typedef {import("./typed_statements.js").Statement} Statement */
/** @typedef {Pick<import("./reference.js").Reference, "technology_limits"|"main_quantity">} Limits */

/**
 * One way to answer: values by field (null: leave it out), or another network.
 * @typedef {{values: Object<string, number|null>, technology?: undefined}|{technology: Technology, values?: undefined}} Answer
 *
 * @typedef {"technology"|"sign"|"asu"|"asu_differs"|"rssi"|"order"|"bogus"|"range"|"tenth"|"two"|"which"|"comma"|"hyphen"|"foreign"|"no_number"} QuestionCode
 * @typedef {{code: QuestionCode, field: string|null, value: number|null, other?: number, answers: Answer[], insist: Answer|null}} Question
 *
 * `values` are those beyond doubt. A question's answers stay out of them until they are given.
 * @typedef {{technology: Technology|null, values: Object<string, number>, questions: Question[]}} Understanding
 *
 * @typedef {{technology: Technology, main: string, within: (field: string, value: number) => boolean, has: (field: string) => boolean}} Case
 */

/** @type {Technology[]} */
const TECHNOLOGIES = ["gsm", "wcdma", "lte", "nr_nsa", "nr_sa"];
/** @type {Object<string, string>} */
const FIELDS = { rsrp: "rsrp_dbm", rsrq: "rsrq_db", sinr: "sinr_db", rssnr: "sinr_db", rssi: "rssi_dbm", rxlev: "rssi_dbm", rscp: "rscp_dbm", ecno: "ecno_db" };
/** No page of a phone is longer; more is a whole log. */
const LONGEST = 4000;
/** Only these networks have the quantity. @type {Object<string, Technology[]>} */
const ONLY = { rsrp: ["lte", "nr_nsa", "nr_sa"], rsrq: ["lte", "nr_nsa", "nr_sa"], sinr: ["lte", "nr_nsa", "nr_sa"], rssnr: ["lte"], rscp: ["wcdma"], ecno: ["wcdma"], rxlev: ["gsm"] };

/** @param {Statement} one @returns {string[]} networks it can be of */
function networksOf(one) {
  const named = one.nr ? ["nr_nsa", "nr_sa"] : (ONLY[one.name] ?? TECHNOLOGIES);
  if (one.networks.length === 0) return named;
  const both = named.filter((network) => one.networks.includes(network));
  return both.length > 0 || one.networks.every((network) => network === "cdma") ? both : named;
}

/**
 * Understand what a phone shows.
 * @param {string} text as typed or pasted
 * @param {Technology|null} technology as chosen; null when the text shall tell
 * @param {Limits} [limits]
 * @returns {Understanding}
 */
export function understandTyped(text, technology, limits = reference()) {
  if (!text.trim()) return { technology, values: {}, questions: [] };
  const told = statementsOf(text.slice(0, LONGEST));
  const all = [...told.said, ...told.bare, ...told.doubtful, ...told.unnamed];
  /** @type {(code: QuestionCode, more?: Partial<Question>) => Question} */
  const ask = (code, more) => ({ code, field: null, value: null, answers: [], insist: null, ...more });
  if (text.length > LONGEST || all.length + told.asu.length === 0) return { technology, values: {}, questions: [ask("no_number")] };
  const telling = told.said.length > 0 ? told.said : all;
  if (!technology || (telling.length > 0 && !telling.some((one) => networksOf(one).includes(technology)))) {
    const some = TECHNOLOGIES.filter((key) => telling.some((one) => networksOf(one).includes(key)));
    const every = TECHNOLOGIES.filter((key) => all.every((one) => networksOf(one).includes(key)));
    const may = technology || every.length === 0 ? some : every;
    if (!technology && every.length === 1) return understandTyped(text, every[0], limits);
    const fitting = may.filter((key) => told.asu.length === 1 && told.bare.length === 1 && FORMULAS.some(([of, factor, offset]) => of === key && told.bare[0].value === factor * told.asu[0].value + offset));
    const any = fitting.length > 0 ? fitting : may.length > 0 ? may : TECHNOLOGIES;
    const insist = technology ? insisted([...told.said, ...told.bare], technology, limits) : null;
    return { technology, values: {}, questions: [ask("technology", { answers: any.map((key) => ({ technology: key })), insist })] };
  }
  const keep = (/** @type {Statement[]} */ list) => list.filter((one) => networksOf(one).includes(technology));
  return weigh({ ...told, said: keep(told.said), bare: keep(told.bare), doubtful: keep(told.doubtful), unnamed: keep(told.unnamed), asu: keep(told.asu) }, caseOf(technology, limits));
}

/** The values of a foreign network, for who insists. @param {Statement[]} said @param {Technology} technology @param {Limits} limits @returns {Answer|null} */
function insisted(said, technology, limits) {
  const values = Object.fromEntries(said.map((one) => [FIELDS[one.name] ?? limits.main_quantity?.[technology] ?? "rsrp_dbm", one.value]));
  return said.length > 0 && Object.keys(values).length === said.length ? { values } : null;
}

/** @param {Technology} technology @param {Limits} limits @returns {Case} */
function caseOf(technology, limits) {
  const bounds = limits.technology_limits?.[technology];
  const main = limits.main_quantity?.[technology] ?? "rsrp_dbm";
  const within = (/** @type {string} */ field, /** @type {number} */ value) => !bounds || !bounds[field] || (value >= bounds[field][0] && value <= bounds[field][1]);
  return { technology, main, within, has: (field) => !bounds || field in bounds };
}

/** @param {import("./typed_statements.js").Statements} told @param {Case} room @returns {Understanding} */
function weigh(told, room) {
  /** @type {Map<string, Statement[]>} */
  const byField = new Map();
  const add = (/** @type {string} */ field, /** @type {Statement} */ one) => byField.set(field, [...(byField.get(field) ?? []), one]);
  for (const one of told.said) add(FIELDS[one.name], one);
  for (const [field, list] of byField) if (list.some((one) => !one.antenna)) byField.set(field, list.filter((one) => !one.antenna));
  const loose = placeBare(told, room, byField, add);

  /** @type {Understanding} */
  const out = { technology: room.technology, values: {}, questions: [] };
  for (const [field, list] of byField) {
    const question = judge(field, list, room, byField, told.modern);
    if (question) out.questions.push(question);
    else out.values[field] = list[0].value;
  }
  relate(told, room, out, byField);
  if (loose.length > 0) out.questions.push(askWhich(loose, room, byField));
  if (Object.keys(out.values).length + out.questions.length === 0) {
    const unnamed = told.unnamed.map((one) => ({ ...one, name: "" }));
    out.questions.push(unnamed.length > 0 ? askWhich(unnamed, room, byField) : { code: "no_number", field: null, value: null, answers: [], insist: null });
  }
  return out;
}

/** @param {string} field @param {Statement[]} list @param {Case} room @param {Map<string, Statement[]>} byField @param {boolean} modern @returns {Question|null} */
function judge(field, list, room, byField, modern) {
  const [one] = list;
  const numbers = [...new Set(list.map((each) => each.value))];
  const common = { field, value: one.value, insist: { values: { [field]: one.value } } };
  if (numbers.length > 1) {
    const meant = [...new Set(numbers.map((value) => (room.within(field, value) ? value : -value)))].filter((value) => room.within(field, value));
    return { code: "two", field, value: one.value, other: numbers[1], answers: meant.map((value) => ({ values: { [field]: value } })), insist: null };
  }
  if (one.unclear) return { ...common, code: "comma", answers: room.within(field, one.value) ? [{ values: { [field]: one.value } }] : [], insist: null };
  if (!room.has(field)) return { ...common, code: "foreign", answers: [] };
  const mainGiven = byField.has(room.main) || list.some((each) => each.name === "signal" || each.name === "");
  if (field === "rssi_dbm" && room.main !== field && !mainGiven && room.within(field, one.value)) {
    return { ...common, code: "rssi", answers: [{ values: { rssi_dbm: one.value } }], insist: { values: { [room.main]: one.value } } };
  }
  const rsrq = byField.get("rsrq_db")?.[0].value;
  return field.endsWith("_dbm") ? judgeLevel(field, one, room, rsrq) : judgeRatio(field, one, room, modern);
}

/**
 * What two values say of each other: RSRP and RSSI, dBm and ASU.
 * @param {import("./typed_statements.js").Statements} told @param {Case} room @param {Understanding} out @param {Map<string, Statement[]>} byField
 */
function relate(told, room, out, byField) {
  const { rsrp_dbm: rsrp, rssi_dbm: rssi } = out.values;
  if (rsrp !== undefined && rssi !== undefined && rsrp >= rssi) {
    delete out.values.rsrp_dbm;
    delete out.values.rssi_dbm;
    const answer = rsrp === rssi ? { rsrp_dbm: rsrp, rssi_dbm: null } : { rsrp_dbm: rssi, rssi_dbm: rsrp };
    out.questions.push({ code: "order", field: "rsrp_dbm", value: rsrp, other: rssi, answers: [{ values: answer }], insist: { values: { rsrp_dbm: rsrp, rssi_dbm: rssi } } });
    return;
  }
  const asu = told.asu[0]?.value;
  if (asu === undefined) return;
  const main = out.values[room.main];
  const own = FORMULAS.filter(([key]) => key === room.technology);
  const [, factor, offset] = own[0];
  if (main === undefined) {
    const dbm = factor * asu + offset;
    const answers = own.length === 1 && room.within(room.main, dbm) ? [{ values: { [room.main]: dbm } }] : [];
    if (!byField.has(room.main) && !byField.has("rssi_dbm")) out.questions.push({ code: "asu", field: room.main, value: asu, answers, insist: null });
    return;
  }
  const fitting = FORMULAS.filter(([, by, plus]) => main === by * asu + plus).map(([key]) => key);
  if (fitting.includes(room.technology)) return;
  delete out.values[room.main];
  const insist = { values: { [room.main]: main } };
  const common = { field: room.main, value: main, other: asu, insist };
  if (fitting.includes("gsm") && room.has("rssi_dbm")) out.questions.push({ ...common, code: "rssi", answers: [{ values: { rssi_dbm: main } }, { technology: "gsm" }] });
  else if (fitting.length > 0) out.questions.push({ ...common, code: "technology", answers: [...new Set(fitting)].map((technology) => ({ technology })) });
  else out.questions.push({ ...common, code: "asu_differs", answers: own.length === 1 && room.within(room.main, factor * asu + offset) ? [insist, { values: { [room.main]: factor * asu + offset } }] : [insist], insist: null });
}

