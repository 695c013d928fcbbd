// @ts-check
/** The words of the questions about a typed text, and of their answers. */
import { t } from "./messages.js";
import { reference, technologies } from "./reference.js";
import { QUANTITIES } from "./readings.js";

/** @typedef {import("./typed_rules.js").Question} Question */
/** @typedef {import("./typed_rules.js").Answer} Answer */

/** @param {string|null} field */
const nameOf = (field) => QUANTITIES.find(([key]) => key === field)?.[1] ?? "";

/** "RSRP −108 dBm" with a real minus. @param {string} field @param {number} value */
export function valueText(field, value) {
  const [, name, unit] = QUANTITIES.find(([key]) => key === field) ?? [field, field, ""];
  return `${name} ${numberText(value)} ${unit}`;
}

/** @param {number|null|undefined} value */
const numberText = (value) => String(value ?? "").replace("-", "\u2212");

/** As phones write it, in every language. @type {Object<string, string>} */
const NETWORKS = { gsm: "2G", wcdma: "3G", lte: "4G", nr_nsa: "5G NSA", nr_sa: "5G SA" };

/** @param {string} key */
export const networkText = (key) => NETWORKS[key] ?? t(technologies().find((one) => one.key === key)?.label ?? key);

/** @param {Answer} answer */
export function answerText(answer) {
  if (answer.technology) return networkText(answer.technology);
  return Object.entries(answer.values ?? {}).filter(([, value]) => value !== null).map(([field, value]) => valueText(field, Number(value))).join(", ");
}

/** @param {Question} question @param {string|null} technology @returns {string} */
export function questionText({ code, field, value, other, answers }, technology) {
  const name = nameOf(field);
  const said = { name, value: numberText(value), other: numberText(other), network: technology ? networkText(technology) : "" };
  const bounds = reference().technology_limits?.[technology ?? ""]?.[field ?? ""] ?? [value, value];
  const main = nameOf(reference().main_quantity?.[technology ?? ""] ?? "rsrp_dbm");
  switch (code) {
    case "technology": return technology ? t("This looks like another network. Which one does the phone show?") : t("Which network does the phone show?");
    case "sign": return t("Is a minus missing from {value}?", said);
    case "asu": return answers.length > 0 ? t("{value} looks like ASU, not dBm. What is meant?", said) : t("{value} looks like ASU. Please type the dBm value.", said);
    case "asu_differs": return t("{value} dBm and {other} ASU do not belong together. Which one is right?", said);
    case "rssi": return t("This looks like RSSI, not {main}. What is meant?", { main });
    case "order": return value === other ? t("RSRP and RSSI are the same: some phones copy one into the other. What is meant?") : t("RSRP cannot be stronger than RSSI. Are the two swapped?");
    case "bogus": return t("Some phones show {value} without measuring. Does it really stand there?", said);
    case "range": return t("The usual range is {minimum} to {maximum}. Is {value} right?", { value: said.value, minimum: numberText(Number(bounds[0])), maximum: numberText(Number(bounds[1])) });
    case "tenth": return t("{value}: some phones leave out the decimal point. What is meant?", said);
    case "two": return t("Two values for {name}. Which one is right?", said);
    case "which": return answers.length > 0 ? t("What does {value} stand for?", said) : t("Please write the name before each number, such as RSRP -108 RSRQ -12.");
    case "comma": return answers.length > 0 ? t("Is that one number with a comma?") : t("A number is not clear. Please type it again.");
    case "hyphen": return t("Is the line before the number a minus?");
    case "foreign": return t("{network} has no {name}. Please look again.", said);
    default: return t("No number found. Type a value such as -108.");
  }
}
